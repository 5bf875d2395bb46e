"""The commands of the house: creating, the open card, small things. Places to go come from the navigation itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from voronka.clients.models import Company, ContactKind, ContactPoint, Person
from voronka.desk.at_hand import is_favourite
from voronka.ui import navigation
from voronka.ui.clients.duplicates import may_merge
from voronka.ui.palette.registry import Asked, Command, register
from voronka.ui.settings.tabs import PROFILE, TABS
from voronka.workspaces.rights import Action, Subject

GO = "перейти открыть go open "

# What else the parts of the settings are called.
MEANT = {
    "rates": "курсы валют доллар евро currency rates",
    "roles": "права доступ роли rights access",
    "audit": "аудит журнал история кто изменил log",
    "members": "сотрудники коллеги пользователи users",
    "company_security": "защита двухфакторная пароль security",
    "fields": "свои поля карточка custom fields",
    "tokens": "токен программы интеграция api token",
    "imports": "перенос загрузка amocrm битрикс import",
}

# Screens that no navigation names: address -> label, icon, words.
FURTHER = [
    ("deals_table", _("Table of deals"), "table", "список сделок таблица"),
    ("people", _("Contact persons"), "users", "люди контакты people contacts"),
    ("activities", _("All activities"), "list-details", "дела задачи звонки activities tasks"),
    ("duplicates", _("Duplicates"), "copy", "дубли двойники одинаковые merge duplicates"),
    ("clients_deleted", _("Deleted clients"), "trash", "корзина удалённые deleted bin"),
    ("report_funnel", _("Funnel report"), "filter", "воронка конверсия отчёт funnel conversion"),
    ("plans", _("Sales plan"), "target", "план продаж plan target"),
    (
        "book_document",
        _("The sales book as a document"),
        "file-text",
        "книга документ pdf печать регламент handbook",
    ),
    ("kpis", _("KPIs"), "gauge", "kpi кпи показатели оценка"),
    (
        "decisions",
        _("Needs a decision"),
        "inbox",
        "требует решения согласования подтвердить отказы approvals",
    ),
    ("reanimation", _("Reanimation"), "rotate-clockwise", "реанимация отказы вернуть lost won back"),
    ("dead_deals", _("Dead deals"), "ghost", "мёртвые сделки молчание dead stale"),
    ("book_lists", _("Dictionaries"), "list-details", "справочники причины источники dictionaries"),
    ("import_start", _("New import"), "upload", "импорт загрузить файл excel csv import upload"),
    ("invite", _("Invite a colleague"), "user-plus", "пригласить сотрудника invite colleague"),
    ("notices", _("Reminders"), "bell", "напоминания уведомления колокольчик notices bell"),
    ("search", _("Search page"), "search", "поиск search"),
]


def places() -> list[Command]:
    """Every room, every part of the settings and of the profile, and the screens inside them."""
    rows: list[tuple[str, Any, str, str]] = [
        (item.url_name, item.label, item.icon, MEANT.get(item.url_name, ""))
        for item in (*navigation.ITEMS, navigation.SETTINGS, *TABS)
        if item.may_see is None or item.url_name
    ]
    rows += [(name, label, "user", "профиль profile") for name, label in PROFILE]
    rows += FURTHER
    return [
        Command(f"go_{name}", label, icon, _goes_to(name), GO + words)
        for name, (label, icon, words) in {row[0]: row[1:] for row in rows}.items()
    ]


def _goes_to(name: str) -> Any:
    seen = {item.url_name: item.may_see for item in (*navigation.ITEMS, *TABS)}.get(name)
    return lambda asked: asked.url(name) if seen is None or seen(asked.member) else ""


def calls(asked: Asked) -> list[Command]:
    """«Позвонить» to the people of the open card, with the number in its name."""
    if asked.card is None:
        return []
    points = ContactPoint.objects.seen().filter(kind=ContactKind.PHONE).select_related("person", "company")
    if asked.kind == "deal":
        ids = [asked.card.person_id, asked.card.company_id]
        points = points.filter(person=ids[0]) if ids[0] else points.filter(company=ids[1])
        points = points if any(ids) else points.none()
    elif asked.kind == "person":
        points = points.filter(person=asked.card)
    else:
        points = points.filter(company=asked.card)
    return [
        Command(
            f"call_{point.pk}",
            gettext("Call: %(who)s, %(phone)s")
            % {"who": (point.person or point.company).name, "phone": point.value},
            "phone",
            lambda asked, normal=point.normal: f"tel:{normal}",  # type: ignore[misc]
            "позвонить набрать номер call dial",
            on=asked.kind,
            first=True,
        )
        for point in points[:3]
    ]


def _open_deal(name: str) -> Any:
    def url(asked: Asked) -> str:
        return asked.on_card(name) if asked.card.is_open and asked.may_change(Action.EDIT) else ""

    return url


def _closed_deal(asked: Asked) -> str:
    return asked.on_card("deal_reopen") if asked.card.is_closed and asked.may_change(Action.EDIT) else ""


def _hand_over(asked: Asked) -> str:
    return asked.on_card(f"{asked.kind}_assign") if asked.may_change(Action.HAND_OVER) else ""


def _merge(asked: Asked) -> str:
    return asked.on_card(f"{asked.kind}_merge") if may_merge(asked.member, asked.kind) else ""


def _about(name: str, extra: str = "") -> Any:
    """The address of something new about the open card."""
    return lambda asked: asked.url(name, f"{asked.kind}={asked.card.pk}{extra}")


def _starring(on: bool) -> Any:
    def url(asked: Asked) -> str:
        if "star" not in asked.known:
            asked.known["star"] = is_favourite(asked.member, asked.kind, asked.card.pk)
        name = "favourite_on" if on else "favourite_off"
        if asked.known["star"] == on:
            return ""
        return navigation.workspace_url(name, asked.slug, asked.kind, asked.card.pk)

    return url


def kind_of(card: Any) -> str:
    return "company" if isinstance(card, Company) else "person" if isinstance(card, Person) else "deal"


def _choose_deal(asked: Asked) -> str:
    """Where the deal is chosen when none is open; only for those who may change any."""
    may = asked.kind != "deal" and asked.member.may(Subject.DEAL, Action.EDIT)
    return asked.url("deals_table", "view=open") if may else ""


ANY = "deal company person"

register(
    Command("deal_win", _("Win the deal"), "trophy", _open_deal("deal_win"), "выиграть успех закрыть won close", "dialog", "deal", "W", first=True),
    Command("deal_lose", _("Lose the deal"), "thumb-down", _open_deal("deal_lose"), "отказ проиграть закрыть lost close", "dialog", "deal", "L", first=True),
    Command("deal_move", _("Move to another stage"), "arrows-right-left", _open_deal("deal_move"), "перевести передвинуть этап дальше move stage", "dialog", "deal", "M", first=True),
    Command("deal_win_choose", _("Win a deal: open the deal…"), "trophy", _choose_deal, "выиграть успех закрыть сделку won close"),
    Command("deal_lose_choose", _("Lose a deal: open the deal…"), "thumb-down", _choose_deal, "отказ проиграть закрыть сделку lost close"),
    Command("deal_move_choose", _("Move a deal: open the deal…"), "arrows-right-left", _choose_deal, "перевести передвинуть сделку этап дальше move stage"),
    Command("deal_reopen", _("Return to work"), "refresh", _closed_deal, "вернуть открыть снова reopen", "post", "deal", first=True),
    Command("plan_here", _("Plan an activity here"), "calendar-plus", _about("activity_new"), "поставить дело задача запланировать звонок встреча plan task", "dialog", ANY, "T", first=True),
    Command("log_call_here", _("Log a call"), "phone-call", _about("activity_new", "&mode=done&channel=call"), "записать звонок log call", "dialog", ANY, "C", first=True),
    Command("deal_here", _("New deal with this client"), "layout-kanban", _about("deal_new"), "создать сделку create deal", "dialog", "company person", first=True),
    Command("person_here", _("Add a person to this client"), "user-plus", _about("person_new"), "добавить контакт человека add person contact", "dialog", "company"),
    Command("hand_over_here", _("Hand over"), "user-share", _hand_over, "передать сменить ответственного assign owner", "dialog", ANY),
    Command("merge_here", _("Merge with another card"), "git-merge", _merge, "объединить слить дубль merge duplicate", "dialog", "company person"),
    Command("star_on", _("Add to favourites"), "star", _starring(True), "избранное звезда favourite star", "post", ANY),
    Command("star_off", _("Remove from favourites"), "star-off", _starring(False), "избранное звезда favourite star", "post", ANY),
    Command("deal_new", _("Create a deal"), "layout-kanban", lambda a: a.url("deal_new"), "создать новая сделка create new deal", "dialog", first=True),
    Command("company_new", _("Add a client"), "building", lambda a: a.url("company_new"), "создать добавить нового клиента компания create new client company", "dialog", first=True),
    Command("person_new", _("Add a contact person"), "user-plus", lambda a: a.url("person_new"), "создать добавить новый контакт человек create new person contact", "dialog", first=True),
    Command("activity_new", _("Plan an activity"), "checklist", lambda a: a.url("activity_new"), "создать запланировать поставить дело новая задача звонок create new activity task", "dialog", first=True),
    Command("keys", _("Keyboard help"), "keyboard", lambda a: "keys", "клавиши горячие помощь справка keys shortcuts help", "run", key="?"),
    Command("theme", _("Light or dark"), "sun-moon", lambda a: "theme", "тема тёмная светлая ночная theme dark light", "run"),
)  # fmt: skip
