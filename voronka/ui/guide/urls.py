"""Addresses of: first steps, tours."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.guide import dialogue, first_deal, how, steps, tours

urlpatterns: list[URLPattern | URLResolver] = [
    path("first-steps/", steps.first_steps, name="first_steps"),
    path("first-steps/hide/", steps.hide, name="first_steps_hide"),
    path("first-steps/book/", dialogue.dialogue, name="first_book"),
    path("first-steps/template/", dialogue.build, name="choose_template"),
    path("first-steps/deal/", first_deal.first_deal, name="first_deal"),
    path("book/stages/<int:pk>/how/", how.how, name="stage_how"),
    path("tours/<slug:code>/seen/", tours.seen, name="tour_seen"),
]
