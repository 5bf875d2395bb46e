"""Addresses of: today, calls, meetings, tasks."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.activities import calendar, calendar_link, composing, listed, places, today, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("today/", today.today, name="today"),
    path("today/handed/", today.handed, name="today_handed"),
    path("today/badge/", today.badge, name="today_badge"),
    path("today/close-date/<int:pk>/", today.close_date, name="today_close_date"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/entries/", calendar.entries, name="calendar_entries"),
    path("calendar/link/", calendar_link.link, name="calendar_link"),
    path("calendar/link/close/", calendar_link.close, name="calendar_link_close"),
    path("activities/", listed.activities, name="activities"),
    path("activities/new/", composing.new, name="activity_new"),
    path("activities/compose/", composing.compose, name="activity_compose"),
    path("activities/places/", places.options, name="activity_places"),
    path("activities/<int:pk>/", views.activity, name="activity"),
    path("activities/<int:pk>/edit/", views.edit, name="activity_edit"),
    path("activities/<int:pk>/complete/", views.complete, name="activity_complete"),
    path("activities/<int:pk>/reschedule/", views.reschedule, name="activity_reschedule"),
    path("activities/<int:pk>/move/", calendar.move, name="activity_move"),
    path("activities/<int:pk>/stop/", views.stop, name="activity_stop"),
    path("activities/<int:pk>/cancel/", views.cancel, name="activity_cancel"),
    path("activities/<int:pk>/reopen/", views.reopen, name="activity_reopen"),
]
