from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """Companies that use the system: accounts, members, roles, teams."""

    name = "voronka.workspaces"
    label = "workspaces"

    def ready(self) -> None:
        from voronka.workspaces import events  # noqa: F401 - declares the event types
