"""Board, table and card of deals."""
