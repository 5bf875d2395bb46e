"""Who asks, and whose things are asked for.

Everybody who acts belongs to the team «Север»: `own` is the actor's own thing, `team` a colleague's of that team
(Boris), `other` somebody's of another team (Vera), and a stranger's stands in another workspace.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from tests.world import World, make_book, make_company, make_person, make_world
from voronka.activities.actions import plan_activity
from voronka.catalog.models import Product
from voronka.clients.actions import add_contact, edit_company, tag_company
from voronka.clients.models import AccessRequest, BankAccount, Position
from voronka.core.tenancy import scope
from voronka.deals.actions import add_participant, create_deal, move_deal, set_tag
from voronka.deals.closing.models import LossProposal
from voronka.deals.models import Approval, Deal
from voronka.desk.fields.actions import create_field
from voronka.desk.files.actions import add_file
from voronka.desk.lists.exporting import folder
from voronka.desk.models import ImportBatch, ImportStatus, ListJob, Notice, SavedView
from voronka.desk.notes import add_note
from voronka.integrations.spreadsheets import running
from voronka.journal.models import Event
from voronka.playbook.models import (
    ActivityKind,
    ClosingStatus,
    Criterion,
    Funnel,
    Kpi,
    Objection,
    Reason,
    Stage,
    StageTask,
    Tunnel,
)
from voronka.workspaces.actions import archive_team, create_team, create_token, deactivate_member, invite
from voronka.workspaces.models import Absence, CompanyDay, Member, Rate

# role -> member of the world who acts in it
ACTORS = {
    "seller": "anna",
    "head": "north_head",
    "marketer": "marketer",
    "service": "service",
    "director": "director",
    "admin": "admin",
}
COLLEAGUE, OUTSIDER = "boris", "vera"
WHOSE = ("own", "team", "other")
# Numbers of deals begin anew in every workspace; the stranger's begin where ours never come.
FAR = 9000


@dataclass
class Things:
    """What one member has: a client with everything on its card, a deal, an activity, a note, a notice."""

    owner: Member
    company: Any = None
    person: Any = None
    position: Any = None
    contact: Any = None
    account: Any = None
    tag: Any = None
    deal: Any = None
    won: Any = None
    moved: Any = None
    edited: Any = None
    activity: Any = None
    note: Any = None
    notice: Any = None
    file: Any = None
    token: Any = None
    absence: Any = None
    list_job: Any = None
    view: Any = None
    access: Any = None
    second: Any = None
    approval: Any = None
    proposal: Any = None


@dataclass
class Cast:
    """A workspace with its book and, by name, the things of each member."""

    world: World
    funnel: Funnel
    things: dict[str, Things] = field(default_factory=dict)
    archived_team: Any = None
    former: Any = None
    invitation: Any = None
    draft: Any = None
    imported: Any = None
    own_field: Any = None
    objection: Any = None
    product: Any = None
    checklist: Any = None
    task: Any = None
    closing: Any = None
    tunnel: Any = None
    rate: Any = None
    company_day: Any = None
    kpi: Any = None

    def of(self, role: str, whose: str) -> Things:
        """The things that are the *role*'s own, a team-mate's or an outsider's."""
        return self.things[{"own": ACTORS[role], "team": COLLEAGUE, "other": OUTSIDER}[whose]]

    @property
    def stages(self) -> list[Stage]:
        return list(Stage.objects.filter(funnel=self.funnel).order_by("order"))


def make_cast(slug: str) -> Cast:
    """Build a workspace; call it outside any scope."""
    world = make_world(slug)
    with scope(world.workspace):
        for name in ("marketer", "service", "director", "admin"):
            member = world.members[name]
            member.team = world.teams["north"]
            member.save()
        cast = Cast(world, make_book(world))
        Member.objects.create(
            name="Бывший Коллега", role=world.roles["seller"], status="former", email="former@example.com"
        )
        cast.product = Product.objects.get()
        cast.kpi = Kpi.objects.create(name="Дошли до презентации", measure="key_stage", target=10, order=1)
        cast.company_day = CompanyDay.objects.create(day=dt.date(2027, 3, 5), name="День компании")
        cast.rate = Rate.objects.create(currency="USD", day=dt.date(2026, 1, 9), value=80)
        first = cast.stages[0]
        cast.objection = Objection.objects.create(stage=first, order=1, text="Дорого")
        cast.closing = ClosingStatus.objects.create(
            funnel=cast.funnel, outcome="lost", name="Отказ клиента", order=1
        )
        cast.tunnel = Tunnel.objects.create(
            funnel=cast.funnel, trigger="won", target=cast.funnel, after=12, wait="months"
        )
        # On another stage than the deals': what the book asks does not matter here.
        cast.checklist = Criterion.objects.create(
            stage=cast.stages[-1], order=1, kind="checklist", params={"lines": ["Фото"]}
        )
        cast.task = StageTask.objects.create(
            stage=cast.stages[-1], order=1, kind=ActivityKind.objects.first(), text="Позвонить"
        )
        for name in {*ACTORS.values(), COLLEAGUE, OUTSIDER}:
            cast.things[name] = _things(cast, world.members[name])
        cast.archived_team = create_team(actor=world.admin, name="Прежний отдел")
        archive_team(cast.archived_team, actor=world.admin)
        leaving = world.members["head"]
        cast.former = deactivate_member(leaving, actor=world.admin)
        cast.invitation = invite(actor=world.admin, email=f"new@{slug}.test", role=world.roles["seller"])
        cast.draft, cast.imported = _imports(cast)
        cast.own_field = create_field(
            actor=None, subject="deal", label="Упаковка", kind="choice", options=["Ящик", "Паллета"]
        )
    return cast


