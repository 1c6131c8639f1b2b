"""Rules about where claims come from: marks and sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.knowledge.model import MARK
from bot.knowledge.prose import Sentence, opening, sentences
from bot.knowledge.scope import CLAIMS, Finding, Part, Scope

_BRACKET: Final = re.compile(r"\[[^\]]*\]?|@[a-z0-9-]{3,}")
_FIGURE: Final = re.compile(
    r"(?<![\w-])\d[\d.,]*%?(?![\w-])|\b(?:percent|per cent|one in \w+|half of|(?:third|quarter)s? of)\b"
)
_EMERGENCY: Final = re.compile(r"\b(?:911|999|112|988|000|111|116 ?123)\b")


def no_source(scope: Scope) -> Iterator[Finding]:
    """A facet names no source at all, and is not marked as practical advice either."""
    for passage in scope.passages:
        if passage.part is Part.FACET and not MARK.search(passage.text):
            yield passage.finding(
                "has no source; name one at the end of each sentence, as [@id], or [practice] for plain advice"
            )


def unmarked_sentence(scope: Scope) -> Iterator[Finding]:
    """A sentence does not end with its mark, [@source-id] or [practice]."""
    for passage in scope.passages:
        if passage.part not in CLAIMS or (passage.part is Part.FACET and not MARK.search(passage.text)):
            continue
        for sentence in sentences(passage.text):
            if not sentence.marked:
                yield passage.finding(f"has no mark at the end of “{opening(sentence.text)}”; add [@id] or [practice]")


def unknown_source(scope: Scope) -> Iterator[Finding]:
    """A citation names a source that sources.yaml does not have."""
    for passage in scope.passages:
        for identity in _cited(passage.text):
            if identity not in scope.knowledge.sources:
                yield passage.finding(f"cites '{identity}', which sources.yaml does not have; add it or mend the id")


def orphan_source(scope: Scope) -> Iterator[Finding]:
    """A source is cited nowhere."""
    cited = {identity for passage in scope.passages for identity in _cited(passage.text)}
    for identity in scope.knowledge.sources:
        if identity not in cited:
            yield Finding("sources.yaml", (identity,), f"'{identity}' is cited nowhere; cite it or delete it")


def uncited_figure(scope: Scope) -> Iterator[Finding]:
    """A sentence has a figure and cites no source for it."""
    for passage in scope.passages:
        if passage.part not in CLAIMS:
            continue
        for sentence in sentences(passage.text):
            if (shown := figure(sentence)) and sentence.practice and not sentence.sources:
                yield passage.finding(f"has a figure ({shown}) without a source; cite one or say it without")


def malformed_mark(scope: Scope) -> Iterator[Finding]:
    """Something looks like a mark and is none."""
    for passage in scope.passages:
        if passage.part is Part.TALK:
            continue
        for odd in _BRACKET.finditer(MARK.sub("", passage.text)):
            yield passage.finding(f"has “{odd.group()[:40]}”; marks are written [@id], [@id; @other-id] or [practice]")


def practice_first(scope: Scope) -> Iterator[Finding]:
    """A facet opens with [practice] although it has cited sentences; short answers show the first sentence alone."""
    for passage in scope.passages:
        if passage.part is Part.FACET:
            first, *rest = sentences(passage.text)
            if first.practice and not first.sources and any(one.sources for one in rest):
                yield passage.finding("opens with [practice]; let a cited sentence come first")


def odd_address(scope: Scope) -> Iterator[Finding]:
    """A source's url is not a web address."""
    for identity, source in scope.knowledge.sources.items():
        if source.url is not None and not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", source.url):
            yield Finding(
                "sources.yaml", (identity, "url"), f"'{identity}' has no web address as url; mend it or say null"
            )


def figure(sentence: Sentence) -> str | None:
    """The first figure that a sentence states, in digits or words; emergency numbers and names with digits are none."""
    found = _FIGURE.search(_EMERGENCY.sub("", sentence.plain))
    return found.group() if found else None


def _cited(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(identity for one in sentences(text) for identity in one.sources))
