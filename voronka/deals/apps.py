from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals and their history."""

    name = "voronka.deals"
    label = "deals"
