"""Files on cards: taken by what they hold, kept under names of our own, deleted so that undo finds them."""
