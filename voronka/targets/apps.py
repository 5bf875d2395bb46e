from django.apps import AppConfig


class TargetsConfig(AppConfig):
    """What people decide about numbers: sales plans, KPIs."""

    name = "voronka.targets"
    label = "targets"

    def ready(self) -> None:
        from voronka.targets import events  # noqa: F401
        from voronka.targets.kpis import counting  # noqa: F401
