"""From YAML files to proposals: pages, redirects and sources, as they stand in a knowledge folder or were exported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from bot.editing.model import Place, Snapshot, Subject, cited_by
from bot.errors import UsageError
from bot.knowledge.model import Entry, Knowledge, Redirect, Source
from bot.knowledge.reading import read_as, what_lies_at
from bot.knowledge.strict_yaml import parse

_KINDS = ("entry", "redirect", "source")


def snapshots_in(files: Iterable[tuple[PurePath, str]]) -> tuple[Snapshot, ...]:
    """What some files hold, by their paths and texts.

    Raises:
        UsageError: a file is none of a page, a redirect or sources; every complaint with its line.
    """
    return tuple(one for path, text in files for one in _snapshots(path, text))


def _snapshots(path: PurePath, text: str) -> Iterator[Snapshot]:
    value, problems = read_as(_what(path, text), text, path.name)
    if value is None:
        raise UsageError("\n".join(map(str, problems)))
    match value:
        case Entry():
            yield Snapshot(Place(Subject.ENTRY, value.id), value)
        case Redirect():
            yield Snapshot(Place(Subject.REDIRECT, value.id), value)
        case _:
            yield from (Snapshot(Place(Subject.SOURCE, key), source) for key, source in value.items())


def _what(path: PurePath, text: str) -> str:
    """What a file holds: by its place and name, else by what only redirects have."""
    known = what_lies_at(path)
    if known in _KINDS:
        return known
    held = parse(text.encode("utf-8", "replace"), path.name).value
    return "redirect" if isinstance(held, dict) and "text" in held and "facets" not in held else "entry"


def to_propose(found: Sequence[Snapshot], served: Knowledge) -> tuple[Snapshot, ...]:
    """What differs from what is served, in the order of the files. New sources go with the pages that cite them."""
    new = {
        one.place.key: one.value
        for one in found
        if isinstance(one.value, Source) and one.place.key not in served.sources
    }
    pages = [_with(one, new) for one in found if one.place.subject is not Subject.SOURCE]
    carried = {key for page in pages for key in page.sources}
    sources = [one for one in found if one.place.subject is Subject.SOURCE and one.place.key not in carried]
    changed = [one for one in sources if served.sources.get(one.place.key) != one.value]
    return (*pages, *changed)


def _with(page: Snapshot, new: Mapping[str, Source]) -> Snapshot:
    return replace(page, sources={key: new[key] for key in cited_by(page.value) if key in new})
