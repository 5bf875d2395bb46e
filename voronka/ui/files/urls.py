"""Addresses of: files on cards."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.files import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("files/<slug:kind>/<int:pk>/", views.files, name="files"),
    path("file/<int:pk>/", views.download, name="file"),
    path("file/<int:pk>/content/", views.content, name="file_content"),
    path("file/<int:pk>/preview/", views.preview, name="file_preview"),
    path("file/<int:pk>/delete/", views.delete, name="file_delete"),
]
