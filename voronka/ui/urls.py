"""Every address for people: outside a workspace first, then what lives under `/w/<slug>/`.

A subject adds its addresses in its own `urls.py`; this file only says where they stand. Views inside a
workspace never see the slug: `WorkspaceMiddleware` takes `workspace_slug` away and sets `request.workspace`.
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from voronka.ui.activities.calendar_link import feed
from voronka.ui.presence import here

workspace_urls: list[URLPattern | URLResolver] = [
    path("", include("voronka.ui.activities.urls")),
    path("", include("voronka.ui.deals.urls")),
    path("", include("voronka.ui.decisions.urls")),
    path("", include("voronka.ui.clients.urls")),
    path("", include("voronka.ui.book.urls")),
    path("", include("voronka.ui.plans.urls")),
    path("", include("voronka.ui.reports.urls")),
    path("", include("voronka.ui.imports.urls")),
    path("", include("voronka.ui.lists.urls")),
    path("", include("voronka.ui.search.urls")),
    path("", include("voronka.ui.palette.urls")),
    path("", include("voronka.ui.notices.urls")),
    path("", include("voronka.ui.guide.urls")),
    path("", include("voronka.ui.settings.urls")),
    path("", include("voronka.ui.shape.urls")),
    path("", include("voronka.ui.files.urls")),
    path("", include("voronka.ui.past.urls")),
    path("", include("voronka.ui.undo.urls")),
    path("here/<str:kind>/<int:pk>/", here, name="here"),
]

urlpatterns = [
    path("", include("voronka.ui.accounts.urls")),
    path("", include("voronka.ui.showcase.urls")),
    path("calendar/<str:secret>.ics", feed, name="calendar_feed"),
    path("w/<slug:workspace_slug>/", include(workspace_urls)),
]
