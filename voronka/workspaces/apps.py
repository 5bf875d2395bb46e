from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """Companies that use the system: accounts, members, roles, teams."""

    name = "voronka.workspaces"
    label = "workspaces"

    def ready(self) -> None:
        # They declare the event types.
        from voronka.workspaces import (  # noqa: F401
            events,
            rates,
            role_events,
            security_events,
            signin_events,
            working_days,
        )
