"""The demo company: believable, made from nothing but a seed and a day."""
