"""Loose ends of a page that goes: links to it, its families and ambiguous names, what may be combined with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.knowledge.model import Combinations, Entry, Knowledge


def without_loose_ends(knowledge: Knowledge, before: Knowledge) -> Knowledge:
    """The knowledge without links to entries that are gone; what they may be combined with stays known."""
    gone = before.entries.keys() - knowledge.entries.keys()
    if not gone:
        return knowledge
    changes: dict[str, Any] = {
        "entries": {key: unlinked(entry, gone) for key, entry in knowledge.entries.items()},
        "redirects": {key: unlinked(redirect, gone) for key, redirect in knowledge.redirects.items()},
        "families": unlinked_families(knowledge.families, gone),
        "vocabulary": knowledge.vocabulary.model_copy(
            update={
                "ambiguous": _ambiguous(knowledge.vocabulary.ambiguous, gone),
                "nicknames": {key: names for key, names in knowledge.vocabulary.nicknames.items() if key not in gone},
            }
        ),
        "look_alikes": _look_alikes(knowledge, gone),
        "combinations": _combinations(knowledge, [before.entries[key] for key in sorted(gone)]),
    }
    return knowledge.model_copy(update=changes)


def unlinked(value: Any, gone: Iterable[str]) -> Any:
    """An entry or redirect that leads to nothing that is gone."""
    lost = set(gone)
    related = tuple(one for one in value.related if one not in lost)
    return value if related == value.related else value.model_copy(update={"related": related})


def unlinked_families(families: Iterable[tuple[str, ...]], gone: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The families without what is gone; one member alone is none."""
    lost = set(gone)
    kept = (tuple(one for one in family if one not in lost) for family in families)
    return tuple(family for family in kept if len(family) > 1)


def _ambiguous(names: Mapping[str, tuple[str, ...]], gone: Iterable[str]) -> dict[str, tuple[str, ...]]:
    lost = set(gone)
    kept = {name: tuple(one for one in owners if one not in lost) for name, owners in names.items()}
    return {name: owners for name, owners in kept.items() if owners}


def _look_alikes(knowledge: Knowledge, gone: Iterable[str]) -> Any:
    lost = set(gone)
    names = tuple(
        one.model_copy(update={"nearest": None}) if one.nearest in lost else one
        for one in knowledge.look_alikes.known_not_covered
    )
    return knowledge.look_alikes.model_copy(update={"known_not_covered": names})


def substances_of(combinations: Combinations, gone: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """The pages among those ``gone`` that something is combined with or is a class of, by all their names."""
    used = {side for pair in combinations.pairs for side in pair.between}
    used |= {member for members in combinations.members.values() for member in members}
    return {entry.id: (entry.title, *entry.aliases) for entry in gone if entry.id in used}


def _combinations(knowledge: Knowledge, gone: Sequence[Entry]) -> Any:
    """A medicine without a page is still dangerous with another: it stays known by its names."""
    combinations = knowledge.combinations
    names = substances_of(combinations, gone)
    lost = {entry.id for entry in gone}
    pages = {name: page for name, page in combinations.pages.items() if page not in lost}
    return combinations.model_copy(update={"names": {**combinations.names, **names}, "pages": pages})
