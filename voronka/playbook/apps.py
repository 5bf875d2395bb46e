from django.apps import AppConfig


class PlaybookConfig(AppConfig):
    """How we sell: funnels, stages, reasons, activity kinds."""

    name = "voronka.playbook"
    label = "playbook"

    def ready(self) -> None:
        from voronka.playbook import dictionaries, events  # noqa: F401
