from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Deals and their history."""

    name = "voronka.deals"
    label = "deals"

    def ready(self) -> None:
        from voronka.deals import elsewhere, events, listeners, listing, own_fields, past  # noqa: F401
        from voronka.deals.closing import digest as losses  # noqa: F401
        from voronka.deals.leaving import digest  # noqa: F401
