"""What was typed is never lost: neither by a reload nor without a connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.world import World
from voronka.deals.actions import create_deal
from voronka.desk.models import Note
from voronka.playbook.models import Funnel

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_note_outlives_a_reload_and_goes_when_the_network_is_back(
    visitor: Callable[..., Visitor], world: World, funnel: Funnel
) -> None:
    deal = create_deal(actor=world.anna, title="Линия розлива", funnel=funnel)
    anna = visitor(world.anna)
    anna.go(f"/w/{world.slug}/deals/{deal.number}/")
    page = anna.page
    form = page.locator(".v-note-form")
    note = form.locator("textarea")
    note.press_sequentially("Ждут расчёт")
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('voronka-draft:'))")
    page.reload()
    expect(note).to_have_value("Ждут расчёт")

    page.context.set_offline(True)
    form.locator("button[type=submit]").click()
    expect(form).to_contain_text("Пока не отправлено")
    expect(note).to_have_value("Ждут расчёт")
    assert not Note.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("#deal-feed .v-feed-card")).to_contain_text("Ждут расчёт")
    expect(page.locator(".v-unsent")).to_have_count(0)
    assert Note.objects.count() == 1
    # Without a network the browser and htmx say so themselves.
    expected = ("ERR_INTERNET_DISCONNECTED", "htmx:afterRequest", "htmx:sendError")
    anna.problems[:] = [said for said in anna.problems if not any(word in said for word in expected)]
