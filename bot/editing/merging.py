"""Joining a draft with what was published meanwhile, field by field, so that nobody undoes another's work unawares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.editing.model import Value

_DATES: Final = frozenset({"written", "review"})


@dataclass(frozen=True, slots=True)
class Merged:
    """A draft on top of what is served. ``clashes`` are the fields that both changed: there the draft's text stands."""

    value: Value
    clashes: tuple[str, ...]


def merged(draft: Value, base: Value, served: Value) -> Merged:
    """``draft`` was written on ``base``, and ``served`` has taken its place since; all three of one kind.

    A field that only one side changed is taken from that side. Facets and regions count one by one.
    """
    mine, old, theirs = (one.model_dump(mode="json") for one in (draft, base, served))
    clashes: list[str] = []
    joined = _joined(mine, old, theirs, clashes)
    for name in ("facets", "regions"):
        if name in mine:
            joined[name] = _joined(mine[name], old[name], theirs[name], clashes)
    whole = [name for name in clashes if name not in ("facets", "regions")]
    return Merged(type(draft).model_validate(joined), tuple(dict.fromkeys(whole)))


def _joined(
    mine: Mapping[str, Any], old: Mapping[str, Any], theirs: Mapping[str, Any], clashes: list[str]
) -> dict[str, Any]:
    return dict(_fields(mine, old, theirs, clashes))


def _fields(
    mine: Mapping[str, Any], old: Mapping[str, Any], theirs: Mapping[str, Any], clashes: list[str]
) -> Iterator[tuple[str, Any]]:
    for name in dict.fromkeys((*theirs, *mine)):
        kept = name in mine
        if mine.get(name) == old.get(name) or name in _DATES:
            if name in theirs:
                yield name, theirs[name]
            continue
        if theirs.get(name) not in (old.get(name), mine.get(name)):
            clashes.append(name)
        if kept:
            yield name, mine[name]
