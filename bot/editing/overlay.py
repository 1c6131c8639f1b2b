"""Published edits over the files: what is served, and which edits need an editor's look.

A file equal to the snapshot makes the edit redundant. A file changed since the edit was published is a conflict: the
reviewed snapshot keeps serving until an editor decides. Hidden things are gone, whatever files and edits say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.editing.checks import with_value
from bot.editing.ends import without_loose_ends
from bot.editing.model import Edit, Place, Snapshot, content_hash, value_in
from bot.editing.states import State
from bot.knowledge.loading import revise
from bot.knowledge.model import Knowledge


class Standing(StrEnum):
    """How a published edit stands to the file that it lies over."""

    SERVING = "serving"
    REDUNDANT = "in the files already"
    CONFLICT = "changed in the files since"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Flag:
    """One published edit and how it stands."""

    edit: int
    place: Place
    standing: Standing

    @property
    def needs_a_look(self) -> bool:
        """Whether an editor has to decide."""
        return self.standing in (Standing.CONFLICT, Standing.UNREADABLE)

    @property
    def sentence(self) -> str:
        """For the editors."""
        name = f"Edit {self.edit} ({self.place.subject} {self.place.key})"
        match self.standing:
            case Standing.SERVING:
                return f"{name} lies over the file."
            case Standing.REDUNDANT:
                return f"{name} is in the files already and can be left to them."
            case Standing.CONFLICT:
                return (
                    f"{name} was published, and its file was changed since. Members still get the reviewed text of the "
                    "edit. Keep it, leave it to the files, or write an edit that joins both."
                )
            case Standing.UNREADABLE:
                return f"{name} cannot be read by this version, so the file is served. Write the edit anew."


@dataclass(frozen=True, slots=True)
class Overlaid:
    """What is served, how each published edit stands, and what is hidden.

    ``beneath`` is what would be served if nothing were hidden: what drafts are written on.
    """

    knowledge: Knowledge
    beneath: Knowledge
    flags: tuple[Flag, ...] = ()
    hidden: frozenset[Place] = frozenset()


def overlay(files: Knowledge, edits: Iterable[Edit], hidden: Iterable[Place] = ()) -> Overlaid:
    """Lay published and hidden edits over the files. ``hidden`` are tombstones from elsewhere, such as an export."""
    standing = sorted(edits, key=lambda edit: (edit.changed_at, edit.id))
    tombs = frozenset(hidden) | {edit.place for edit in standing if edit.state is State.HIDDEN}
    published = [edit for edit in standing if edit.state is State.PUBLISHED]
    flags = tuple(Flag(edit.id, edit.place, standing_of(edit, files)) for edit in published)
    knowledge = files
    for edit in published:
        knowledge = laid(knowledge, edit.snapshot) if edit.snapshot else knowledge
    beneath = without_loose_ends(knowledge, files)
    for place in tombs:
        knowledge = with_value(knowledge, place, None)
    return Overlaid(revise(without_loose_ends(knowledge, files)), beneath, flags, tombs)


def standing_of(edit: Edit, files: Knowledge) -> Standing:
    """How one published edit stands to the files."""
    if edit.snapshot is None:
        return Standing.UNREADABLE
    file = content_hash(value_in(files, edit.place))
    if file == edit.snapshot.hash:
        return Standing.REDUNDANT
    return Standing.SERVING if file == edit.ground.file else Standing.CONFLICT


def as_drafted(knowledge: Knowledge, snapshot: Snapshot) -> Knowledge:
    """The knowledge as it would be served with a draft published: what its impact is measured on."""
    return revise(without_loose_ends(laid(knowledge, snapshot), knowledge))


def laid(knowledge: Knowledge, snapshot: Snapshot) -> Knowledge:
    """The knowledge with one snapshot in place, and with its sources where the files lack them."""
    missing = {key: source for key, source in snapshot.sources.items() if key not in knowledge.sources}
    if missing:
        knowledge = knowledge.model_copy(update={"sources": {**knowledge.sources, **missing}})
    return with_value(knowledge, snapshot.place, snapshot.value)
