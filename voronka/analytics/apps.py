from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What every number means; reads only."""

    name = "voronka.analytics"
    label = "analytics"

    def ready(self) -> None:
        from voronka.analytics import changes, events  # noqa: F401
        from voronka.analytics.cuts import intake, outcomes, reasons  # noqa: F401
        from voronka.analytics.funnel import command  # noqa: F401
        from voronka.analytics.pipeline import report as pipeline  # noqa: F401
        from voronka.analytics.sellers import report as sellers  # noqa: F401
