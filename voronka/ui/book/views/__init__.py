"""Screens of the sales book."""
