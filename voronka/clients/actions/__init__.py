"""Verbs on clients: companies, people, how to reach them, where they bank."""

from voronka.clients.actions.access import grant_access, refuse_access, request_access
from voronka.clients.actions.companies import (
    COMPANY_FIELDS,
    assign_company,
    create_company,
    delete_company,
    edit_company,
    restore_company,
    tag_company,
    untag_company,
)
from voronka.clients.actions.contacts import (
    ACCOUNT_FIELDS,
    add_account,
    add_contact,
    edit_account,
    edit_contact,
    remove_account,
    remove_contact,
)
from voronka.clients.actions.merging import dismiss_pair, merge_companies, merge_people
from voronka.clients.actions.people import (
    PERSON_FIELDS,
    add_position,
    assign_person,
    create_person,
    delete_person,
    edit_person,
    edit_position,
    remove_position,
    restore_person,
)
from voronka.clients.actions.summaries import UNSET, note_contacts, note_person_contacts

__all__ = [
    "ACCOUNT_FIELDS",
    "COMPANY_FIELDS",
    "PERSON_FIELDS",
    "UNSET",
    "add_account",
    "add_contact",
    "add_position",
    "assign_company",
    "assign_person",
    "create_company",
    "create_person",
    "delete_company",
    "delete_person",
    "dismiss_pair",
    "edit_account",
    "edit_company",
    "edit_contact",
    "edit_person",
    "edit_position",
    "grant_access",
    "merge_companies",
    "merge_people",
    "note_contacts",
    "note_person_contacts",
    "refuse_access",
    "remove_account",
    "remove_contact",
    "remove_position",
    "request_access",
    "restore_company",
    "restore_person",
    "tag_company",
    "untag_company",
]
