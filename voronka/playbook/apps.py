from django.apps import AppConfig


class PlaybookConfig(AppConfig):
    """How we sell: funnels, stages, reasons, activity kinds."""

    name = "voronka.playbook"
    label = "playbook"

    def ready(self) -> None:
        from voronka.journal.registry import on
        from voronka.playbook import cell_events, closing, dictionaries, events, kpi_events, measures  # noqa: F401
        from voronka.playbook.versions import after_undo, follow_rooms

        # All that can change the book; an event of another room is followed where it is declared.
        follow_rooms("funnel", "stage", "book", "entry", "cell", "kpi")
        on("event.undone")(after_undo)
