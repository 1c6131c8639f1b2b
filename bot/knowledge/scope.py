"""What a rule looks at: entries and passages under check, inside the whole knowledge base."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from bot.knowledge.model import Entry, Facet, Kind, Knowledge
from bot.knowledge.prose import fold
from bot.knowledge.strict_yaml import Place


class Finding(NamedTuple):
    """What a rule found: the file inside the knowledge folder, the place in it, and what to do."""

    file: str
    place: Place
    message: str


class Ask(NamedTuple):
    """One stored phrasing, whose it is, where it stands, and its folded spelling."""

    owner: str
    file: str
    place: Place
    text: str
    folded: str


class Part(StrEnum):
    """What sort of text a passage is; decides which rules bind it."""

    FACET = "facet"
    REGION = "region"
    COMBINATION = "combination"
    REDIRECT = "redirect"
    NOTICE = "notice"
    TALK = "talk"


CLAIMS = frozenset({Part.FACET, Part.REGION, Part.COMBINATION})
"""Parts that state facts, so that every sentence of them is marked."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that members read. ``entry`` is set for facets and regions."""

    file: str
    place: Place
    part: Part
    text: str
    entry: Entry | None = None

    @property
    def name(self) -> str:
        """How problems call it."""
        return "'" + ".".join(str(part) for part in self.place if part != "facets") + "'"

    @property
    def is_overview(self) -> bool:
        """Whether this is an entry's overview."""
        return self.place == ("facets", Facet.OVERVIEW.value)

    def finding(self, message: str) -> Finding:
        """A finding about this passage."""
        return Finding(self.file, self.place, f"{self.name} {message}")


@dataclass(frozen=True)
class Scope:
    """Entries and passages under check, the whole base around them, and the day of the check."""

    knowledge: Knowledge
    entries: tuple[Entry, ...]
    passages: tuple[Passage, ...]
    today: date

    @cached_property
    def exempt(self) -> frozenset[str]:
        """Words of names and titles, casefolded: a page cannot do without them, so reading grades go easy on them."""
        names = [
            name
            for entry in self.knowledge.entries.values()
            if entry.kind is Kind.DEFINITION
            for name in own_names(entry)
        ]
        foreign = self.knowledge.look_alikes.known_not_covered
        names += [name for one in foreign for name in (one.name, *one.aka)]
        names += [name for words in self.knowledge.combinations.names.values() for name in words]
        return frozenset(word.casefold() for name in names for word in re.findall(r"[^\W\d_]+", name))

    @cached_property
    def asks(self) -> tuple[Ask, ...]:
        """Every stored phrasing in a stable order; an entry checked by itself comes last, so findings are its own."""
        checked = {entry.id for entry in self.entries}
        alone = checked if len(checked) < len(self.knowledge.entries) else set()
        return tuple(sorted(_asks(self.knowledge), key=lambda ask: ask.owner in alone))

    @cached_property
    def claims(self) -> dict[str, dict[str, Place]]:
        """Folded name → the entries that claim it, each with where."""
        found: dict[str, dict[str, Place]] = {}
        for entry in self.knowledge.entries.values():
            for place, name in placed_names(entry):
                found.setdefault(fold(name), {}).setdefault(entry.id, place)
        return found


def file_of(entry: Entry) -> str:
    """An entry's file inside the knowledge folder."""
    return f"{entry.kind.folder}/{entry.id}.yaml"


def own_names(entry: Entry) -> tuple[str, ...]:
    """Title and aliases."""
    return (entry.title, *entry.aliases)


def placed_names(entry: Entry) -> Iterator[tuple[Place, str]]:
    """Title and aliases with their places."""
    yield ("title",), entry.title
    for number, alias in enumerate(entry.aliases):
        yield ("aliases", number), alias


def whole(knowledge: Knowledge, today: date) -> Scope:
    """Everything under check."""
    entries = tuple(knowledge.entries.values())
    return Scope(knowledge, entries, (*_of_entries(entries), *_of_shared_files(knowledge)), today)


def single(knowledge: Knowledge, entry: Entry, today: date) -> Scope:
    """One entry under check, as it would stand among the others."""
    around = knowledge.model_copy(update={"entries": {**knowledge.entries, entry.id: entry}})
    return Scope(around, (entry,), tuple(_of_entries((entry,))), today)


def _asks(knowledge: Knowledge) -> Iterator[Ask]:
    for entry in sorted(knowledge.entries.values(), key=file_of):
        file = file_of(entry)
        for number, (text, folded) in enumerate(zip(entry.asks, _folded(entry.asks), strict=True)):
            yield Ask(entry.id, file, ("asks", number), text, folded)
    for redirect in knowledge.redirects.values():
        file = f"redirects/{redirect.id}.yaml"
        for number, (text, folded) in enumerate(zip(redirect.asks, _folded(redirect.asks), strict=True)):
            yield Ask(f"redirect {redirect.id}", file, ("asks", number), text, folded)
    for which, talk in enumerate(knowledge.vocabulary.small_talk):
        for number, text in enumerate(talk.asks):
            place = ("small_talk", which, "asks", number)
            yield Ask(f"small talk {talk.id}", "vocabulary.yaml", place, text, fold(text))
    outside = knowledge.vocabulary.outside
    for number, (text, folded) in enumerate(zip(outside, _folded(outside), strict=True)):
        yield Ask("outside", "vocabulary.yaml", ("outside", number), text, folded)


@lru_cache(maxsize=1024)
def _folded(asks: tuple[str, ...]) -> tuple[str, ...]:
    """The folded spelling of a page's asks, which stay the same while a draft of another page is checked again."""
    return tuple(map(fold, asks))


def _of_entries(entries: Iterable[Entry]) -> Iterator[Passage]:
    for entry in entries:
        file = file_of(entry)
        for facet, text in entry.facets.items():
            yield Passage(file, ("facets", facet.value), Part.FACET, text, entry)
        for country, text in entry.regions.items():
            yield Passage(file, ("regions", country), Part.REGION, text, entry)


def _of_shared_files(knowledge: Knowledge) -> Iterator[Passage]:
    for number, pair in enumerate(knowledge.combinations.pairs):
        yield Passage("combinations.yaml", ("pairs", number, "text"), Part.COMBINATION, pair.text)
    for redirect in knowledge.redirects.values():
        yield Passage(f"redirects/{redirect.id}.yaml", ("text",), Part.REDIRECT, redirect.text)
    for number, notice in enumerate(knowledge.notices.values()):
        yield Passage("notices.yaml", (number, "text"), Part.NOTICE, notice.text)
    for number, talk in enumerate(knowledge.vocabulary.small_talk):
        for which, reply in enumerate(talk.replies):
            yield Passage("vocabulary.yaml", ("small_talk", number, "replies", which), Part.TALK, reply)
    for name, template in knowledge.vocabulary.templates.items():
        yield Passage("vocabulary.yaml", ("templates", name), Part.TALK, template)
