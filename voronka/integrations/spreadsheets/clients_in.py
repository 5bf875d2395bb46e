"""Companies, people and products out of files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from voronka.catalog.bulk import ProductRow, import_products
from voronka.catalog.models import Product
from voronka.clients.bulk import (
    CompanyRow,
    ContactRow,
    PersonRow,
    add_positions,
    import_companies,
    import_people,
    tag_companies,
    update_clients,
)
from voronka.clients.industries import find_industry, section_of
from voronka.clients.models import Company, ContactPoint, Person, PostKind, Size
from voronka.clients.regions import find_region, region_of_inn
from voronka.clients.search import refresh_companies, refresh_people
from voronka.core.text import fold
from voronka.desk.bulk import NoteRow, import_notes
from voronka.integrations.spreadsheets.known import client_key, parts, person_key
from voronka.integrations.spreadsheets.plans import Importer, at, differing, own_changes
from voronka.integrations.spreadsheets.records import Record
from voronka.integrations.spreadsheets.words import size_of

_KINDS = (("phones", "phone"), ("emails", "email"), ("messengers", "messenger"))


def _contact_keys(record: Record) -> list[str]:
    return [f"contact:{normal}" for name in ("phones", "emails") for normal in record.get(name, [])]


class _Clients(Importer):
    """What companies and people share: contacts and notes."""

    def loaded(self, rows: Any) -> dict[int, Any]:
        found = super().loaded(rows)
        for row in found.values():
            row.normals = set()
        points = ContactPoint.objects.filter(**{f"{self.kind}__in": list(found)})
        for pk, normal in points.values_list(f"{self.kind}_id", "normal"):
            found[pk].normals.add(normal)
        return found

    def missing_contacts(self, record: Record, there: Any) -> list[tuple[str, str]]:
        return [
            (kind, value)
            for name, kind in _KINDS
            for value in record.get(name, [])
            if (value if kind != "messenger" else value.lower()) not in there.normals
        ]

    def contact_rows(self, pk: int, missing: Sequence[tuple[str, str]]) -> list[ContactRow]:
        return [ContactRow(kind, value, **{f"{self.kind}_id": pk}) for kind, value in missing]

    def write_notes(self, pairs: Sequence[tuple[Record, int]]) -> None:
        """What the file remarks on a client becomes notes on its card."""
        rows = []
        for record, pk in pairs:
            author = self.owner(record) or self.actor
            texts = [*record.get("notes", []), *filter(None, [record.get("comment")])]
            rows += [
                NoteRow((self.kind, pk), text, author.pk, at(record.get("created_at", None)))
                for text in texts
            ]
        self.made("note", import_notes(rows, actor=self.actor))


class Companies(_Clients):
    """Companies: known by number, ИНН, phone or e-mail, exact name (without its legal form)."""

    subject, kind, model = "companies", "company", Company
    words: ClassVar[dict[str, str]] = {"segment": "segment", "source": "source"}

    @classmethod
    def check(cls, record: Record, problems: list[str]) -> None:
        values = record.values
        if not record.get("name"):
            problems.append(_("The company has no name."))
            return
        for name, lengths, sentence in (
            ("inn", (10, 12), _("The INN “%(value)s” has not 10 or 12 digits.")),
            ("ogrn", (13, 15), _("The OGRN “%(value)s” has not 13 or 15 digits.")),
        ):
            if record.get(name):
                bare = "".join(char for char in record.get(name) if char.isdigit())
                # A number in Excel has lost its leading zero.
                bare = bare.zfill(len(bare) + 1) if len(bare) + 1 in lengths and name == "inn" else bare
                if len(bare) not in lengths:
                    problems.append(sentence % {"value": record.get(name)})
                values[name] = bare
        if record.get("kpp"):
            bare = record.get("kpp").replace(" ", "").upper()
            values["kpp"] = bare.zfill(9) if bare.isdigit() else bare
            if len(values["kpp"]) != 9:
                problems.append(_("The KPP “%(value)s” has not 9 characters.") % {"value": record.get("kpp")})
        if record.get("region"):
            values["region"] = find_region(record.get("region"))
        elif record.get("inn"):
            values["region"] = region_of_inn(record.get("inn"))
        if record.get("okved") and not record.get("industry"):
            values["industry"] = section_of(record.get("okved"))
        elif record.get("industry"):
            values["industry"] = find_industry(record.get("industry"))
        if record.get("size"):
            values["size"] = size_of(record.get("size"), dict(Size.choices))
        by_inn = [f"inn:{record.get('inn')}"] if record.get("inn") else []
        by_name = f"name:{client_key(record.get('name'))}"
        record.keys = [*by_inn, *_contact_keys(record), by_name]
        # Within one file a phone may be shared by several companies: there the name tells them apart.
        record.identity = "|".join([*by_inn, record.get("kpp")]) if by_inn else by_name

    def agrees(self, record: Record, there: Any, how: str) -> bool:
        # Two legal entities of one name, or behind one phone, are two clients.
        return how == "inn" or not (record.get("inn") and there.inn and record.get("inn") != there.inn)

    _PLAIN = (
        "name", "legal_name", "inn", "kpp", "ogrn", "site", "address", "legal_address", "region", "industry", "okved", "size", "is_key",
    )  # fmt: skip

    def changes(self, record: Record, there: Any, *, free: bool) -> dict[str, Any]:
        wanted = {name: record.get(name) for name in self._PLAIN if record.get(name)}
        found = differing(there, wanted, free=free)
        if "name" in found and client_key(found["name"]) == there.name_key and not free:
            found.pop("name")
        for name in ("segment", "source", "owner"):
            if record.get(name) and (free or getattr(there, f"{name}_id") is None):
                found[f"@{name}"] = record.get(name)
        if custom := own_changes(record, there, free=free):
            found["custom"] = custom
        if missing := self.missing_contacts(record, there):
            found["@contacts"] = missing
        if record.get("tags"):
            found["@tags"] = record.get("tags")
        return found

    def create(self, records: Sequence[Record]) -> list[int]:
        rows = []
        for record in records:
            owner = self.owner(record)
            rows.append(
                CompanyRow(
                    **{name: record.get(name) for name in self._PLAIN if record.get(name)},
                    segment_id=self.word(record, "segment"),
                    source_id=self.word(record, "source"),
                    owner_id=owner.pk if owner else None,
                    team_id=owner.team_id if owner else None,
                    created_at=at(record.get("created_at", None)),
                    phones=record.get("phones", []),
                    emails=record.get("emails", []),
                    messengers=record.get("messengers", []),
                    custom=record.get("custom", {}),
                )
            )
        pks = [company.pk for company in import_companies(rows, actor=self.actor, findable=False)]
        pairs = list(zip(records, pks, strict=True))
        tag_companies((pk, tag) for record, pk in pairs for tag in self.tag_ids(record))
        self.write_notes(pairs)
        self._concerned = [*getattr(self, "_concerned", []), *pks]
        return pks

    def update(self, triples: Sequence[tuple[Record, int, dict[str, Any]]]) -> None:
        there = Company.objects.in_bulk([pk for _record, pk, _changes in triples])
        values: dict[int, dict[str, Any]] = {}
        contacts: list[ContactRow] = []
        for record, pk, changes in triples:
            wanted = {name: value for name, value in changes.items() if not name.startswith("@")}
            for name in ("segment", "source"):
                if f"@{name}" in changes:
                    wanted[f"{name}_id"] = self.word(record, name)
            if "@owner" in changes and (owner := self.owner(record)):
                wanted |= {"owner_id": owner.pk, "team_id": owner.team_id}
            wanted = {name: value for name, value in wanted.items() if getattr(there[pk], name) != value}
            if wanted:
                values[pk] = wanted
            contacts += self.contact_rows(pk, changes.get("@contacts", []))
        self.noted(
            {pk: ({n: getattr(there[pk], n) for n in wanted}, wanted) for pk, wanted in values.items()}
        )
        self.made("contact", update_clients(actor=self.actor, companies=values, contacts=contacts))
        tags = tag_companies((pk, tag) for record, pk, _changes in triples for tag in self.tag_ids(record))
        self.made("company_tag", [tag.pk for tag in tags])
        self._concerned = [*getattr(self, "_concerned", []), *(pk for _record, pk, _changes in triples)]

    def finish(self) -> None:
        refresh_companies(getattr(self, "_concerned", []))


class People(_Clients):
    """People: known by number, phone or e-mail, exact name within their company."""

    subject, kind, model = "people", "person", Person
    words: ClassVar[dict[str, str]] = {"source": "source"}

    @classmethod
    def check(cls, record: Record, problems: list[str]) -> None:
        values = record.values
        parts_of_name = [values.pop(name, "") for name in ("last_name", "first_name", "middle_name")]
        if not record.get("name"):
            last, first, middle = parts_of_name
            values["name"] = " ".join(filter(None, [first, middle, last]))[:200]
        if not record.get("name"):
            contact = [*record.get("phones", []), *record.get("emails", [])]
            if not contact:
                problems.append(_("The person has no name."))
                return
            values["name"] = contact[0]
        # A person's card has no places of their own for these; written down they are found and not lost.
        said = [
            (_("Address"), values.pop("address", "")),
            (_("Site"), values.pop("site", "")),
            (_("Tags"), ", ".join(values.pop("tags", []))),
        ]
        if lines := [f"{label}: {text}" for label, text in said if text]:
            values["about"] = "\n".join(filter(None, [record.get("about"), *lines]))
        if record.get("role"):
            values["role"] = _POSTS.get(fold(record.get("role")), "")
        contacts = _contact_keys(record)
        by_name = person_key(record.get("name"), record.get("company"))
        # Two people of one name in one company are told apart by their first phone or e-mail.
        record.keys = [*contacts, by_name]
        record.identity = "|".join([by_name, *contacts[:1]])

    def agrees(self, record: Record, there: Any, how: str) -> bool:
        # A phone of an office is many people's: the names must have a word in common.
        return how != "contact" or bool(set(fold(record.get("name")).split()) & set(there.name_key.split()))

    def look_around(self) -> None:
        names = {
            f"name:{client_key(record.get('company'))}"
            for record in self.plan.created
            if record.get("company") and not record.get("company_id")
        }
        self._company_ids = self.known.find("company", names | self._company_keys(self.plan.records.records))
        missing = {key for key in names if key not in self._company_ids}
        self.plan.besides["companies"] = len(missing)
        for key in missing:
            self.known.expect("company", [key])

    def _company_keys(self, records: Sequence[Record]) -> set[str]:
        keys = set()
        for record in records:
            if number := record.get("company_id"):
                keys |= {f"id:{self.source}:{number}", f"any:{number}"}
            if record.get("company"):
                keys.add(f"name:{client_key(record.get('company'))}")
        return keys

    def _company_of(self, record: Record) -> int | None:
        number = record.get("company_id")
        keys = [f"id:{self.source}:{number}", f"any:{number}"] if number else []
        if record.get("company"):
            keys.append(f"name:{client_key(record.get('company'))}")
        return next((self._company_ids[key] for key in keys if key in self._company_ids), None)

    def prepare(self, records: Sequence[Record]) -> None:
        super().prepare(records)
        # Companies that people name and nobody brought.
        self._company_ids = self.known.find("company", self._company_keys(records))
        wanted: dict[str, Record] = {}
        for record in records:
            if record.get("company") and self._company_of(record) is None:
                wanted.setdefault(client_key(record.get("company")), record)
        for keys in parts(wanted):
            rows = []
            for key in keys:
                owner = self.owner(wanted[key])
                rows.append(
                    CompanyRow(
                        wanted[key].get("company"),
                        owner_id=owner.pk if owner else None,
                        team_id=owner.team_id if owner else None,
                        created_at=at(wanted[key].get("created_at", None)),
                    )
                )
            made = import_companies(rows, actor=self.actor)
            self.made("company", [company.pk for company in made])
            self._company_ids.update(
                (f"name:{key}", company.pk) for key, company in zip(keys, made, strict=True)
            )

    def changes(self, record: Record, there: Any, *, free: bool) -> dict[str, Any]:
        wanted = {name: record.get(name) for name in ("name", "birthday", "about") if record.get(name)}
        found = differing(there, wanted, free=free)
        for name in ("source", "owner"):
            if record.get(name) and (free or getattr(there, f"{name}_id") is None):
                found[f"@{name}"] = record.get(name)
        if custom := own_changes(record, there, free=free):
            found["custom"] = custom
        if missing := self.missing_contacts(record, there):
            found["@contacts"] = missing
        if record.get("company") or record.get("company_id"):
            found["@company"] = True
        return found

    def create(self, records: Sequence[Record]) -> list[int]:
        rows, companies = [], []
        for record in records:
            owner = self.owner(record)
            companies.append(self._company_of(record))
            rows.append(
                PersonRow(
                    record.get("name"),
                    title=record.get("title"),
                    kind=record.get("role"),
                    birthday=record.get("birthday", None),
                    about=record.get("about"),
                    source_id=self.word(record, "source"),
                    owner_id=owner.pk if owner else None,
                    team_id=owner.team_id if owner else None,
                    created_at=at(record.get("created_at", None)),
                    phones=record.get("phones", []),
                    emails=record.get("emails", []),
                    messengers=record.get("messengers", []),
                    custom=record.get("custom", {}),
                )
            )
        people = import_people(rows, actor=self.actor, company_ids=companies)
        pks = [person.pk for person in people]
        self.write_notes(list(zip(records, pks, strict=True)))
        return pks

    def update(self, triples: Sequence[tuple[Record, int, dict[str, Any]]]) -> None:
        there = Person.objects.in_bulk([pk for _record, pk, _changes in triples])
        values: dict[int, dict[str, Any]] = {}
        contacts: list[ContactRow] = []
        posts: list[tuple[int, int, str]] = []
        for record, pk, changes in triples:
            wanted = {name: value for name, value in changes.items() if not name.startswith("@")}
            if "@source" in changes:
                wanted["source_id"] = self.word(record, "source")
            if "@owner" in changes and (owner := self.owner(record)):
                wanted |= {"owner_id": owner.pk, "team_id": owner.team_id}
            wanted = {name: value for name, value in wanted.items() if getattr(there[pk], name) != value}
            if wanted:
                values[pk] = wanted
            contacts += self.contact_rows(pk, changes.get("@contacts", []))
            if "@company" in changes and (company := self._company_of(record)):
                posts.append((pk, company, record.get("title")))
        self.noted(
            {pk: ({n: getattr(there[pk], n) for n in wanted}, wanted) for pk, wanted in values.items()}
        )
        self.made("contact", update_clients(actor=self.actor, people=values, contacts=contacts))
        self.made("position", [post.pk for post in add_positions(posts, actor=self.actor)])
        refresh_people(pk for _record, pk, _changes in triples)


_POSTS = {fold(word): code for code, label in PostKind.choices for word in (code, label)}


class Products(Importer):
    """Products: known by number, article, exact name."""

    subject, kind, model = "products", "product", Product
    words: ClassVar[dict[str, str]] = {"group": "product_group"}

    @classmethod
    def check(cls, record: Record, problems: list[str]) -> None:
        if not record.get("name"):
            problems.append(_("The product has no name."))
            return
        by_name = f"name:{fold(record.get('name'))[:250]}"
        record.identity = by_name
        record.keys = [by_name, *([f"sku:{record.get('sku')}"] if record.get("sku") else [])]

    def _match(self, record: Record, *args: Any) -> tuple[int | None, str]:
        pk, how = super()._match(record, *args)
        if pk is None:
            # A name stands once in the list of products, whatever numbers other systems give it.
            pk = args[0].get(record.keys[0])
            how = "name"
        return (pk, how) if pk is not None else (None, "")

    def changes(self, record: Record, there: Any, *, free: bool) -> dict[str, Any]:
        wanted = {name: record.get(name) for name in ("sku", "unit", "price") if record.get(name)}
        # Prices and units come from the price list that is brought: it is what the file is brought for.
        found = differing(there, wanted, free=True)
        if record.get("group") and (free or there.group_id is None):
            found["@group"] = record.get("group")
        return found

    def create(self, records: Sequence[Record]) -> list[int]:
        rows = [
            ProductRow(
                record.get("name"),
                sku=record.get("sku"),
                group_id=self.word(record, "group"),
                unit=record.get("unit"),
                price=record.get("price", None),
            )
            for record in records
        ]
        return [product.pk for product in import_products(rows, actor=self.actor)]

    def update(self, triples: Sequence[tuple[Record, int, dict[str, Any]]]) -> None:
        there = Product.objects.in_bulk([pk for _record, pk, _changes in triples])
        values: dict[int, dict[str, Any]] = {}
        for record, pk, changes in triples:
            wanted = {name: value for name, value in changes.items() if not name.startswith("@")}
            if "@group" in changes:
                wanted["group_id"] = self.word(record, "group")
            wanted = {name: value for name, value in wanted.items() if getattr(there[pk], name) != value}
            if wanted:
                values[pk] = wanted
        self.noted(
            {pk: ({n: getattr(there[pk], n) for n in wanted}, wanted) for pk, wanted in values.items()}
        )
        import_products((), actor=self.actor, changes=values)
