from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What we sell: product groups and products."""

    name = "voronka.catalog"
    label = "catalog"
