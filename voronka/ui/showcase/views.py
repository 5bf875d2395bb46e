"""Every component with sample content, in both themes: the place to try a change of the look."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from voronka.ui.showcase.samples import samples


def components(request: HttpRequest) -> HttpResponse:
    """The page of components; for developers and staff only."""
    user: Any = request.user
    if not (settings.DEBUG or getattr(user, "is_staff", False)):
        raise Http404
    return render(request, "showcase/components.html", samples())
