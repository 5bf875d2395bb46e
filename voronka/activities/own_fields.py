"""Fields of one's own on activities."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from voronka.activities.models import Activity
from voronka.desk.fields.registry import FieldSubject, register_subject

register_subject(FieldSubject("activity", Activity, _("Activities"), dict, asks_at_creation=False))
