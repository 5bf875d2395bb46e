"""What leads a deal to its end: people on both sides, talks about the price, competitors."""
