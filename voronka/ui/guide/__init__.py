"""The first quarter of an hour and what follows: the dialogue that makes the first book, the checklist, tours."""
