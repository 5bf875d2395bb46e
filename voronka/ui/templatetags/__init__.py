"""Template tags and filters of every screen."""
