"""Who may take a file off its card."""

from __future__ import annotations

from voronka.desk.models import File
from voronka.workspaces.models import Member
from voronka.workspaces.rights import Action, Reach, Subject

# Materials of a task of the sales book.
BOOK_TASK = "stage_task"
_SUBJECTS = {"deal": Subject.DEAL, "activity": Subject.ACTIVITY}


def may_delete(file: File, member: Member) -> bool:
    """Whoever brought it, and those who mind everybody's; materials of the book are minded by who writes the book."""
    if file.subject_kind == BOOK_TASK:
        return member.may(Subject.BOOK, Action.CONFIGURE)
    subject = _SUBJECTS.get(file.subject_kind, Subject.CLIENT)
    return file.author_id == member.pk or member.reach(subject, Action.DELETE) == Reach.ALL
