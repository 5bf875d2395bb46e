from django.apps import AppConfig


class TargetsConfig(AppConfig):
    """What people decide about numbers: sales plans."""

    name = "voronka.targets"
    label = "targets"
