"""The fixed people and things of the tests: one small company that sells equipment, and a stranger beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from voronka.catalog.models import Product, ProductGroup
from voronka.clients.models import Company, Person, Position, Segment, Source
from voronka.core.tenancy import scope
from voronka.core.text import fold
from voronka.playbook.models import ActivityKind, Channel, Funnel, Reason, ReasonKind, Stage
from voronka.workspaces.models import Member, Role, Team, User, Workspace
from voronka.workspaces.rights import DEFAULT_RIGHTS, RoleCode

PASSWORD = "correct horse battery"

STAGES = [
    # name, probability, limit in working days
    ("Первый контакт", 10, 3),
    ("Потребность", 25, 5),
    ("Презентация", 40, 7),
    ("Предложение", 60, 5),
    ("Договор", 80, 4),
]


@dataclass
class World:
    """One workspace.

    Teams: `root` («Продажи», headed by `head`) over `north` (headed by `north_head`) and `south`.
    Members: sellers `anna`, `boris` (north), `vera` (south); `head`, `north_head`, `marketer`, `service`,
    `director`, `admin`.
    """

    workspace: Workspace
    roles: dict[str, Role] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Member:
        try:
            return self.__dict__["members"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def slug(self) -> str:
        return self.workspace.slug


def make_member(world: World, name: str, role: str, team: str | None, full_name: str) -> Member:
    user = User(email=f"{name}@{world.slug}.test", name=full_name)
    # The fast hasher of the test settings: signing in is not what most tests are about.
    user.set_password(PASSWORD)
    user.save()
    member = Member.objects.create(
        user=user,
        name=full_name,
        email=user.email,
        role=world.roles[role],
        team=world.teams[team] if team else None,
    )
    world.members[name] = member
    return member


def make_world(slug: str = "romashka") -> World:
    """Create the company; call it outside any scope, use it inside `scope(world.workspace)`."""
    world = World(Workspace.objects.create(name=f"ООО «{slug}»", slug=slug))
    with scope(world.workspace):
        for order, code in enumerate(RoleCode.values):
            world.roles[code] = Role.objects.create(code=code, rights=DEFAULT_RIGHTS[code], order=order)
        root = world.teams["root"] = Team.objects.create(name="Продажи")
        world.teams["north"] = Team.objects.create(name="Север", parent=root)
        world.teams["south"] = Team.objects.create(name="Юг", parent=root)
        make_member(world, "anna", "seller", "north", "Анна Седова")
        make_member(world, "boris", "seller", "north", "Борис Ильин")
        make_member(world, "vera", "seller", "south", "Вера Морозова")
        make_member(world, "head", "head", "root", "Глеб Орлов")
        make_member(world, "north_head", "head", "north", "Дина Крамер")
        make_member(world, "marketer", "marketer", None, "Ева Лис")
        make_member(world, "service", "service", None, "Жанна Попова")
        make_member(world, "director", "director", None, "Захар Белов")
        make_member(world, "admin", "admin", None, "Игорь Черных")
        Team.objects.filter(pk=root.pk).update(head=world.head)
        Team.objects.filter(pk=world.teams["north"].pk).update(head=world.north_head)
    return world


def make_book(world: World) -> Funnel:
    """A funnel of five stages with reasons, kinds, a segment, a source and a product, inside the scope."""
    group = ProductGroup.objects.create(name="Оборудование", name_key="оборудование")
    Product.objects.create(name="Стеллаж С-12", name_key="стеллаж с-12", group=group, price=98000)
    segment = Segment.objects.create(name="Розница", name_key="розница")
    for name in ("Сайт", "Выставка"):
        Source.objects.create(name=name, name_key=fold(name))
    funnel = Funnel.objects.create(name="Оборудование · Розница", product_group=group, segment=segment)
    for order, (name, probability, limit) in enumerate(STAGES, start=1):
        Stage.objects.create(
            funnel=funnel,
            name=name,
            order=order,
            probability=probability,
            limit_days=limit,
            is_key=order == 3,
        )
    for name in ("Дорого", "Выбрали конкурента", "Отложили"):
        Reason.objects.create(kind=ReasonKind.LOST, name=name, name_key=fold(name))
    Reason.objects.create(kind=ReasonKind.WON, name="Срок поставки", name_key="срок поставки")
    for order, (name, channel, icon) in enumerate(
        [
            ("Звонок", Channel.CALL, "phone"),
            ("Встреча", Channel.MEETING, "users"),
            ("Письмо", Channel.LETTER, "mail"),
            ("Задача", Channel.TASK, "checkbox"),
        ]
    ):
        ActivityKind.objects.create(name=name, channel=channel, icon=icon, order=order)
    return funnel


def make_company(owner: Member | None, name: str = "ООО «Логист-Центр»", **fields: object) -> Company:
    return Company.objects.create(
        name=name, name_key=fold(name), owner=owner, team=owner.team if owner else None, **fields
    )


def make_person(company: Company, name: str = "Игорь Белов", **fields: object) -> Person:
    person = Person.objects.create(
        name=name, name_key=fold(name), owner=company.owner, team=company.team, **fields
    )
    Position.objects.create(person=person, company=company, title="Закупки", is_main=True)
    return person
