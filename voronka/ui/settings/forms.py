"""Forms of the settings. They read and clean; the verbs decide."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from allauth.account.forms import AddEmailForm
from babel.dates import get_timezone_location
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from voronka.core.formats import currency_symbol
from voronka.ui.accounts.forms import PasswordOnce, calm
from voronka.workspaces.models import Member, Role, Team, User, Workspace
from voronka.workspaces.queries import team_tree
from voronka.workspaces.rules import CURRENCIES

# Those of Russia, from west to east, and of neighbours; any other zone that a company has already is kept.
ZONES = [
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Novosibirsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
    "Europe/Minsk",
    "Asia/Almaty",
    "Asia/Tashkent",
    "Asia/Bishkek",
    "Asia/Yerevan",
    "Asia/Tbilisi",
    "Asia/Baku",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Shanghai",
    "America/New_York",
    "UTC",
]


class RoleField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.title


class TeamField(forms.ModelChoiceField):
    """Teams in the order of the tree, set in by depth."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=None, required=False, empty_label=kwargs.pop("empty_label", _("No team")), **kwargs
        )

    def offer(self, *, without: Team | None = None) -> None:
        """Fill in the choices, once per form; *without* leaves out a team and all below it."""
        rows = team_tree()
        if without is not None:
            rows = _without(rows, without.pk)
        self.queryset = Team.objects.filter(pk__in=[row.team.pk for row in rows])
        self.choices = [("", self.empty_label), *((row.team.pk, row.label) for row in rows)]


def _without(rows: Iterable[Any], pk: int) -> list[Any]:
    kept, inside = [], None
    for row in rows:
        if inside is not None and row.depth > inside:
            continue
        inside = row.depth if row.team.pk == pk else None
        if inside is None:
            kept.append(row)
    return kept


def _offer(form: forms.Form) -> None:
    """Fill in the roles and teams of the workspace, which a form class cannot know."""
    role: Any = form.fields["role"]
    team: Any = form.fields["team"]
    role.queryset = Role.objects.all()
    role.empty_label = None
    team.offer()


class InviteForm(forms.Form):
    """Whom to invite, as what, where."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    role = RoleField(label=_("Role"), queryset=None)
    team = TeamField(label=_("Team"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self)


class MemberForm(forms.Form):
    """A member's details."""

    name = forms.CharField(label=_("Name"), max_length=150)
    post = forms.CharField(label=_("Post"), max_length=100, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    role = RoleField(label=_("Role"), queryset=None)
    team = TeamField(label=_("Team"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self)


class TeamForm(forms.Form):
    """A team's name, place and head."""

    name = forms.CharField(label=_("Name"), max_length=100)
    parent = TeamField(label=_("Part of"), empty_label=_("On top"))
    head: Any = forms.ModelChoiceField(
        label=_("Head"),
        queryset=None,
        required=False,
        empty_label=_("No head"),
        help_text=_("Sees and manages the deals of this team and of all below it, if the role allows."),
    )

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent: Any = self.fields["parent"]
        head: Any = self.fields["head"]
        parent.offer(without=team)
        head.queryset = Member.objects.active()


class CompanySettingsForm(forms.Form):
    """How the company is called, counts and what time it has."""

    name = forms.CharField(label=_("Company name"), max_length=150)
    currency = forms.ChoiceField(
        label=_("Currency"),
        help_text=_("Reports add up in it; a deal may be in any other one."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Days, deadlines and reports go by it, for everybody in the company."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of letters and new colleagues. Each may choose another one in the profile."),
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currencies = dict.fromkeys([*CURRENCIES, workspace.currency])
        currency: Any = self.fields["currency"]
        time_zone: Any = self.fields["time_zone"]
        currency.choices = [(code, _currency(code)) for code in currencies]
        zones = dict.fromkeys([*ZONES, workspace.time_zone])
        time_zone.choices = [(zone, _zone(zone)) for zone in zones]


def _currency(code: str) -> str:
    symbol = currency_symbol(code)
    return code if symbol == code else f"{code} · {symbol}"


def _zone(name: str) -> str:
    """«Europe/Moscow, UTC+3», in the reader's language where Babel knows the city."""
    offset = datetime.now(UTC).astimezone(zoneinfo.ZoneInfo(name)).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours = f"{minutes // 60:+d}" + (f":{minutes % 60:02d}" if minutes % 60 else "")
    if name == "UTC":
        return "UTC"
    city = get_timezone_location(zoneinfo.ZoneInfo(name), locale=get_language() or "ru", return_city=True)
    return f"{city}, UTC{hours}"


class ProfileForm(forms.Form):
    """One's own name and habits."""

    name = forms.CharField(
        label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    post = forms.CharField(label=_("Post"), max_length=100, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("Times are shown in it; days and reports follow the company’s."),
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("auto", _("As in the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    keys_on = forms.BooleanField(
        label=_("Keyboard shortcuts"), required=False, help_text=_("“?” shows them all.")
    )

    def __init__(self, *args: Any, user: User, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = dict.fromkeys([*ZONES, *filter(None, [user.time_zone])])
        time_zone: Any = self.fields["time_zone"]
        as_company = _("As in the company: %(zone)s") % {"zone": _zone(workspace.time_zone)}
        time_zone.choices = [("", as_company), *((zone, _zone(zone)) for zone in zones)]


class EmailForm(AddEmailForm):
    """The address to sign in with from now on, and the password: a borrowed browser must not do."""

    password = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail")
        calm(self)

    def clean_email(self) -> str:
        email = super().clean_email()
        # Else the letter would go out and the link in it could not be used.
        if User.objects.filter(email__iexact=email).exclude(pk=self.user.pk).exists():
            raise forms.ValidationError(_("This address has an account already."))
        return email

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("The present password is wrong."))
        return password


class PasswordForm(forms.Form):
    """The present password and the new one."""

    oldpassword = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = PasswordOnce(label=_("New password"))
