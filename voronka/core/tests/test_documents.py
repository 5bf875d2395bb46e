"""Typst and the block diagram."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from voronka.core.diagrams import PAPER, End, Flow, Step, flow_svg, wrapped
from voronka.core.documents import Unprintable, to_pdf, to_pictures


def template(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "t.typ"
    path.write_text('#set text(font: "Onest")\n' + text, encoding="utf-8")
    return path


def test_a_value_is_printed_as_text_whatever_is_typed_into_it(tmp_path: Path) -> None:
    made = to_pdf(template(tmp_path, "#d.name"), {"name": '#panic("x") $ _ * ] 25 000 ₽ → «ёЁ» №'})
    assert made.startswith(b"%PDF-")


def test_letters_leave_ink_on_the_page(tmp_path: Path) -> None:
    blank, said = (to_pictures(template(tmp_path, "#d.name"), {"name": name})[0] for name in ("", "Щёки"))
    assert len(said) > len(blank)


def test_an_unknown_font_and_a_fault_are_errors(tmp_path: Path) -> None:
    with pytest.raises(Unprintable, match="unknown font"):
        to_pdf(template(tmp_path, '#text(font: "Comic Sans MS")[x]'), {})
    with pytest.raises(Unprintable):
        to_pdf(template(tmp_path, "#d.nothing"), {"name": "x"})


def flow(leads: tuple[str, ...] = ()) -> Flow:
    steps = [
        Step("Первый контакт", "3 рабочих дня"),
        Step("<b>Демо & «тест»</b>", is_key=True, leads=leads, href="#s2"),
    ]
    return Flow(
        "Схема", steps, End("Успех", ["Оплачено"], ["Сервис"]), End("Отказ", ["Дорого"]), "ключевой этап"
    )


def test_the_diagram_has_every_step_end_status_and_branch_and_is_sound_xml() -> None:
    root = ElementTree.fromstring(flow_svg(flow(("Монтаж",)), PAPER))
    said = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for text in (
        "Первый контакт",
        "<b>Демо & «тест»</b>",
        "Успех",
        "• Оплачено",
        "Отказ",
        "• Дорого",
        "Монтаж",
    ):
        assert text in said
    assert root.get("aria-label") == "Схема"
    assert [a.get("href") for a in root.iter("{http://www.w3.org/2000/svg}a")] == ["#s2"]


def test_it_needs_no_place_on_the_left_without_branches() -> None:
    bare = Flow("Схема", [Step("Один")], End("Успех"), End("Отказ"))
    assert 'viewBox="0 0' in flow_svg(flow())
    assert 'viewBox="0 0' not in flow_svg(bare)


@pytest.mark.parametrize("text", ["", "слово", "много слов " * 30, "ы" * 300])
def test_text_is_wrapped_and_cut_to_what_fits(text: str) -> None:
    lines = wrapped(text, 120, 12, most=3)
    assert len(lines) <= 3
    assert all(len(line) <= 120 / (12 * 0.57) + 1 for line in lines)
    assert "".join(lines).replace(" ", "")[:4] == text.replace(" ", "")[:4]
