"""The rooms of the interface, in the order of the documentation."""

from voronka.api.rooms import (
    activities,
    book,
    companies,
    contacts,
    deals,
    dictionaries,
    feeds,
    fields,
    led,
    me,
    members,
    notes,
    people,
    products,
    reports,
    search,
)

ROOMS = [
    ("Me", me.router),
    ("Deals", deals.router),
    ("Talks", led.router),
    ("Companies", companies.router),
    ("People", people.router),
    ("Contacts", contacts.router),
    ("Activities", activities.router),
    ("Notes", notes.router),
    ("Events", feeds.router),
    ("Funnels", book.router),
    ("Dictionaries", dictionaries.router),
    ("Products", products.router),
    ("Fields", fields.router),
    ("Members", members.router),
    ("Search", search.router),
    ("Reports", reports.router),
]
