from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Doors to other systems, one folder each."""

    name = "voronka.integrations"
    label = "integrations"

    def ready(self) -> None:
        from voronka.integrations import events  # noqa: F401
