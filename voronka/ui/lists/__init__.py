"""The list machine on the screen: one table, one filter builder, one set of views, for every registered subject."""
