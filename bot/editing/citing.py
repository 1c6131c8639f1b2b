"""Sources by typing: finding one by a few words, and turning what was typed in brackets into marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.knowledge.model import MARK, Source
from bot.knowledge.prose import fold, sentences

PRACTICE: Final = "practice"
_BRACKET: Final = re.compile(r"\s*\[([^\[\]]{2,120})\]")
_ENDS: Final = re.compile(r"([.?!][\"”’')]*)\s*$")
_NEAREST: Final = 3


@dataclass(frozen=True, slots=True)
class Cited:
    """A text with its marks, and what was typed in brackets that is no known source, with the nearest ones."""

    text: str
    unknown: tuple[tuple[str, tuple[str, ...]], ...] = ()


def find_sources(sources: Mapping[str, Source], typed: str, limit: int = 25) -> tuple[str, ...]:
    """Ids of the sources that have every word typed, in their id, title, authors, publisher or year; best first."""
    wanted = typed.strip().removeprefix("@").strip()
    words = fold(wanted.replace("-", " ")).split()
    if "-".join(words) in sources:
        return ("-".join(words),)
    ranked = sorted((_rank(key, one, words), key) for key, one in sources.items() if _has(key, one, words))
    return tuple(key for _, key in ranked[:limit])


def marked(text: str, sources: Mapping[str, Source], otherwise: str = "") -> Cited:
    """A text as an editor types it, with marks as the knowledge has them.

    ``[nice depression]`` becomes the one source with these words; a sentence without any mark gets ``otherwise`` (a
    source's id, or :data:`PRACTICE`). What is not clear is left as it was typed and named.
    """
    unknown: list[tuple[str, tuple[str, ...]]] = []

    def mark(found: re.Match[str]) -> str:
        if MARK.fullmatch(found.group()):
            return found.group()
        keys = [_only(part.strip(), sources) for part in found.group(1).split(";")]
        if all(isinstance(key, str) for key in keys):
            return f" [{'; '.join(f'@{key}' if key != PRACTICE else PRACTICE for key in map(str, keys))}]"
        unknown.extend((str(part), near) for part, near in (key for key in keys if isinstance(key, tuple)))
        return found.group()

    lines = " ".join(_BRACKET.sub(mark, text).split())
    if otherwise:
        lines = " ".join(_with_mark(one.text, otherwise) for one in sentences(lines))
    return Cited(lines, tuple(dict.fromkeys(unknown)))


def _only(typed: str, sources: Mapping[str, Source]) -> str | tuple[str, tuple[str, ...]]:
    """The source that is meant, or what was typed with the nearest ones."""
    if typed.lower() == PRACTICE:
        return PRACTICE
    found = find_sources(sources, typed, _NEAREST + 1)
    return found[0] if len(found) == 1 else (typed, found[:_NEAREST])


def _with_mark(sentence: str, source: str) -> str:
    if _BRACKET.search(sentence):
        return sentence
    mark = f" [{source}]" if source == PRACTICE else f" [@{source}]"
    return _ENDS.sub(lambda end: f"{mark}{end.group(1)}", sentence) if _ENDS.search(sentence) else f"{sentence}{mark}."


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    """The words of a source's line, which is looked through at every letter typed."""
    return frozenset(fold(text).split())


def _has(key: str, source: Source, words: list[str]) -> bool:
    own = _words(f"{key.replace('-', ' ')} {source.title} {source.authors} {source.publisher} {source.year}")
    return all(any(one.startswith(word) for one in own) for word in words)


def _rank(key: str, source: Source, words: list[str]) -> tuple[bool, int, int]:
    """Those with the words in their id first, then the newest."""
    inside = sum(word in fold(key.replace("-", " ")).split() for word in words)
    return (not inside, -inside, -source.year)
