"""The one interface of channels. The bell is here; a room above adds another with `register()`, in its `ready()`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from voronka.desk.delivery.models import Delivery, DeliveryState

if TYPE_CHECKING:
    from voronka.desk.delivery.digest import Digest
    from voronka.workspaces.models import Member

BELL = "bell"


class Channel(ABC):
    """A way to a member. `loud`: it disturbs, so that quiet hours and the daily cap hold for it."""

    code: ClassVar[str]
    label: ClassVar[Any]
    icon: ClassVar[str] = "bell"
    loud: ClassVar[bool] = True
    # Whether a kind that the member has said nothing about comes this way.
    wanted_by_default: ClassVar[bool] = False
    # Whether the morning letter goes this way.
    takes_digests: ClassVar[bool] = False

    def obstacle(self, member: Member) -> str:
        """What stands in the way to *member* (no address, no device), in words; "" for nothing."""
        return ""

    def reaches(self, member: Member) -> bool:
        """Whether there is a way to *member* at all."""
        return not self.obstacle(member)

    @abstractmethod
    def deliver(self, member: Member, deliveries: Sequence[Delivery], *, letter: str) -> DeliveryState:
        """Hand *deliveries* of *member*, of one moment, over in one piece named *letter*; return what became of them.

        Called in a transaction and in the member's language and time zone. What it raises is written into the log and
        tried again later; so it must either do all or nothing.
        """

    def deliver_digest(self, digest: Digest, *, delivery: Delivery) -> DeliveryState:
        """Hand the morning letter over, in the member's language; asked only of who `takes_digests`."""
        raise NotImplementedError(self.code)


class Bell(Channel):
    """The line in the bell. The notice itself is what the member sees, so it is delivered when it is written."""

    code = BELL
    label = _("Bell")
    loud = False
    wanted_by_default = True

    def deliver(self, member: Member, deliveries: Sequence[Delivery], *, letter: str) -> DeliveryState:
        return DeliveryState.SENT


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Add a way. Raises `ValueError` for a code that is taken by another class."""
    present = _channels.setdefault(channel.code, channel)
    if type(present) is not type(channel):
        raise ValueError(f"channel {channel.code!r} is {type(present).__name__}")


def channels() -> list[Channel]:
    """All ways, the bell first."""
    return list(_channels.values())


def channel_of(code: str) -> Channel | None:
    """The way called *code*; None when its room is gone."""
    return _channels.get(code)


register(Bell())
