from django.apps import AppConfig


class DeskConfig(AppConfig):
    """What every subject uses: notes, tags, search rows, notices, import batches."""

    name = "voronka.desk"
    label = "desk"

    def ready(self) -> None:
        from voronka.desk import audit_events, events, tags  # noqa: F401
        from voronka.desk.fields import events as field_events  # noqa: F401
        from voronka.desk.fields import kept, listed  # noqa: F401
        from voronka.desk.files import events as file_events  # noqa: F401
        from voronka.desk.lists import events as list_events  # noqa: F401
