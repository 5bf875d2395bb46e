"""`voronka openapi`: write the description of the interface for programs where it is kept."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from voronka.api.openapi import document

SNAPSHOT = Path(__file__).resolve().parents[4] / "docs" / "api" / "openapi.json"


def snapshot() -> str:
    """The description as it stands in the repository."""
    from voronka.api.urls import api

    return json.dumps(document(api), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


class Command(BaseCommand):
    help = "Write the OpenAPI description of the interface for programs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", default=str(SNAPSHOT), metavar="FILE", help="by default docs/api/openapi.json"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["to"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(snapshot(), encoding="utf-8")
        self.stdout.write(str(path))
