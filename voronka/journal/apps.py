from django.apps import AppConfig


class JournalConfig(AppConfig):
    """What happened: the append-only log that feeds everything else."""

    name = "voronka.journal"
    label = "journal"
