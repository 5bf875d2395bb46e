"""Interface texts are merged, compiled and found wherever they stand."""

from __future__ import annotations

import gettext
from pathlib import Path

from voronka.config import messages

PLURAL = """
msgid "%(count)s deal"
msgid_plural "%(count)s deals"
msgstr[0] "%(count)s сделка"
msgstr[1] "%(count)s сделки"
msgstr[2] "%(count)s сделок"
"""


def part(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.po").write_text(text, encoding="utf-8")


def compiled(folder: Path) -> gettext.GNUTranslations:
    with (folder / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_parts_become_one_catalogue_with_russian_plurals(tmp_path: Path) -> None:
    part(tmp_path, "deals", PLURAL)
    part(tmp_path, "ui", 'msgid "Deals"\nmsgstr "Сделки"\n\nmsgctxt "verb"\nmsgid "Open"\nmsgstr "Открыть"\n')
    assert messages.build(tmp_path, tmp_path / "django.mo").errors == []
    russian = compiled(tmp_path)
    assert russian.gettext("Deals") == "Сделки"
    assert russian.pgettext("verb", "Open") == "Открыть"
    forms = [
        russian.ngettext("%(count)s deal", "%(count)s deals", n) % {"count": n} for n in (1, 3, 5, 11, 21)
    ]
    assert forms == ["1 сделка", "3 сделки", "5 сделок", "11 сделок", "21 сделка"]


def test_building_again_changes_nothing(tmp_path: Path) -> None:
    part(tmp_path, "deals", PLURAL)
    target = tmp_path / "django.mo"
    messages.build(tmp_path, target)
    first = target.stat().st_mtime_ns
    messages.build(tmp_path, target)
    assert target.stat().st_mtime_ns == first


def test_two_translations_of_one_text_clash(tmp_path: Path) -> None:
    part(tmp_path, "a", 'msgid "Won"\nmsgstr "Выиграна"\n')
    part(tmp_path, "b", 'msgid "Won"\nmsgstr "Победа"\n')
    _, findings = messages.merge(tmp_path)
    assert len(findings.errors) == 1
    assert "a.po" in findings.errors[0]
    assert "b.po" in findings.errors[0]


def test_the_same_translation_twice_is_no_clash(tmp_path: Path) -> None:
    part(tmp_path, "a", 'msgid "Won"\nmsgstr "Выиграна"\n')
    part(tmp_path, "b", 'msgid "Won"\nmsgstr "Выиграна"\n')
    assert messages.merge(tmp_path)[1].errors == []


def test_one_file_may_not_say_two_things(tmp_path: Path) -> None:
    part(tmp_path, "a", 'msgid "Won"\nmsgstr "Выиграна"\n\nmsgid "Won"\nmsgstr "Победа"\n')
    assert len(messages.merge(tmp_path)[1].errors) == 1


def test_a_lost_or_invented_placeholder_is_a_fault(tmp_path: Path) -> None:
    part(tmp_path, "a", 'msgid "Deal %(number)s"\nmsgstr "Сделка %(nomer)s"\n')
    part(tmp_path, "b", 'msgid "{name} left"\nmsgstr "ушёл"\n')
    assert len(messages.merge(tmp_path)[1].errors) == 2


def test_texts_are_found_in_templates_and_code(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text(
        """<h1>{% translate "Deals" %}</h1>
          {% if x %}
            <p title="{% translate 'It is "quoted"' %}">{{ _("Later") }}</p>
       {% endif %}
        {% blocktranslate count n=deals|length trimmed %}
          {{ n }} deal
        {% plural %}
          {{ n }} deals
        {% endblocktranslate %}
        {% translate "Open" context "verb" %}""",
        encoding="utf-8",
    )
    found = {(use.key, use.plural) for use in messages.used_in(template)}
    assert found == {
        ((None, "Deals"), None),
        ((None, 'It is "quoted"'), None),
        ((None, "Later"), None),
        ((None, "%(n)s deal"), "%(n)s deals"),
        (("verb", "Open"), None),
    }
    code = tmp_path / "code.py"
    code.write_text(
        'Refused(_("The deal is closed."))\npgettext_lazy("noun", "Lead")\nngettext("a", "b", 2)\n'
    )
    assert {use.key for use in messages.used_in(code)} == {
        (None, "The deal is closed."),
        ("noun", "Lead"),
        (None, "a"),
    }


def test_every_text_of_the_interface_is_in_russian() -> None:
    assert messages.check().errors == []
