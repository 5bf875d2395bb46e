from django.apps import AppConfig


class ApiConfig(AppConfig):
    """JSON for programs."""

    name = "voronka.api"
    label = "api"
