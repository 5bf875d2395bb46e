"""Materials of a task are read line by line."""

from __future__ import annotations

from voronka.playbook.materials import Material, read_materials


def test_a_line_is_a_titled_link_a_bare_link_or_a_text() -> None:
    lines = [
        "Презентация — https://disk.ru/deck.pdf",
        "https://disk.ru/film/",
        "(https://disk.ru/a) смета",
        "Образец лежит у руководителя",
        "javascript:alert(1)",
        "  ",
    ]

    assert read_materials(lines) == [
        Material("Презентация", "https://disk.ru/deck.pdf"),
        Material("disk.ru/film", "https://disk.ru/film/"),
        Material("смета", "https://disk.ru/a"),
        Material("Образец лежит у руководителя"),
        Material("javascript:alert(1)"),
    ]
