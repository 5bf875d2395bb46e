"""Addresses of the interface for programs."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from voronka.api.openapi import document
from voronka.api.problems import Problem
from voronka.api.service import build

api = build()


def openapi(request: HttpRequest) -> HttpResponse:
    """What the interface is like, as OpenAPI 3.1."""
    return HttpResponse(json.dumps(document(api), ensure_ascii=False), content_type="application/json")


def unknown(request: HttpRequest) -> HttpResponse:
    """Any other address under `/api/`."""
    return Problem(404).response(request)


urlpatterns = [
    path("v1/openapi.json", openapi, name="api_openapi"),
    path("v1/", api.urls),
    re_path(r"^.*$", unknown, name="api_unknown"),
]
