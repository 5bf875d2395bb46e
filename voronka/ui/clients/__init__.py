"""Companies and people."""
