from django.apps import AppConfig


class UiConfig(AppConfig):
    """HTML for people."""

    name = "voronka.ui"
    label = "ui"

    def ready(self) -> None:
        from voronka.ui.accounts import heard, letters, seen, signins  # noqa: F401 - they listen to what happens
