"""Addresses of: the import wizard."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.imports import answers, steps, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("imports/", views.imports, name="imports"),
    path("import/", views.start, name="import_start"),
    path("import/<int:pk>/", views.one, name="import_one"),
    path("import/<int:pk>/files/", steps.files, name="import_files"),
    path("import/<int:pk>/subject/", steps.subject, name="import_subject"),
    path("import/<int:pk>/leave/", answers.leave, name="import_leave"),
    path("import/<int:pk>/same/", answers.same, name="import_same"),
    path("import/<int:pk>/fields/", answers.make_fields, name="import_make_fields"),
    path("import/<int:pk>/columns/", steps.columns, name="import_columns"),
    path("import/<int:pk>/stages/", steps.stages, name="import_stages"),
    path("import/<int:pk>/preview/", steps.preview, name="import_preview"),
    path("import/<int:pk>/run/", steps.run, name="import_run"),
    path("import/<int:pk>/progress/", views.progress, name="import_progress"),
    path("import/<int:pk>/errors/", views.errors, name="import_errors"),
    path("import/<int:pk>/undo/", views.undo, name="import_undo"),
    path("import/<int:pk>/discard/", views.discard, name="import_discard"),
]
