"""Addresses of: the past of a field."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.past import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("past/<str:kind>/<int:pk>/<str:field>/", views.past, name="field_past"),
    path("past/<str:kind>/<int:pk>/<str:field>/back/", views.back, name="field_back"),
]
