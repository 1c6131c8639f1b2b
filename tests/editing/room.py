"""A small knowledge folder, a database and a desk for the people who edit it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.editing.desk import EditDesk, Policy
from bot.editing.drafts import Drafted, EntryForm, change_entry
from bot.editing.model import Actor, Edit, Place, Subject
from bot.editing.publisher import Publisher
from bot.editing.states import Role
from bot.knowledge.model import Entry, Facet, Knowledge, Reviewer
from bot.storage.database import Database
from bot.storage.edits import Edits
from tests.knowledge.examples import Folder

LITHIUM = Place(Subject.ENTRY, "lithium")
ADDING = Place(Subject.ENTRY, "adding-lithium")
DOSE = Place(Subject.REDIRECT, "personal-dose")
ANNA = Actor("anna", Role.EDITOR)
BEN = Actor("ben", Role.EDITOR)
CORA = Actor("cora", Role.CLINICIAN)
MIRA = Actor("mira", Role.MODERATOR)
MEMBER = Actor("max", Role.MEMBER)
STRANGER = Actor("sam", Role.STRANGER)

REDIRECT = """\
# yaml-language-server: $schema=../schema/redirect.json
id: personal-dose
title: Your own dose
asks:
  - how much should I take
  - can I double mine tonight
  - is my dose too low
  - should my next tablet be half
  - tell me how many to swallow
  - what amount is right for me
  - may I skip one today
  - do I need a higher strength
  - which strength should I ask for
  - is two a day enough
  - could I take it twice
  - would half be safe for me
text: >-
  How much is right for you is something that your prescriber or pharmacist can say.
related: [lithium]
"""


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Room:
    """Everything that an editing test needs."""

    files: Folder
    database: Database
    clock: Clock = field(default_factory=Clock)
    swapped: list[Any] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.edits = Edits(self.database)
        self.publisher: Publisher[Knowledge] = self.another_publisher(self.swapped.append)
        self.desk = EditDesk(self.edits, self.publisher, self.clock)

    def another_publisher(self, on_swap: Callable[[Knowledge], None]) -> Publisher[Knowledge]:
        return Publisher(self.files.path, self.edits, lambda knowledge: knowledge, on_swap, self._tell)

    async def _tell(self, sentences: tuple[str, ...]) -> None:
        self.told += sentences

    def strict(self) -> EditDesk:
        """A desk where entries of high stakes need a clinician."""
        return EditDesk(self.edits, self.publisher, self.clock, Policy(clinician_for_high_stakes=True))

    @property
    def served(self) -> Knowledge:
        return self.publisher.now.answerer

    def draft(self, form: EntryForm, key: str = "lithium") -> Drafted:
        return change_entry(self.desk.knowledge.entries[key], form, self.desk.knowledge, self.clock().date())

    def overview(self, sentence: str, key: str = "lithium") -> Drafted:
        return self.draft(EntryForm(facets={Facet.OVERVIEW: f"{sentence} [@nice-ng222]."}), key)

    async def proposed(self, sentence: str = "Lithium is a salt that some people take", by: Actor = ANNA) -> Edit:
        return await self.desk.submit(self.overview(sentence), by, "clearer")

    async def published(self, sentence: str = "Lithium is a salt that some people take", by: Actor = ANNA) -> Edit:
        other = BEN if by != BEN else ANNA
        return await self.desk.approve(await self.proposed(sentence, by), other, read=True)

    def signed(self, key: str = "lithium") -> Reviewer:
        """Who signed the entry that members get."""
        return self.served.entries[key].review.by

    def said(self, key: str = "lithium") -> str:
        """The overview that members get."""
        entry: Entry = self.served.entries[key]
        return entry.facets[Facet.OVERVIEW]


def knowledge_folder(path: Path) -> Folder:
    """The small folder, with a redirect."""
    folder = Folder(path)
    folder.write("redirects/personal-dose.yaml", REDIRECT)
    return folder
