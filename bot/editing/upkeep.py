"""Keeping answers fresh: what is due for review, and what members find less helpful than before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bot.knowledge.model import LONG_OVERDUE, Knowledge, Stakes

SOON: Final = timedelta(days=14)
_FEWEST: Final = 5
_FALL: Final = 0.15


class Verdict(StrEnum):
    """What a member can say about an answer."""

    HELPFUL = "helpful"
    WRONG_TOPIC = "wrong-topic"
    UNCLEAR = "unclear"
    OUT_OF_DATE = "out-of-date"
    UPSETTING = "upsetting"

    @property
    def alerts_editors(self) -> bool:
        """Whether the editors are told at once."""
        return self is Verdict.UPSETTING


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How often something was counted in a month (``2026-11``)."""

    month: str
    what: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Due:
    """An entry whose review is due: ``days`` until then, negative when it is over."""

    entry: str
    title: str
    stakes: Stakes
    days: int

    @property
    def overdue(self) -> bool:
        """Whether the day has passed."""
        return self.days < 0

    @property
    def sources_only(self) -> bool:
        """Whether it is of high stakes and so long overdue that only its sources are to be shown."""
        return self.stakes is Stakes.HIGH and -self.days > LONG_OVERDUE.days


def due(knowledge: Knowledge, today: date, within: timedelta = SOON) -> tuple[Due, ...]:
    """Entries to be read again by then: those of higher stakes first, then the longest overdue."""
    found = [
        Due(entry.id, entry.title, entry.stakes, (entry.review.due - today).days)
        for entry in knowledge.entries.values()
        if entry.review.due - today <= within
    ]
    order = list(Stakes)
    return tuple(sorted(found, key=lambda one: (-order.index(one.stakes), one.days, one.entry)))


@dataclass(frozen=True, slots=True)
class Helpfulness:
    """How an entry's aspect was rated: shares of *helpful* before and of late, and the commonest reason against."""

    entry: str
    facet: str
    before: float
    lately: float
    ratings: int
    reason: Verdict | None

    @property
    def fall(self) -> float:
        """How much the share fell."""
        return self.before - self.lately


def falling(counts: Iterable[MonthCount], month: str) -> tuple[Helpfulness, ...]:
    """Aspects that were rated less helpful in ``month`` and the one before than earlier, or badly from the start;
    at least five ratings of late. The worst come first."""
    late = {month, month_before(month)}
    lately: dict[str, dict[Verdict, int]] = {}
    earlier: dict[str, dict[Verdict, int]] = {}
    for one in counts:
        if one.what in list(Verdict):
            tally = (lately if one.month in late else earlier).setdefault(one.name, {})
            tally[Verdict(one.what)] = tally.get(Verdict(one.what), 0) + one.count
    found = [_helpfulness(name, tally, earlier.get(name, {})) for name, tally in lately.items()]
    kept = [one for one in found if one.ratings >= _FEWEST and (one.fall >= _FALL or one.lately < 0.5)]
    return tuple(sorted(kept, key=lambda one: (one.lately, -one.ratings, one.entry, one.facet)))


def _helpfulness(name: str, lately: dict[Verdict, int], earlier: dict[Verdict, int]) -> Helpfulness:
    entry, _, facet = name.partition("/")
    against = {verdict: count for verdict, count in lately.items() if verdict is not Verdict.HELPFUL}
    reason = max(against, key=lambda verdict: (against[verdict], verdict), default=None)
    now = _share(lately)
    before = _share(earlier) if sum(earlier.values()) >= _FEWEST else now
    return Helpfulness(entry, facet, before, now, sum(lately.values()), reason)


def _share(tally: dict[Verdict, int]) -> float:
    total = sum(tally.values())
    return tally.get(Verdict.HELPFUL, 0) / total if total else 0.0


def month_before(month: str) -> str:
    """The month before: ``2026-01`` → ``2025-12``."""
    first = date.fromisoformat(f"{month}-01")
    return (first - timedelta(days=1)).strftime("%Y-%m")
