"""A program that calls the interface with a token of a member."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.test import Client
from django.utils import timezone

from voronka.core.tenancy import scope
from voronka.workspaces.actions import create_token
from voronka.workspaces.models import ApiToken, Member
from voronka.workspaces.rights import Reach
from voronka.workspaces.scopes import Scope


class Program:
    """`Program.of(world.anna).get("/deals/")` answers with a response of which `.json()` and `.status_code` tell."""

    def __init__(self, secret: str, token: ApiToken | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.secret, self.token = secret, token

    @classmethod
    def of(cls, member: Member, *scopes: str, reach: int = Reach.ALL) -> Program:
        with scope(member.workspace_id):
            token, secret = create_token(
                actor=Member.objects.get(pk=member.pk),
                name="Тест",
                scopes=scopes or Scope.values,
                reach=reach,
                expires_at=timezone.now() + dt.timedelta(days=1),
            )
        return cls(secret, token)

    def ask(self, method: str, address: str, body: Any = None, **headers: str) -> Any:
        """Headers are named as in Python: `Idempotency_Key="1"`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content: dict[str, Any] = {}
        if body is not None:
            content = {
                "data": body if isinstance(body, bytes | str) else json.dumps(body, default=str),
                "content_type": given.pop("Content-Type", "application/json"),
            }
        with scope(None):
            return self.client.generic(
                method,
                address if address.startswith("/api/") else f"/api/v1{address}",
                content.get("data", ""),
                content_type=content.get(
                    "content_type", "application/octet-stream" if body is not None else ""
                ),
                headers={"Authorization": f"Bearer {self.secret}", "Accept-Language": "ru", **given},
            )

    def get(self, address: str, **headers: str) -> Any:
        return self.ask("GET", address, **headers)

    def post(self, address: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", address, {} if body is None else body, **headers)

    def patch(self, address: str, body: Any, **headers: str) -> Any:
        return self.ask("PATCH", address, body, **headers)

    def delete(self, address: str, **headers: str) -> Any:
        return self.ask("DELETE", address, **headers)

    def all(self, address: str) -> list[Any]:
        """Every item of a list, page by page."""
        found: list[Any] = []
        cursor = ""
        while True:
            sign = "&" if "?" in address else "?"
            page = self.get(f"{address}{sign}cursor={cursor}" if cursor else address).json()
            found += page["items"]
            cursor = page["next"]
            if not cursor:
                return found
