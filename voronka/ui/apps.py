from django.apps import AppConfig


class UiConfig(AppConfig):
    """HTML for people."""

    name = "voronka.ui"
    label = "ui"