def _imports(cast: Cast) -> tuple[ImportBatch, ImportBatch]:
    """A file being prepared, and one brought in with rejected rows. Nobody owns imports: who may, may all."""
    folder = running.files_folder()
    path = folder / f"{cast.world.slug}.upload"
    path.write_text("id,title,stage\n1,Сделка,Первый контакт\n", encoding="utf-8")
    rejected = folder / f"{cast.world.slug}.xlsx"
    rejected.write_bytes(b"PK")
    options = running.first_options(running.open_files(path, "deals.csv"))
    draft = ImportBatch.objects.create(
        subject="deals",
        member=cast.world.admin,
        file_name="deals.csv",
        file_path=str(path),
        options=options.dump(),
        total_rows=1,
    )
    done = ImportBatch.objects.create(
        subject="deals",
        member=cast.world.admin,
        file_name="deals.csv",
        file_path="",
        status=ImportStatus.DONE,
        error_path=str(rejected),
    )
    return draft, done


def _things(cast: Cast, owner: Member) -> Things:
    """The administrator makes them, so that what the owner may do does not matter here."""
    admin = cast.world.admin
    found = Things(owner)
    found.company = make_company(owner, f"ООО «{owner.name}»")
    found.second = make_company(owner, f"ПАО «{owner.name}»")
    found.person = make_person(found.company, f"Лицо {owner.name}")
    found.position = Position.objects.get(person=found.person)
    found.contact = add_contact(found.company, actor=admin, kind="phone", value="+7 495 123-45-67")
    found.account = BankAccount.objects.create(company=found.company, bank="Банк")
    found.tag = tag_company(found.company, actor=admin, name="важный")
    found.deal = _deal(cast, owner, found, "Сделка")
    found.won = _deal(cast, owner, found, "Выигранная")
    found.moved = move_deal(found.deal, actor=admin, stage=cast.stages[1])
    add_participant(found.deal, actor=admin, person=found.person)
    set_tag(found.deal, actor=admin, tag=found.tag, on=True)
    found.activity = plan_activity(
        actor=admin,
        kind=ActivityKind.objects.first(),
        due_at=timezone.now() + dt.timedelta(days=1),
        deal=found.deal,
        owner=owner,
    )
    found.approval = Approval.objects.create(deal=found.deal, criterion=cast.checklist, asked_by=owner)
    found.proposal = LossProposal.objects.create(
        deal=found.deal, reason=Reason.objects.filter(kind="lost").order_by("pk")[0], asked_by=owner
    )
    found.note = add_note(actor=owner, subject=("company", found.company.pk), text="Заметка")
    found.file = add_file(
        actor=owner,
        subject=("company", found.company.pk),
        name="Договор.pdf",
        content=io.BytesIO(b"%PDF-1.4"),
    )
    path = folder() / f"cast-{owner.pk}.xlsx"
    path.write_bytes(b"a file")
    found.list_job = ListJob.objects.create(
        kind="export",
        subject="deal",
        title="Выгрузка",
        member=owner,
        status="done",
        file_path=str(path),
        file_name="Сделки.xlsx",
    )
    found.view = SavedView.objects.create(subject="deal", name="Вид", owner=owner)
    found.notice = Notice.objects.create(member=owner, kind="test", text="Напоминание", key=f"k{owner.pk}")
    asker = Member.objects.get(email="former@example.com")
    found.access = AccessRequest.objects.create(company=found.company, member=asker)
    found.absence = Absence.objects.create(member=owner, first=dt.date(2027, 7, 5), last=dt.date(2027, 7, 9))
    found.token, _secret = create_token(
        actor=owner, name="Сайт", scopes=["deals:read"], expires_at=timezone.now() + dt.timedelta(days=1)
    )
    found.deal = Deal.objects.get(pk=found.deal.pk)
    edit_company(found.company, actor=owner, changes={"name": f"ЗАО «{owner.name}»"})
    found.edited = Event.objects.filter(type="company.edited", actor=owner).latest("pk")
    return found


def _deal(cast: Cast, owner: Member, things: Things, title: str) -> Any:
    deal = create_deal(
        actor=cast.world.admin, title=title, funnel=cast.funnel, company=things.company, owner=owner
    )
    if cast.world.slug != "romashka":
        Deal.objects.filter(pk=deal.pk).update(number=FAR + deal.number)
    return Deal.objects.get(pk=deal.pk)
