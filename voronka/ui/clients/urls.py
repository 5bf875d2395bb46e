"""Addresses of clients, their feeds and notes, inside a workspace."""

from django.urls import path

from voronka.ui.clients import cards, changes, choosing, creating, lists, notes

urlpatterns = [
    path("clients/", lists.companies, name="companies"),
    path("clients/new/", creating.company_new, name="company_new"),
    path("clients/duplicates/", creating.company_duplicates, name="company_duplicates"),
    path("clients/options/", choosing.companies_options, name="companies_options"),
    path("clients/create/", choosing.company_on_the_spot, name="company_on_the_spot"),
    path("clients/<int:pk>/", cards.company, name="company"),
    path("clients/<int:pk>/edit/", changes.company_edit, name="company_edit"),
    path("clients/<int:pk>/key/", changes.company_key, name="company_key"),
    path("clients/<int:pk>/assign/", changes.company_assign, name="company_assign"),
    path("clients/<int:pk>/delete/", changes.company_delete, name="company_delete"),
    path("clients/<int:pk>/tags/", changes.tag_add, name="tag_add"),
    path("clients/<int:pk>/tags/<int:tag>/remove/", changes.tag_remove, name="tag_remove"),
    path("clients/<int:pk>/contacts/", changes.company_contact_add, name="company_contact_add"),
    path("clients/<int:pk>/accounts/", changes.account_add, name="account_add"),
    path("clients/accounts/<int:pk>/", changes.account_edit, name="account_edit"),
    path("clients/accounts/<int:pk>/remove/", changes.account_remove, name="account_remove"),
    path("clients/contacts/<int:pk>/", changes.contact_edit, name="contact_edit"),
    path("clients/contacts/<int:pk>/remove/", changes.contact_remove, name="contact_remove"),
    path("clients/posts/<int:pk>/", changes.position_edit, name="position_edit"),
    path("clients/posts/<int:pk>/remove/", changes.position_remove, name="position_remove"),
    path("people/", lists.people, name="people"),
    path("people/new/", creating.person_new, name="person_new"),
    path("people/options/", choosing.people_options, name="people_options"),
    path("people/create/", choosing.person_on_the_spot, name="person_on_the_spot"),
    path("people/<int:pk>/", cards.person, name="person"),
    path("people/<int:pk>/edit/", changes.person_edit, name="person_edit"),
    path("people/<int:pk>/assign/", changes.person_assign, name="person_assign"),
    path("people/<int:pk>/delete/", changes.person_delete, name="person_delete"),
    path("people/<int:pk>/posts/", changes.position_add, name="position_add"),
    path("people/<int:pk>/contacts/", changes.person_contact_add, name="person_contact_add"),
    path("feed/<slug:kind>/<int:pk>/", notes.feed, name="feed"),
    path("notes/<slug:kind>/<int:pk>/", notes.note_add, name="note_add"),
    path("notes/<int:pk>/edit/", notes.note_edit, name="note_edit"),
    path("notes/<int:pk>/pin/", notes.note_pin, name="note_pin"),
    path("notes/<int:pk>/delete/", notes.note_delete, name="note_delete"),
]
