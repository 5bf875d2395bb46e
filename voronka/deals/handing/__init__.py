"""Deals handed over with a sheet that the new owner accepts, and shared out among several by a rule."""
