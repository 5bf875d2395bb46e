"""Sellers compared: what they did, what they have in work, what came of it."""
