from typing import Any

from django.apps import AppConfig


def _describe() -> dict[str, Any]:
    from voronka.api.openapi import document
    from voronka.api.urls import api

    return document(api)


class ApiConfig(AppConfig):
    """JSON for programs."""

    name = "voronka.api"
    label = "api"

    def ready(self) -> None:
        from voronka.core.interfaces import register_description

        register_description(_describe)
