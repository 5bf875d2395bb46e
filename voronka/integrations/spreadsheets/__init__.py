"""Deals and clients out of spreadsheets.

`matching` tells which column is which, `parsing` reads the rows into deals without touching the database,
`assessing` compares them with what is there (the preview and the dry run), `writing` brings them in whole in
one transaction, `undoing` takes them back, `running` is what the wizard, the job and the command call.
"""
