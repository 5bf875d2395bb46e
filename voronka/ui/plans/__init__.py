"""Plans by seller and month."""
