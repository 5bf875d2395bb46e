"""The kinds of activities that every company needs; templates share them."""

from __future__ import annotations

from voronka.playbook.models import Channel
from voronka.playbook.templates_data.shapes import KindTemplate, Text

KINDS = (
    KindTemplate(Text("Звонок", "Call"), Channel.CALL, "phone", 15),
    KindTemplate(Text("Встреча", "Meeting"), Channel.MEETING, "users", 60),
    KindTemplate(Text("Презентация", "Presentation"), Channel.DEMO, "presentation", 60),
    KindTemplate(Text("Демонстрация", "Demonstration"), Channel.DEMO, "device-desktop", 90),
    KindTemplate(Text("Выезд", "Site visit"), Channel.VISIT, "car", 180),
    KindTemplate(Text("Письмо", "Letter"), Channel.LETTER, "mail", 15),
    KindTemplate(Text("Факс", "Fax"), Channel.FAX, "printer", 10),
    KindTemplate(Text("Задача", "Task"), Channel.TASK, "checkbox", 30),
)
