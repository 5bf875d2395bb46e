"""Rights in words: what a role sees and may do, and what a change of it has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voronka.workspaces.rights import GRANTABLE, Action, Reach, RoleCode, Subject, hideable, subject_of_fields

Kept = Mapping[str, Any]


def name_of(name: str, code: str) -> str:
    """What a role is called: by its own name, else by the standard one."""
    return name or (str(RoleCode(code).label) if code in RoleCode.values else code)


def changed_rights(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """One line for every right that differs: «deals, edit: own → all»."""
    lines = []
    for subject, actions in GRANTABLE.items():
        for action in actions:
            was, now = (int(side.get(subject, {}).get(action, 0)) for side in (before, after))
            if was != now:
                lines.append(f"{subject.label}, {action.label}: {Reach(was).label} → {Reach(now).label}")
    return lines


def changed_fields(what: str, before: Kept, after: Kept) -> list[str]:
    """One line for every field newly kept back or given back: «hidden: + amount»."""
    labels = {(known.subject, known.name): str(known.label) for known in hideable()}
    lines = []
    for subject in sorted({*before, *after}):
        was, now = set(before.get(subject, ())), set(after.get(subject, ()))
        for name in sorted(was ^ now):
            sign = "+" if name in now else "−"
            lines.append(f"{what}: {sign} {labels.get((subject, name), name)}")
    return lines


def told_role(payload: Any) -> str:
    """The body of `role.edited`."""
    before, after = payload.before, payload.after
    lines = []
    if "name" in after:
        was, now = (name_of(side["name"], payload.code) for side in (before, after))
        lines.append(f"{was} → {now}")
    if "rights" in after:
        lines += changed_rights(before["rights"], after["rights"])
    if "hidden_fields" in after:
        lines += changed_fields(_("Hidden"), before["hidden_fields"], after["hidden_fields"])
    if "readonly_fields" in after:
        lines += changed_fields(_("Read only"), before["readonly_fields"], after["readonly_fields"])
    return "\n".join(lines)


def what_is_seen(rights: Mapping[str, Any], hidden: Kept) -> list[str]:
    """Short sentences that preview a role: what its people will see, and what they will not."""

    def reach(subject: Subject, action: Action = Action.SEE) -> Reach:
        return Reach(int(rights.get(subject, {}).get(action, 0)))

    words = {
        Reach.ALL: _("all %(what)s"),
        Reach.TEAM: _("%(what)s of one's team and of the teams below it"),
        Reach.OWN: _("one's own %(what)s"),
    }
    work = (Subject.DEAL, Subject.CLIENT, Subject.ACTIVITY, Subject.REPORT)
    seen = []
    for far, phrase in words.items():
        if names := [str(subject.label) for subject in work if reach(subject) == far]:
            seen.append(phrase % {"what": ", ".join(names)})
    lines = []
    if seen:
        lines.append(_("Sees %(what)s.") % {"what": "; ".join(seen)})
    else:
        lines.append(_("Sees nothing of the work: an empty page that says whom to ask."))
    if seen and not any(reach(subject, Action.EDIT) for subject in work[:3]):
        lines.append(_("Changes nothing."))
    exports = [str(subject.label) for subject in GRANTABLE if reach(subject, Action.EXPORT)]
    if exports:
        lines.append(_("Exports %(what)s.") % {"what": ", ".join(exports)})
    elif seen:
        lines.append(_("Exports nothing."))
    labels = [
        str(known.label).lower()
        for known in hideable()
        if known.name in hidden.get(subject_of_fields(known.subject), ())
    ]
    if labels:
        lines.append(
            ngettext("Hidden field: %(what)s.", "Hidden fields: %(what)s.", len(labels))
            % {"what": ", ".join(labels)}
        )
    if reach(Subject.WORKSPACE, Action.CONFIGURE):
        lines.append(_("Manages the company, roles included."))
    return lines
