"""`voronka bench`: how long people wait, at ten thousand deals and at a million."""
