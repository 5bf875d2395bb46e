"""What values of a file mean: outcomes, currencies, and the usual order of stages by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from voronka.core.text import fold

_OPEN: Final = (
    "open", "открыта", "открыто", "в работе", "in progress", "active", "активна", "в процессе", "ongoing", "new", "нет", "no",
)  # fmt: skip
_WON: Final = (
    "won", "win", "closed won", "success", "successful", "выиграна", "выиграно", "выигран", "успех", "успешно", "успешно реализовано",
    "успешно реализована", "успешная", "сделка успешна", "сделка успешна!", "продано", "продана", "оплачено и отгружено",
    "реализовано", "142", "s",
)  # fmt: skip
_LOST: Final = (
    "lost", "lose", "loss", "closed lost", "failed", "fail", "проиграна", "проиграно", "проигран", "отказ", "провал", "провалена",
    "сделка провалена", "сделка не заключена", "закрыто и не реализовано", "не реализовано", "закрыта и не реализована", "потеряна",
    "потеряно", "анализ причины провала", "apology", "отказ клиента", "143", "f",
)  # fmt: skip
_OUTCOMES: Final = {
    **dict.fromkeys(map(fold, _OPEN), "open"),
    **dict.fromkeys(map(fold, _WON), "won"),
    **dict.fromkeys(map(fold, _LOST), "lost"),
}
# Bitrix24 writes the codes of stages with the number of the funnel before them: «C4:WON».
_CODE: Final = re.compile(r"c\d+:")


def _key(value: str) -> str:
    return _CODE.sub("", fold(value)).strip(" .!")


def outcome_of(value: str) -> str | None:
    """`open`, `won` or `lost` for a word that says so; None for any other."""
    key = _key(value)
    return _OUTCOMES.get(key) or _OUTCOMES.get(key.replace("-", " ").replace("_", " "))


def closing_of(value: str) -> str | None:
    """`won` or `lost` for a value of the stage column that is an outcome rather than a stage, else None."""
    key = _key(value)
    # A bare letter or «нет» among stages is a name like any other.
    found = outcome_of(value) if len(key) > 1 else None
    return found if found in ("won", "lost") else None


_CURRENCIES: Final = {
    "RUB": ("rub", "rur", "руб", "рубль", "рубли", "российский рубль", "₽", "р", "643"),
    "USD": ("usd", "доллар", "доллар сша", "доллары", "$", "840"),
    "EUR": ("eur", "евро", "€", "978"),
    "CNY": ("cny", "юань", "¥", "156"),
    "KZT": ("kzt", "тенге", "₸", "398"),
    "BYN": ("byn", "белорусский рубль", "933"),
    "GBP": ("gbp", "фунт", "фунт стерлингов", "£"),
    "TRY": ("try", "лира", "турецкая лира"),
    "UZS": ("uzs", "сум"),
    "AED": ("aed", "дирхам"),
}
_CODES: Final = {word: code for code, words in _CURRENCIES.items() for word in words}


def currency_of(value: str) -> str | None:
    """The code of a currency given by code, sign or name; None for an unknown one."""
    key = fold(value).strip(" .")
    if key in _CODES:
        return _CODES[key]
    return key.upper() if re.fullmatch("[a-z]{3}", key) else None


# Where a stage of this name usually stands: its first matching word decides.
_RANKS: Final = (
    ("prospect|lead|неразобран|нов|первичн|заявк|обращен|входящ|new|холодн|поиск", 1),
    ("qualif|квалиф|потребн|engag|контакт|связ|выявл|знаком|discover|needs", 2),
    ("meet|встреч|demo|демо|презент|замер|presentation", 3),
    ("propos|offer|quote|предлож|кп\\b|расчет|смет|коммерч", 4),
    # «Согласование договора» is about the contract.
    ("contract|договор|счет|invoice|документ|подпис|спецификац", 6),
    ("negot|перегов|соглас|торг|решен|review|тендер", 5),
    ("предоплат|оплат|payment|prepay|постав|отгруз|производ|deliver|монтаж|final", 7),
)


def _rank(name: str) -> int | None:
    folded = fold(name)
    return next((rank for pattern, rank in _RANKS if re.search(rf"\b(?:{pattern})", folded)), None)


def usual_order(names: Sequence[str]) -> list[str]:
    """*names* in the order in which such stages usually go, or as they came when any of them says nothing."""
    ranks = {name: _rank(name) for name in names}
    if any(rank is None for rank in ranks.values()):
        return list(names)
    return sorted(names, key=lambda name: ranks[name] or 0)


def passing_order(paths: Iterable[tuple[Sequence[int], int]], count: int) -> list[int]:
    """The stages 0…count-1 in the order in which deals pass them.

    *paths* are sequences of stages in the order of first entry, each with how many deals went so. A stage stands
    before another when more deals entered it first; stages are ranked by how many others they stand before, equal
    ones by their mean place on the way.
    """
    first = [[0] * count for _ in range(count)]
    places: list[list[float]] = [[0.0, 0.0] for _ in range(count)]
    for path, deals in paths:
        for index, stage in enumerate(path):
            places[stage][0] += deals * index / max(len(path) - 1, 1)
            places[stage][1] += deals
            for later in path[index + 1 :]:
                first[stage][later] += deals

    def standing(stage: int) -> tuple[int, float]:
        score = 0
        for other in range(count):
            ahead, behind = first[stage][other], first[other][stage]
            score += (ahead > behind) - (ahead < behind)
        total, deals = places[stage]
        return -score, total / deals if deals else 1.0

    return sorted(range(count), key=standing)


def propose(values: Iterable[str], stages: Mapping[str, str]) -> dict[str, str]:
    """For each value of the stage column what to make of it: `=won`, `=lost`, or the name of a stage.

    *stages* are the names of the funnel's stages by their folded names. A stage of the funnel wins over a word
    that may mean an outcome.
    """
    made = {}
    for value in values:
        known = stages.get(fold(value))
        closing = closing_of(value)
        made[value] = known or (f"={closing}" if closing else value)
    return made


_SIZES: Final = {
    "micro": ("микро", "микропредприятие", "1-15", "до 15"),
    "small": ("малый", "малая", "малое", "малое предприятие", "16-100", "до 100"),
    "medium": ("средний", "средняя", "среднее", "среднее предприятие", "101-250", "до 250"),
    "large": ("крупный", "крупная", "крупное", "крупное предприятие", "более 250", "свыше 250"),
}
_SIZE_WORDS: Final = {word: code for code, words in _SIZES.items() for word in words}


def size_of(value: str, choices: Mapping[str, object]) -> str:
    """The code of a company's size given by code, word or number of people; "" when it says nothing."""
    key = fold(value)
    if key.isascii() and key.isdigit():
        people = int(key[:9])
        return (
            "micro" if people <= 15 else "small" if people <= 100 else "medium" if people <= 250 else "large"
        )
    by_label = {fold(str(label)): code for code, label in choices.items()}
    return key if key in choices else by_label.get(key) or _SIZE_WORDS.get(key, "")


