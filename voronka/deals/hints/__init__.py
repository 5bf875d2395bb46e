"""«Следующий шаг»: what is wrong with a deal or missing, and what to do about it. The table: docs/hints.md."""
