from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Companies and people we sell to, their segments and sources."""

    name = "voronka.clients"
    label = "clients"

    def ready(self) -> None:
        from voronka.clients import dictionaries, events, listeners, listing, own_fields, past  # noqa: F401
