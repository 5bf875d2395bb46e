"""Fields that a company makes for itself on companies, people, deals and activities.

A room above takes part so: its model is `Shaped`; it registers a `FieldSubject`; its verbs call `clean()` before
they lock, `merge()` and `put()` of `core.edits`, `told_changes()` for the event, `require_given()` at creation.
"""
