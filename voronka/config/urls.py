"""Every address of the house."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/", include("voronka.api.urls")),
    path("", include("voronka.ui.urls")),
]

handler400 = "voronka.ui.errors.bad_request"
handler403 = "voronka.ui.errors.forbidden"
handler404 = "voronka.ui.errors.not_found"
