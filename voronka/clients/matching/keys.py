"""By what two clients are known to be one, and how much each sign weighs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from voronka.clients.expressions import HOST

# Code of a sign -> its words and weight. A pair weighs the sum of its signs, 0 to 100.
REASONS: Final[dict[str, tuple[Any, int]]] = {
    "inn": (_("the same INN"), 90),
    "branch": (_("the same INN, another KPP"), 45),
    "phone": (_("the same phone"), 60),
    "email": (_("the same e-mail"), 60),
    "name": (_("the same name"), 50),
    "domain": (_("the same site or mail domain"), 35),
    "alike": (_("a similar name"), 30),
    "fullname": (_("the same full name"), 50),
    "company": (_("work in the same company"), 25),
    "birthday": (_("the same birthday"), 30),
    # Two companies of one group share mail and site; what the tax office tells apart is most likely two.
    "other_inn": (_("different INN"), -50),
    # Colleagues share a mailbox and the phone of their office.
    "other_name": (_("different names"), -50),
}

# Such a pair stands below all others and is never more than a «perhaps».
TOLD_APART: Final = 10

# Half of the country has its mail here: the domain says nothing about the company.
PUBLIC_MAIL: Final = frozenset(
    [
        "mail.ru",
        "bk.ru",
        "inbox.ru",
        "list.ru",
        "internet.ru",
        "xmail.ru",
        "yandex.ru",
        "ya.ru",
        "yandex.com",
        "yandex.by",
        "yandex.kz",
        "yandex.ua",
        "narod.ru",
        "rambler.ru",
        "lenta.ru",
        "autorambler.ru",
        "myrambler.ru",
        "ro.ru",
        "rambler.ua",
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "live.ru",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "yahoo.com",
        "ymail.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "tutanota.com",
        "zoho.com",
        "gmx.com",
        "gmx.net",
        "gmx.de",
        "web.de",
        "vk.com",
        "e1.ru",
        "ngs.ru",
        "pochta.ru",
        "qip.ru",
        "nextmail.ru",
        "mail.com",
        "tut.by",
        "ukr.net",
        "i.ua",
        "mail.kz",
        "bigmir.net",
    ]
)
# A page there is not a site of one's own.
PUBLIC_SITES: Final = frozenset(
    [
        "vk.com",
        "ok.ru",
        "t.me",
        "telegram.me",
        "wa.me",
        "instagram.com",
        "facebook.com",
        "youtube.com",
        "dzen.ru",
        "avito.ru",
        "2gis.ru",
        "yandex.ru",
        "google.com",
        "hh.ru",
        "tiu.ru",
        "pulscen.ru",
        "blizko.ru",
        "taplink.cc",
    ]
)
TELLS_NOTHING: Final = PUBLIC_MAIL | PUBLIC_SITES

_HOST: Final = re.compile(HOST.replace("[:space:]", r"\s"))


def host_of(site: str) -> str:
    """«www.Romashka.ru/about» -> «romashka.ru»; "" for nothing and for pages on somebody else's site."""
    found = _HOST.match(site.strip().lower())
    host = found[1] if found and "." in found[1] else ""
    return "" if host in TELLS_NOTHING else host


def domain_of(email: str) -> str:
    """The domain of a normal e-mail address; "" for public mail services."""
    domain = email.rpartition("@")[2] if "@" in email else ""
    return "" if domain in TELLS_NOTHING else domain


def numbers_in(key: str) -> list[str]:
    """The numbers of a name: «склад 7» and «склад 8» are two, however alike they read."""
    return re.findall(r"\d+", key)


def weight_of(reasons: Iterable[str]) -> int:
    """How sure it is that a pair with these signs is one, 0 to 100; `TOLD_APART` at most where the INN differ."""
    given = set(reasons)
    most = TOLD_APART if "other_inn" in given else 100
    return max(0, min(most, sum(REASONS[reason][1] for reason in given)))


# Sign → the fields of a client that it tells of: whoever is kept from all of them is not told the sign.
_TELLS: Final = {
    "inn": {"inn"},
    "branch": {"inn", "kpp"},
    "other_inn": {"inn"},
    "phone": {"phones"},
    "email": {"emails"},
    "domain": {"site", "emails"},
    "birthday": {"birthday"},
}


def told_reasons(reasons: Iterable[str], hidden: frozenset[str]) -> list[str]:
    """*reasons* without those that would confirm a field that is *hidden*."""
    return [reason for reason in reasons if not _TELLS.get(reason, set()) & hidden]


def reason_words(reasons: Iterable[str]) -> str:
    """«the same INN, the same phone», the heaviest first, in the active language."""
    known = sorted((r for r in reasons if r in REASONS), key=lambda r: -REASONS[r][1])
    return ", ".join(str(REASONS[reason][0]) for reason in known)
