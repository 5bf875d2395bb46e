"""Letters out of the house."""
