"""Shaping the data: the company's own fields, layouts of cards, tags, numbering."""
