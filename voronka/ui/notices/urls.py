"""Addresses of: the bell."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui import mentions
from voronka.ui.notices import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("notices/", views.notices, name="notices"),
    path("mentions/people/", mentions.people, name="mention_people"),
    path("notices/badge/", views.badge, name="notices_badge"),
    path("notices/read/", views.read, name="notices_read"),
    path("notices/<int:pk>/snooze/", views.snooze_line, name="notice_snooze"),
    path("notices/<int:pk>/", views.follow, name="notice"),
]
