"""Leaving a stage: exit criteria of the sales book, asked by every way a deal can go on."""
