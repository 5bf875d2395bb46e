"""In how many days one comes back to a client who was lost for this reason (by its Russian name). The rest: never."""

from __future__ import annotations

from typing import Final

RETURN_DAYS: Final[dict[str, int]] = {
    "Дорого": 180,
    "Выбрали конкурента": 365,
    "Не устроил срок поставки": 180,
    "Бюджет урезан или проект заморожен": 120,
    "Отложили на следующий год": 180,
    "Обошлись ремонтом того, что есть": 365,
    "Клиент перестал отвечать": 60,
    "Решили сделать своими силами": 120,
    "Проиграли конкурс": 365,
    "Нет бюджета": 120,
    "Отложили решение": 90,
    "Сменился заказчик проекта": 60,
}
