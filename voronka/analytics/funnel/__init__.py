"""The report «Воронка продаж» (metrics.md#funnel)."""
