from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """Companies that use the system: accounts, members, roles, teams."""

    name = "voronka.workspaces"
    label = "workspaces"

    def ready(self) -> None:
        from voronka.workspaces import events, security_events  # noqa: F401 - they declare the event types
