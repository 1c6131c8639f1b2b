"""Completing a name while it is typed: prefixes first, then words within a name, then near misses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rapidfuzz import fuzz, process

from bot.answering.model import Link
from bot.answering.text import words_of
from bot.knowledge.model import Kind, Knowledge

_NEAR: Final = 72.0
_KIND_ORDER: Final = {Kind.DEFINITION: 0, Kind.STRATEGY: 1, Kind.FAQ: 2, Kind.ARTICLE: 3}


class Completer:
    """Finds entries by what someone has typed so far."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        pairs = [
            (" ".join(words_of(name).words), entry.id)
            for entry in knowledge.entries.values()
            for name in (entry.title, *entry.aliases)
        ]
        self._names = [(name, entry) for name, entry in pairs if name]
        self._exact: dict[str, list[str]] = {}
        for name, entry in self._names:
            self._exact.setdefault(name, []).append(entry)
        self._texts = [name for name, _ in self._names]
        self._all = sorted(knowledge.entries.values(), key=lambda entry: (_KIND_ORDER[entry.kind], entry.title.lower()))

    def exact(self, typed: str) -> str | None:
        """The one entry with exactly this name or id, if there is one."""
        if typed.strip() in self._knowledge.entries:
            return typed.strip()
        found = self._exact.get(" ".join(words_of(typed).words), [])
        return found[0] if len(set(found)) == 1 else None

    def complete(self, typed: str, limit: int) -> tuple[Link, ...]:
        """At most ``limit`` entries, best first; the glossary in order when nothing was typed."""
        wanted = " ".join(words_of(typed).words)
        found = dict.fromkeys(self._ranked(wanted)) if wanted else dict.fromkeys(entry.id for entry in self._all)
        return tuple(Link(entry, self._knowledge.entries[entry].title) for entry in list(found)[:limit])

    def _ranked(self, wanted: str) -> Iterator[str]:
        kinds = self._knowledge.entries
        starting = [
            (len(name), _KIND_ORDER[kinds[entry].kind], entry) for name, entry in self._names if name.startswith(wanted)
        ]
        yield from (entry for *_, entry in sorted(starting))
        inside = [
            (len(name), _KIND_ORDER[kinds[entry].kind], entry) for name, entry in self._names if f" {wanted}" in name
        ]
        yield from (entry for *_, entry in sorted(inside))
        if len(wanted) >= 3:
            near = process.extract(wanted, self._texts, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=25)
            yield from (self._names[place][1] for _, _, place in near)
