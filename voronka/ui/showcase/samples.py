"""Sample content of the components page: plain values, no database. The words are content, not interface."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from voronka.core.errors import Refused

CLIENTS = [("7", "ООО «Логист-Центр»"), ("8", "АО «Терминал»"), ("9", "ООО «Хлебный дом»")]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Название", initial="Стеллажи, 3-я очередь")
    amount = forms.DecimalField(
        label="Сумма с НДС",
        required=False,
        initial=5200000,
        widget=forms.TextInput(attrs={"data-money": True}),
    )
    client = forms.ChoiceField(
        label="Клиент",
        choices=[("", ""), *CLIENTS],
        widget=forms.Select(attrs={"data-combobox": True, "data-create": True}),
    )
    close = forms.DateField(
        label="Дата закрытия", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    tags = forms.CharField(
        label="Теги",
        required=False,
        initial="склад,срочно",
        widget=forms.TextInput(attrs={"data-tags": "склад,срочно,тендер"}),
    )
    note = forms.CharField(
        label="Заметка",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": True}),
        help_text="Что важно запомнить об этой сделке",
    )
    kind = forms.ChoiceField(
        label="Вид",
        choices=[("new", "новая"), ("repeat", "повторная")],
        widget=forms.RadioSelect,
        initial="new",
    )
    key = forms.BooleanField(label="Ключевой клиент", required=False)


def samples() -> dict[str, Any]:
    """Context of `showcase/components.html`."""
    bad = SampleForm({"name": "", "amount": "много"})
    bad.is_valid()
    return {
        "room": "deals",
        "form": SampleForm(),
        "bad_form": bad,
        "tabs": [
            ("?", "Доска", True),
            ("?t", "Таблица", False),
            ("?f", "Прогноз", False),
            ("?c", "Календарь", False),
        ],
        "stages": [
            {"name": "Первый контакт", "note": "3 нояб.", "state": "done"},
            {"name": "Потребность", "note": "10 нояб.", "state": "done"},
            {"name": "Презентация", "note": "17 нояб.", "state": "done"},
            {"name": "Предложение", "note": "до 25 нояб.", "state": "now"},
            {"name": "Договор", "note": "план 2 дек.", "state": ""},
            {"name": "Успех", "note": "план 9 дек.", "state": ""},
        ],
        "columns": _columns(),
        "sellers": [("1", "Анна Седова"), ("2", "Илья Ким"), ("3", "Ольга Миронова")],
        "facts": [
            {"label": "Отрасль", "field": "industry", "value": "Торговля", "shown": "Торговля", "url": "#"},
            {
                "label": "Бюджет",
                "field": "budget",
                "value": "5200000",
                "shown": "5 200 000 ₽",
                "url": "#",
                "type": "money",
            },
            {"label": "Интерес", "field": "x", "value": "", "shown": "", "url": "#"},
            {"label": "Создана", "text": "3 нояб."},
        ],
        "refusal_sample": Refused("Сделку нельзя выиграть: не указана сумма. Впишите сумму и повторите."),
        "moment": timezone.now(),
        "rows": _rows(),
        "bars": _bars(),
        "total": Decimal(312_400_000),
        "chart": _chart(),
    }


def _deal(
    name: str, client: str, amount: int | None, age: str, age_tone: str, step: str, tone: str, owner: str
) -> dict:
    icon = "alert-circle" if tone == "v-bad" else "arrow-right"
    return {
        "url": "#", "name": name, "client": client, "amount": amount, "age_text": age, "age_tone": age_tone,
        "next_text": step, "next_tone": tone, "next_icon": icon, "owner": owner,
    }  # fmt: skip


def _columns() -> list[dict[str, Any]]:
    anna, ilya, olga, pavel = "Анна Седова", "Илья Ким", "Ольга Миронова", "Павел Дёмин"
    return [
        {"name": "Первый контакт", "count": 14, "sum": 4_180_000, "weighted": 418_000, "tone": "#7d8aa5", "cards": [
            _deal("Складские стеллажи", "ООО «Балтик Ритейл»", 640_000, "2 из 3 дн.", "v-good", "Звонок сегодня 15:30", "v-good", ilya),
            _deal("Линия розлива", "АО «Невский пивовар»", 1_250_000, "6 из 3 дн.", "v-bad", "Нет следующего шага", "v-bad", olga),
        ]},
        {"name": "Потребность", "count": 11, "sum": 6_920_000, "weighted": 1_700_000, "tone": "#4a76ee", "cards": [
            _deal("Весовое оборудование", "ООО «Агро-Юг»", 870_000, "4 из 5 дн.", "v-soon", "Встреча 25 нояб.", "v-quiet", anna),
            _deal("Камера заморозки", "ООО «Дары моря»", 1_980_000, "2 из 5 дн.", "v-good", "Встреча сегодня 17:00", "v-good", anna),
        ]},
        {"name": "Презентация", "count": 9, "sum": 5_340_000, "weighted": 2_100_000, "tone": "#2f9e8f", "cards": [
            _deal("Упаковочная линия", "ООО «Хлебный дом»", 3_100_000, "5 из 7 дн.", "v-good", "Демонстрация 24 нояб.", "v-quiet", ilya),
        ]},
        {"name": "Предложение", "count": 8, "sum": 9_715_000, "weighted": 4_900_000, "tone": "#b8860b", "cards": [
            _deal("Погрузчики, 2 шт.", "ООО «Грузовик»", None, "6 из 5 дн.", "v-soon", "Ждём протокол", "v-quiet", pavel),
        ]},
        {"name": "Договор", "count": 5, "sum": 3_860_000, "weighted": 3_100_000, "tone": "#7044c4", "cards": []},
    ]  # fmt: skip


def _rows() -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [
        {"name": "Стеллажи, 3-я очередь", "client": "ООО «Логист-Центр»", "sum": 5_200_000, "close": today, "owner": "Анна Седова", "stage": "Предложение", "tone": "#b8860b"},
        {"name": "Рампы", "client": "АО «Терминал»", "sum": 1_400_000, "close": today + dt.timedelta(days=12), "owner": "Ольга Миронова", "stage": "Договор", "tone": "#7044c4"},
        {"name": "Конвейер", "client": "АО «Уралпласт»", "sum": None, "close": None, "owner": "Павел Дёмин", "stage": "Презентация", "tone": "#2f9e8f"},
    ]  # fmt: skip


def _bars() -> list[tuple[str, int, int, str]]:
    counts = [("Первый контакт", 1240, "#64718b"), ("Потребность", 812, "#3f6ae6"), ("Презентация", 503, "#1f7d71"),
              ("Предложение", 264, "#94690a"), ("Договор", 171, "#7044c4"), ("Успех", 139, "#25803a")]  # fmt: skip
    return [(name, count, round(count / 12.4), tone) for name, count, tone in counts]


def _chart() -> dict[str, Any]:
    return {
        "format": "money",
        "xAxis": {"type": "category", "data": ["июнь", "июль", "авг.", "сент.", "окт.", "нояб."]},
        "yAxis": {"type": "value"},
        "series": [
            {"type": "bar", "name": "Факт", "data": [6.1e6, 7.4e6, 5.2e6, 8.8e6, 9.4e6, 6.2e6], "label": {"show": True, "position": "top"}},
            {"type": "line", "name": "План", "data": [7e6, 7e6, 7.5e6, 8e6, 8.5e6, 9e6]},
        ],
    }  # fmt: skip
