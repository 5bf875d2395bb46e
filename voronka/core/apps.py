from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The ground floor: tenancy, clock, errors, text. It has no tables of its own."""

    name = "voronka.core"
    label = "core"

    def ready(self) -> None:
        from voronka.core import lookups  # noqa: F401
