"""What the knowledge base holds, in figures, for ``nextstep stats``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from bot.knowledge.grading import grade
from bot.knowledge.model import Knowledge, Reviewer
from bot.knowledge.prose import sentences
from bot.knowledge.rules_marks import figure
from bot.knowledge.rules_names import one_sided
from bot.knowledge.scope import Part, Passage, whole

_ANY_DAY: Final = date.min


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts and shares over one knowledge base. Shares lie between 0 and 1; of nothing, a share is 1."""

    revision: str
    entries: Mapping[str, int]
    """Entries by kind."""
    facets: int
    sentences: int
    """Sentences of facets and regional notes."""
    cited: float
    """Share of these sentences that name a source."""
    practice: float
    """Share that is plain practical advice, marked as such and without a source."""
    unmarked: float
    figures: int
    """Sentences with a figure."""
    figures_cited: float
    sources: int
    sources_used: int
    sources_read: int
    """Used sources that were seen in a stored copy."""
    sources_recalled: int
    """Used sources that are named from memory."""
    asks: int
    aliases: int
    combinations: int
    redirects: int
    one_sided_links: int
    reviewed: Mapping[str, int]
    """Entries by who signed them off."""
    overview_grade: float
    """Median reading grade (Flesch-Kincaid) of overviews; 0 without any."""
    facet_grade: float
    """Median reading grade of the other facets; 0 without any."""


def statistics(knowledge: Knowledge) -> Statistics:
    """Count everything that ``nextstep stats`` reports. Pure; the same knowledge gives the same figures."""
    scope = whole(knowledge, _ANY_DAY)
    entries = tuple(knowledge.entries.values())
    passages = [passage for passage in scope.passages if passage.part in (Part.FACET, Part.REGION)]
    found = [sentence for passage in passages for sentence in sentences(passage.text)]
    figures = [sentence for sentence in found if figure(sentence)]
    used = _used(scope.passages) & knowledge.sources.keys()
    read = sum(knowledge.sources[identity].checked == "read" for identity in used)
    overviews, others = _grades(passages, scope.exempt)
    return Statistics(
        revision=knowledge.revision,
        entries=dict(Counter(entry.kind.value for entry in entries)),
        facets=sum(len(entry.facets) for entry in entries),
        sentences=len(found),
        cited=_share(bool(one.sources) for one in found),
        practice=_share(one.practice and not one.sources for one in found),
        unmarked=_share(not one.practice and not one.sources for one in found),
        figures=len(figures),
        figures_cited=_share(bool(one.sources) for one in figures),
        sources=len(knowledge.sources),
        sources_used=len(used),
        sources_read=read,
        sources_recalled=len(used) - read,
        asks=sum(len(entry.asks) for entry in entries),
        aliases=sum(len(entry.aliases) for entry in entries),
        combinations=len(knowledge.combinations.pairs),
        redirects=len(knowledge.redirects),
        one_sided_links=len(one_sided(knowledge.entries)),
        reviewed={by.value: sum(entry.review.by is by for entry in entries) for by in Reviewer},
        overview_grade=round(median(overviews), 1) if overviews else 0.0,
        facet_grade=round(median(others), 1) if others else 0.0,
    )


def _share(held: Iterable[bool]) -> float:
    each = list(held)
    return sum(each) / len(each) if each else 1.0


def _used(passages: Iterable[Passage]) -> set[str]:
    return {identity for passage in passages for one in sentences(passage.text) for identity in one.sources}


def _grades(passages: Iterable[Passage], exempt: Collection[str]) -> tuple[list[float], list[float]]:
    """Reading grades of overviews, and of the other facets."""
    overviews: list[float] = []
    others: list[float] = []
    for passage in passages:
        if passage.part is Part.FACET:
            (overviews if passage.is_overview else others).append(grade(passage.text, exempt))
    return overviews, others
