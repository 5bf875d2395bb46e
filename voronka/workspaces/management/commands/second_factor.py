"""`voronka second_factor EMAIL --off`: let somebody in again who has lost the telephone, the key and the codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from voronka.workspaces.actions.security import reset_factors
from voronka.workspaces.factors import factors_of
from voronka.workspaces.models import User


class Command(BaseCommand):
    """Say how many second factors a person has; take them away."""

    help = "Say how many second factors a person has; with --off, take them away (recovery codes too)"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--off", action="store_true", help="take them away")

    def handle(self, *args: Any, **options: Any) -> None:
        with override(settings.LANGUAGE_CODE):
            user = User.objects.filter(email__iexact=options["email"]).first()
            if user is None:
                raise CommandError(_("Nobody has the e-mail “%(email)s”.") % {"email": options["email"]})
            if not options["off"]:
                count = factors_of(user).count()
                text = ngettext("%(n)s second factor.", "%(n)s second factors.", count)
            else:
                count = reset_factors(user)
                text = ngettext(
                    "%(n)s second factor taken away: the password alone opens.",
                    "%(n)s second factors taken away: the password alone opens.",
                    count,
                )
            self.stdout.write(text % {"n": count})
