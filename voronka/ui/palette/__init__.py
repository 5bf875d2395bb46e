"""The command palette: find anything, go anywhere, do what can be done with the card that is open."""
