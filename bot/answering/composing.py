"""Composing: from decided ids to what the asker reads. Every sentence comes out of the knowledge.

Nothing here decides anything, and nothing here knows about limits: clients cut by tap, never by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from bot.answering.model import Citation, Link, NoticeText, Passage, Sentence
from bot.knowledge.model import MARK, Entry, Facet, Knowledge, Reviewer

_SENTENCE_END: Final = re.compile(r"(?<=\][.?!])\s+|(?<=\][.?!][\"”])\s+")
_MAX_LINKS: Final = 4
_PLAIN_BRIEF: Final = 1
_SOURCES_ONLY: Final = "This page is overdue for review, so only its sources are shown."
"""Where a community has removed the sentence for it."""


@lru_cache(maxsize=1 << 13)
def split_sentences(prose: str) -> tuple[str, ...]:
    """The marked sentences of a facet of the knowledge, each still with its mark."""
    return tuple(part.strip() for part in _SENTENCE_END.split(prose) if part.strip())


@lru_cache(maxsize=1 << 13)
def _unmarked(marked: str) -> tuple[str, tuple[str, ...]]:
    """A sentence of the knowledge without its marks, and the sources that they name, in order."""
    marks = (mark for mark in MARK.findall(marked) if mark != "practice")
    names = tuple(name.strip().removeprefix("@") for mark in marks for name in mark.split(";"))
    return MARK.sub("", marked), names


@dataclass(slots=True)
class Sources:
    """Numbers sources in the order in which a reply cites them."""

    knowledge: Knowledge
    numbers: dict[str, int] = field(default_factory=dict)

    def sentences(self, prose: str) -> tuple[Sentence, ...]:
        """The sentences of ``prose`` with their marks turned into numbers."""
        return tuple(self._sentence(text) for text in split_sentences(prose))

    def cited(self, prose: str) -> tuple[int, ...]:
        """The numbers of the sources of ``prose``, without its words."""
        return tuple(dict.fromkeys(number for sentence in self.sentences(prose) for number in sentence.cites))

    def _sentence(self, marked: str) -> Sentence:
        text, names = _unmarked(marked)
        cited = map(self._number, names)
        return Sentence(text, tuple(dict.fromkeys(number for number in cited if number)))

    def _number(self, source: str) -> int:
        if source not in self.knowledge.sources:
            return 0
        return self.numbers.setdefault(source, len(self.numbers) + 1)

    def citations(self) -> tuple[Citation, ...]:
        """The numbered sources, in order."""
        return tuple(self._citation(number, name) for name, number in self.numbers.items())

    def _citation(self, number: int, name: str) -> Citation:
        source = self.knowledge.sources[name]
        return Citation(
            number, name, source.title, source.publisher, source.year, source.url, source.kind.value, source.checked
        )


def say(knowledge: Knowledge, template: str, **blanks: str) -> str:
    """One of the bot's own sentences, its blanks filled; empty when a community has removed it."""
    return knowledge.vocabulary.templates.get(template, "").format_map(_Blanks(blanks))


