"""KPIs: what is counted (`counting`), and how the numbers are judged (`scores`)."""
