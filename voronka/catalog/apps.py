from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What we sell: product groups and products."""

    name = "voronka.catalog"
    label = "catalog"

    def ready(self) -> None:
        from voronka.catalog import dictionaries, listing  # noqa: F401
