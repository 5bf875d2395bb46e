"""What a field was before."""
