"""What the frame of every page needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from voronka.ui import navigation
from voronka.ui.words import words_for_scripts
from voronka.workspaces.models import Member


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Lazy where it can be: fragments do not draw the frame and should not pay for it."""
    user = getattr(request, "user", None)
    return {
        "frame": Frame(request),
        "hidden": Hidden(getattr(request, "member", None)),
        "languages": settings.LANGUAGES,
        "theme": getattr(user, "theme", "") or request.COOKIES.get("theme", "auto"),
    }


class Hidden:
    """The fields that whoever looks is kept from, for templates: `{% if "amount" not in hidden.deal %}`."""

    def __init__(self, member: Member | None) -> None:
        self._member = member

    @property
    def deal(self) -> frozenset[str]:
        return self._of("deal")

    @property
    def client(self) -> frozenset[str]:
        return self._of("client")

    def _of(self, subject: str) -> frozenset[str]:
        return frozenset() if self._member is None else self._member.hidden_fields(subject)


class Frame:
    """Navigation, addresses of the head and words for scripts, computed when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._workspace = getattr(request, "workspace", None)
        self.member = getattr(request, "member", None)

    @property
    def slug(self) -> str:
        return getattr(self._workspace, "slug", "")

    def _url(self, name: str) -> str:
        return navigation.optional_url(name, self.slug) if self.slug else ""

    @property
    def items(self) -> list[navigation.ShownItem]:
        if not self.slug:
            return []
        return navigation.shown(navigation.ITEMS, slug=self.slug, member=self.member)

    @property
    def phone_items(self) -> list[navigation.ShownItem]:
        return [item for item in self.items if item.phone]

    @property
    def more_items(self) -> list[navigation.ShownItem]:
        return [item for item in self.items if not item.phone]

    @property
    def settings_url(self) -> str:
        return self._url("settings")

    @property
    def profile_url(self) -> str:
        return self._url("profile") or self.settings_url

    @property
    def companies(self) -> list[tuple[str, str]]:
        """The person's other companies: name and address."""
        return [
            (other.workspace.name, navigation.workspace_url("workspace", other.workspace.slug))
            for other in getattr(self._request, "memberships", ())
            if other.workspace_id != self._workspace.pk  # type: ignore[union-attr]
        ]

    @property
    def search_url(self) -> str:
        return self._url("search")

    @property
    def suggest_url(self) -> str:
        """Answers what is found while typing, as a fragment."""
        return self._url("search_suggest") or self.search_url

    @property
    def colleagues_url(self) -> str:
        """Whom one can mention."""
        return self._url("mention_people")

    @property
    def palette_url(self) -> str:
        return self._url("palette")

    @property
    def at_hand_url(self) -> str:
        return self._url("at_hand")

    @property
    def notices_url(self) -> str:
        return self._url("notices")

    @property
    def notices_badge_url(self) -> str:
        return self._url("notices_badge")

    @property
    def live_url(self) -> str:
        """Not a Django address: the ASGI server answers it (`voronka.ui.live`)."""
        return f"/w/{self.slug}/live" if self.slug else ""

    @property
    def new_deal_url(self) -> str:
        return self._url("deal_new") if self._may("deal") else ""

    @property
    def new_company_url(self) -> str:
        return self._url("company_new") if self._may("client") else ""

    @property
    def new_person_url(self) -> str:
        return self._url("person_new") if self._may("client") else ""

    @property
    def new_activity_url(self) -> str:
        return self._url("activity_new") if self._may("activity") else ""

    def _may(self, subject: str) -> bool:
        return self.member is None or self.member.may(subject, "create")

    @property
    def words(self) -> dict[str, str]:
        return words_for_scripts()
