from django.apps import AppConfig


class UiConfig(AppConfig):
    """HTML for people."""

    name = "voronka.ui"
    label = "ui"

    def ready(self) -> None:
        from voronka.desk.delivery.channels import register
        from voronka.ui.accounts import heard, letters, seen, signins  # noqa: F401 - they listen to what happens
        from voronka.ui.notices.letters import Mail

        register(Mail())
