"""Does every entry find its own asks home? Each ask is put as a question to an index that was built without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.answering.index import held_out
from bot.answering.matching import Ranking, rank
from bot.answering.thinking import Mind, build_mind
from bot.knowledge.model import Knowledge

_SURE_THEFT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Homecoming:
    """What became of one ask: ``right``, ``offered``, ``wrong`` (with the thief) or ``declined``."""

    entry: str
    place: int
    outcome: str
    thief: str | None
    confidence: float


def homecomings(mind: Mind) -> Iterator[Homecoming]:
    """Every ask of every entry, put to an index that was built without it (and without a fifth of all the others)."""
    for index, left in held_out(mind.knowledge):
        for one in left:
            entry = index.targets[one.owner]
            if entry in mind.knowledge.entries:
                place = int(one.label.rpartition("#")[2]) - 1
                yield _homecoming(mind, entry, place, rank(index, one.reading, mind.weights))


def _homecoming(mind: Mind, entry: str, place: int, ranking: Ranking) -> Homecoming:
    best = ranking.candidates[0]
    confidence = ranking.sure
    offered = [candidate.entry for candidate in ranking.candidates[:4] if candidate.confidence >= mind.bars.choice]
    known = mind.knowledge.entries.get(best.entry)
    bar = mind.bars.answer[known.stakes] if known else mind.bars.redirect
    if confidence >= bar:
        return Homecoming(
            entry,
            place,
            "right" if best.entry == entry else "wrong",
            None if best.entry == entry else best.entry,
            confidence,
        )
    return Homecoming(entry, place, "offered" if entry in offered else "declined", None, confidence)


@dataclass(frozen=True, slots=True)
class Stolen:
    """An ask that another page would surely take."""

    entry: str
    folder: str
    place: int
    message: str


def stolen_asks(knowledge: Knowledge) -> tuple[Stolen, ...]:
    """Asks that go surely to another entry outside the family: move them there, or word them for their own page."""
    mind = build_mind(knowledge)
    kin = {(a, b) for family in knowledge.families for a in family for b in family}
    return tuple(
        _stolen(knowledge, one)
        for one in homecomings(mind)
        if one.thief in knowledge.entries and one.confidence >= _SURE_THEFT and (one.entry, one.thief) not in kin
    )


def _stolen(knowledge: Knowledge, one: Homecoming) -> Stolen:
    message = f"ask {one.place + 1} would be answered by {one.thief}; word it for this page or move it there"
    return Stolen(one.entry, knowledge.entries[one.entry].kind.folder, one.place, message)


@dataclass(frozen=True, slots=True)
class SelfReport:
    """How many asks find home."""

    outcomes: Counter[str]
    thefts: Counter[tuple[str, str]]

    @property
    def home(self) -> float:
        """The share that is right or offered."""
        total = sum(self.outcomes.values())
        return (self.outcomes["right"] + self.outcomes["offered"]) / total if total else 0.0


def self_test(mind: Mind) -> SelfReport:
    """Count all homecomings."""
    outcomes: Counter[str] = Counter()
    thefts: Counter[tuple[str, str]] = Counter()
    for one in homecomings(mind):
        outcomes[one.outcome] += 1
        if one.thief:
            thefts[one.entry, one.thief] += 1
    return SelfReport(outcomes, thefts)