# The nature of an activity by the words of its kind: the first that is met decides.
_CHANNELS: Final = (
    ("call", r"звон|call|телефон|дозвон|перезвон"),
    ("demo", r"демо|презентац|demo|presentation"),
    ("visit", r"визит|выезд|visit|замер"),
    ("meeting", r"встреч|meeting|переговор|совещан"),
    ("fax", r"факс|\bfax"),
    ("letter", r"письм|e-?mail|mail|почт|letter|сообщени|sms|смс|whatsapp|telegram|чат"),
    ("task", r"задач|task|дело|дела|to-?do|связаться|прочее|другое|напоминани"),
)


def channel_of(value: str) -> str:
    """`call`, `meeting`… for the name of a kind of activity; "" when it says nothing."""
    key = fold(value)
    # Codes of Bitrix24 and amoCRM.
    if key in ("1", "2"):
        return {"1": "call", "2": "meeting"}[key]
    return next((channel for channel, pattern in _CHANNELS if re.search(pattern, key)), "")


_DONE: Final = frozenset(map(fold, (
    "да", "yes", "true", "1", "y", "+", "завершена", "завершено", "завершен", "выполнена", "выполнено", "выполнен", "сделано", "готово",
    "закрыта", "закрыто", "done", "completed", "complete", "closed", "finished", "held", "состоялась", "состоялся", "проведена", "x", "х",
)))  # fmt: skip
_NOT_DONE: Final = frozenset(map(fold, (
    "нет", "no", "false", "0", "n", "-", "не завершена", "не выполнена", "в работе", "открыта", "новая", "ожидает", "ожидает выполнения",
    "запланирована", "запланировано", "планируется", "просрочена", "отложена", "ждет выполнения", "не начата", "open", "planned", "pending", "in progress", "not started", "new",
    "выполняется", "to do", "todo", "overdue", "deferred",
)))  # fmt: skip


def is_done_word(value: str) -> bool | None:
    """Whether a word of a state means done; None when it cannot be told."""
    key = fold(value).strip(" .!")
    return True if key in _DONE else False if key in _NOT_DONE else None


def is_incoming(value: str) -> bool:
    """Whether a word of a direction means that the client began."""
    return fold(value).startswith(("вход", "in", "1"))