class _Blanks(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def month(day: date) -> str:
    """``Nov 2026``."""
    return f"{day:%b %Y}"


def facet_label(knowledge: Knowledge, facet: Facet) -> str:
    """How a facet is named to members."""
    return knowledge.vocabulary.labels.get(facet, facet.value.replace("-", " ").capitalize())


def link(knowledge: Knowledge, entry: str, facet: Facet | None = None) -> Link:
    """A link to an entry, by its title."""
    found = knowledge.entries.get(entry)
    return Link(entry, found.title if found else entry, facet)


def links(knowledge: Knowledge, entries: Iterable[str]) -> tuple[Link, ...]:
    """Links to those of ``entries`` that exist, each once."""
    return tuple(link(knowledge, entry) for entry in dict.fromkeys(entries) if entry in knowledge.entries)


def review_line(knowledge: Knowledge, entry: Entry, today: date) -> tuple[str, bool]:
    """Who read the page and when, and whether it is overdue."""
    name = {Reviewer.NONE: "review-none", Reviewer.EDITOR: "review-editor", Reviewer.CLINICIAN: "review-clinician"}[
        entry.review.by
    ]
    on = month(entry.review.on) if entry.review.on else ""
    line = say(knowledge, name, written=month(entry.written), on=on)
    overdue = entry.review.due < today
    if overdue:
        line = f"{line} {say(knowledge, 'review-overdue', due=month(entry.review.due))}"
    return line, overdue


def sources_only(knowledge: Knowledge, sources: Sources, entry: Entry, prose: str) -> tuple[Sentence, ...]:
    """What stands in place of words that nobody has read again for too long: why, and what they were written from."""
    line = say(knowledge, "sources-only", due=month(entry.review.due)) or _SOURCES_ONLY
    return (Sentence(line, sources.cited(prose)),)


def passage(
    knowledge: Knowledge,
    sources: Sources,
    entry: Entry,
    asked: Facet | None,
    country: str | None,
    today: date,
    terms: tuple[Link, ...] = (),
) -> Passage:
    """One facet of an entry; when the entry has nothing on the facet asked for, its overview, saying so.

    An entry of high stakes whose review is long overdue gives its sources and none of its words.
    """
    aged = entry.is_sources_only(today)
    shown = asked if asked is not None and asked in entry.facets else next(iter(entry.facets))
    lacking = asked is not None and shown is not asked
    line, overdue = review_line(knowledge, entry, today)
    certainty = (
        say(knowledge, f"certainty-{entry.certainty.value}")
        if entry.certainty and shown in (Facet.OVERVIEW, Facet.EVIDENCE) and not aged
        else None
    )
    return Passage(
        entry=entry.id,
        title=entry.title,
        facet=shown,
        facet_label=facet_label(knowledge, shown),
        sentences=sources_only(knowledge, sources, entry, entry.facets[shown])
        if aged
        else sources.sentences(entry.facets[shown]),
        asked=asked if lacking else None,
        missing=_missing(knowledge, entry, asked) if lacking and asked else None,
        certainty=certainty,
        region=sources.sentences(entry.regions[country])
        if country and country in entry.regions and shown in (Facet.OVERVIEW, Facet.ACCESS) and not aged
        else (),
        review=line,
        overdue=overdue,
        facets=tuple(
            Link(entry.id, facet_label(knowledge, facet), facet) for facet in entry.facets if facet is not shown
        ),
        related=links(knowledge, entry.related)[:_MAX_LINKS],
        terms=() if aged else terms,
    )


def _missing(knowledge: Knowledge, entry: Entry, asked: Facet) -> str:
    return say(knowledge, "missing-facet", facet=facet_label(knowledge, asked).lower(), title=entry.title)


def notices_for(
    knowledge: Knowledge, entries: Sequence[tuple[Entry, Facet]], shown: frozenset[str]
) -> tuple[NoticeText, ...]:
    """The warnings that go with these facets: in full, or by name when ``shown`` in this conversation already."""
    wanted = dict.fromkeys(
        name for entry, facet in entries for name in entry.notices if _goes_with(knowledge, name, facet)
    )
    found = [knowledge.notices[name] for name in wanted]
    return tuple(NoticeText(notice.id, notice.title, "" if notice.id in shown else notice.text) for notice in found)


def _goes_with(knowledge: Knowledge, name: str, facet: Facet) -> bool:
    notice = knowledge.notices.get(name)
    return notice is not None and (not notice.facets or facet in notice.facets)


def brief(sources: Sources, entry: Entry, facet: Facet, today: date) -> tuple[Sentence, ...]:
    """The sentence of a facet that stands alone, for comparisons and the short mode."""
    prose = entry.facets.get(facet)
    if prose and entry.is_sources_only(today):
        return sources_only(sources.knowledge, sources, entry, prose)
    return sources.sentences(split_sentences(prose)[0])[:_PLAIN_BRIEF] if prose else ()


def terms_in(knowledge: Knowledge, prose: str, words: Mapping[str, str], limit: int = 5) -> tuple[Link, ...]:
    """Glossary entries named in ``prose``, in order of appearance. ``words`` maps lower-case names to ids."""
    lowered = MARK.sub("", prose).lower()
    places = sorted((place, entry) for name, entry in words.items() if (place := lowered.find(name)) >= 0)
    return links(knowledge, (entry for _, entry in places))[:limit]
