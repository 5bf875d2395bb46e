"""What every report of the head's hour shares: how it is asked (`question`), what it answers (`answer`)."""
