"""The one list machine: fields, conditions, keyset pages, saved views, bulk work, exports, for every subject.

A room describes its subject once (`<room>/listing.py` → `registry.register(Listing(...))`); tables, filters, boards,
exports, reports and the API read that one description.
"""
