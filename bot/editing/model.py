"""What an edit is: a snapshot of a whole entry, redirect or source, with the hash of what it was based on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from bot.editing.states import Role, State, Step
from bot.errors import EditError
from bot.knowledge.model import Entry, Knowledge, Redirect, Source
from bot.knowledge.prose import sentences

NOTHING: Final = "none"
"""The hash of what does not exist: the base of a new entry, the content of a retired one."""

Value = Entry | Redirect | Source


class Subject(StrEnum):
    """What sort of thing an edit changes."""

    ENTRY = "entry"
    REDIRECT = "redirect"
    SOURCE = "source"


_SHAPES: Final[Mapping[Subject, type[Entry] | type[Redirect] | type[Source]]] = {
    Subject.ENTRY: Entry,
    Subject.REDIRECT: Redirect,
    Subject.SOURCE: Source,
}


class Place(NamedTuple):
    """Which thing of the knowledge base."""

    subject: Subject
    key: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an opaque id that is the same for the same person and says nothing about them, and their role."""

    id: str
    role: Role


PROGRAM: Final = Actor("program", Role.PROGRAM)


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does something, when (seconds since 1970), and why."""

    actor: Actor
    at: int
    why: str = ""


class Ground(NamedTuple):
    """What a text was written on: the hash of what was served then, and that of the file."""

    base: str
    file: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole entry, redirect or source as it shall read; ``value`` is ``None`` when it shall be gone.

    ``sources`` are all sources that it cites, so that it can be served whatever becomes of the files.
    """

    place: Place
    value: Value | None
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """The hash of the value."""
        return content_hash(self.value)

    @property
    def title(self) -> str:
        """What to call it."""
        return self.value.title if self.value is not None else self.place.key


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit as it is stored. ``version`` counts its steps: who acts on an older one is told so.

    ``previous`` is the edit that this one took the place of, to come back when it is reverted.
    """

    id: int
    place: Place
    state: State
    snapshot: Snapshot | None
    ground: Ground
    author: str
    author_role: Role
    writers: frozenset[str]
    """Everybody whose words are in it; none of them may approve it."""
    why: str
    version: int
    previous: int | None
    trials: tuple[str, ...]
    created_at: int
    changed_at: int

    def content(self) -> Snapshot:
        """The snapshot.

        Raises:
            EditError: it was written by another version of the program and cannot be read.
        """
        if self.snapshot is None:
            raise EditError(
                f"Edit {self.id} of {self.place.key} was stored in a form that this version cannot read. Write it anew."
            )
        return self.snapshot

    def is_by(self, actor: Actor) -> bool:
        """Whether somebody wrote any of it."""
        return actor.id in self.writers


@dataclass(frozen=True, slots=True)
class Taken:
    """One step in an edit's history. People are named by role only."""

    edit: int
    step: Step
    before: State | None
    after: State
    actor: str
    role: Role
    why: str
    at: int


def content_hash(value: Value | None) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of a value's content, whatever its formatting."""
    if value is None:
        return NOTHING
    content = json.dumps(value.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def value_in(knowledge: Knowledge, place: Place) -> Value | None:
    """What stands at a place of the knowledge base."""
    match place.subject:
        case Subject.ENTRY:
            return knowledge.entries.get(place.key)
        case Subject.REDIRECT:
            return knowledge.redirects.get(place.key)
        case Subject.SOURCE:
            return knowledge.sources.get(place.key)


def cited_by(value: Value | None) -> tuple[str, ...]:
    """The ids of the sources that a text cites, in order."""
    match value:
        case Entry():
            texts = (*value.facets.values(), *value.regions.values())
        case Redirect():
            texts = (value.text,)
        case _:
            return ()
    return tuple(dict.fromkeys(source for text in texts for one in sentences(text) for source in one.sources))


def snapshot_of(place: Place, value: Value | None, knowledge: Knowledge, new: Mapping[str, Source]) -> Snapshot:
    """A snapshot with all the sources that it cites, from the knowledge base or among the new ones."""
    known = {**new, **knowledge.sources}
    return Snapshot(place, value, {one: known[one] for one in cited_by(value) if one in known})


def snapshot_text(snapshot: Snapshot) -> str:
    """How a snapshot is stored."""
    data = {
        "value": None if snapshot.value is None else snapshot.value.model_dump(mode="json"),
        "sources": {key: source.model_dump(mode="json") for key, source in sorted(snapshot.sources.items())},
    }
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def snapshot_from(place: Place, text: str) -> Snapshot | None:
    """The reverse of :func:`snapshot_text`; ``None`` when this version cannot read it."""
    try:
        data: dict[str, Any] = json.loads(text)
        value = None if data["value"] is None else _SHAPES[place.subject].model_validate(data["value"])
        sources = {key: Source.model_validate(one) for key, one in data["sources"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        return None
    return Snapshot(place, value, sources)
