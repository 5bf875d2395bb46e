from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """Calls, meetings, tasks: planned and done."""

    name = "voronka.activities"
    label = "activities"

    def ready(self) -> None:
        from voronka.activities import (  # noqa: F401
            announcements,
            digest,
            events,
            hints,
            leaving,
            listeners,
            listing,
            own_fields,
            ties,
        )
