"""The words of a deal."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Outcome(models.TextChoices):
    """Where a deal ended, if it did."""

    OPEN = "open", pgettext_lazy("deal", "in work")
    WON = "won", pgettext_lazy("deal", "won")
    LOST = "lost", pgettext_lazy("deal", "lost")
    DELETED = "deleted", pgettext_lazy("deal", "deleted")


class DealKind(models.TextChoices):
    """What sort of sale it is."""

    NEW = "new", pgettext_lazy("deal kind", "new")
    REPEAT = "repeat", pgettext_lazy("deal kind", "repeat")
    ADDITIONAL = "additional", pgettext_lazy("deal kind", "additional")
    RENEWAL = "renewal", pgettext_lazy("deal kind", "renewal")
    TENDER = "tender", pgettext_lazy("deal kind", "tender")


class Priority(models.IntegerChoices):
    """How much it matters."""

    LOW = 1, pgettext_lazy("priority", "low")
    NORMAL = 2, pgettext_lazy("priority", "normal")
    HIGH = 3, pgettext_lazy("priority", "high")


class Interest(models.TextChoices):
    """How interested the client is."""

    COLD = "cold", pgettext_lazy("interest", "cold")
    WARM = "warm", pgettext_lazy("interest", "warm")
    HOT = "hot", pgettext_lazy("interest", "hot")


class Basis(models.TextChoices):
    """How we know of a state (metrics.md#ground-rules)."""

    SEEN = "seen", _("recorded here")
    IMPORTED = "imported", _("imported with its history")
    ASSUMED = "assumed", _("imported without history")


class Cause(models.TextChoices):
    """What made a state."""

    CREATED = "created", _("created")
    EDITED = "edited", _("edited")
    MOVED = "moved", _("moved")
    MERGED = "merged", _("stages merged")
    WON = "won", _("won")
    LOST = "lost", _("lost")
    REOPENED = "reopened", _("reopened")
    HANDED = "handed", _("handed over")
    DELETED = "deleted", _("deleted")
    RESTORED = "restored", _("restored")
    RATE = "rate", _("rate")
    IMPORTED = "imported", _("imported")


class Influence(models.TextChoices):
    """How much a person's word weighs in the purchase."""

    HIGH = "high", pgettext_lazy("influence", "high")
    MEDIUM = "medium", pgettext_lazy("influence", "medium")
    LOW = "low", pgettext_lazy("influence", "low")


class Attitude(models.TextChoices):
    """Whether a person wants the purchase from us: the seller's judgement."""

    SUPPORTER = "supporter", pgettext_lazy("attitude", "for us")
    NEUTRAL = "neutral", pgettext_lazy("attitude", "neutral")
    OPPONENT = "opponent", pgettext_lazy("attitude", "against us")


class Side(models.TextChoices):
    """Whose price it is."""

    OURS = "ours", pgettext_lazy("price", "our offer")
    THEIRS = "theirs", pgettext_lazy("price", "counter-offer")


class VisitEnd(models.TextChoices):
    """How a stay in a stage ended."""

    FORWARD = "forward", _("forward")
    BACK = "back", _("back")
    WON = "won", _("won")
    LOST = "lost", _("lost")
    FUNNEL = "funnel", _("to another funnel")
    DELETED = "deleted", _("deleted")
    MERGED = "merged", _("stages merged")
