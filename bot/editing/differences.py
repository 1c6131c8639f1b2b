"""What an edit changes, for reading: field by field, and facet by facet sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from bot.editing.model import Value
from bot.knowledge.model import Entry, Redirect, Source
from bot.knowledge.prose import sentences


class Mark(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of prose, an item of a list, or a plain value."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that changed. ``field`` is a facet's name (``side-effects``), a region's (``GB``) or a key."""

    field: str
    lines: tuple[Line, ...]

    @property
    def summary(self) -> str:
        """How much changed."""
        added = sum(line.mark is Mark.ADDED for line in self.lines)
        removed = sum(line.mark is Mark.REMOVED for line in self.lines)
        return f"{self.field}: {added} added, {removed} removed"


_SIGNS: Final = {Mark.SAME: "  ", Mark.REMOVED: "- ", Mark.ADDED: "+ "}


def differences(before: Value | None, after: Value | None) -> tuple[FieldDifference, ...]:
    """Every field that differs, in the order of the file."""
    old, new = _fields(before), _fields(after)
    order = [*new, *(name for name in old if name not in new)]
    found = ((name, _lines(old.get(name, ()), new.get(name, ()))) for name in order)
    return tuple(
        FieldDifference(name, lines) for name, lines in found if any(line.mark is not Mark.SAME for line in lines)
    )


def difference_text(found: Sequence[FieldDifference], context: bool = True) -> str:
    """The differences as plain text; ``context`` keeps the sentences that stay."""
    return "\n".join(line for one in found for line in _shown(one, context)) or "Nothing changes."


def _shown(one: FieldDifference, context: bool) -> Iterator[str]:
    yield one.field
    for line in one.lines:
        if context or line.mark is not Mark.SAME:
            yield f"{_SIGNS[line.mark]}{line.text}"


def _fields(value: Value | None) -> Mapping[str, tuple[str, ...]]:
    match value:
        case None:
            return {}
        case Entry():
            return _entry_fields(value)
        case Redirect():
            return {
                "title": (value.title,),
                "asks": value.asks,
                "text": _sentences(value.text),
                "related": value.related,
            }
        case Source():
            return {key: (str(item),) for key, item in value.model_dump(mode="json").items() if item is not None}


def _entry_fields(entry: Entry) -> Mapping[str, tuple[str, ...]]:
    review = entry.review
    signed = f"{review.by.value}{f' on {review.on}' if review.on else ''}, due {review.due}"
    return {
        "title": (entry.title,),
        "kind": (entry.kind.value,),
        "aliases": entry.aliases,
        "asks": entry.asks,
        **{facet.value: _sentences(text) for facet, text in entry.facets.items()},
        "certainty": (entry.certainty.value,) if entry.certainty else (),
        **{country: _sentences(text) for country, text in sorted(entry.regions.items())},
        "notices": entry.notices,
        "stakes": (entry.stakes.value,),
        "related": entry.related,
        "written": (entry.written.isoformat(),),
        "review": (signed,),
    }


def _sentences(text: str) -> tuple[str, ...]:
    return tuple(one.text for one in sentences(text))


def _lines(old: Sequence[str], new: Sequence[str]) -> tuple[Line, ...]:
    found: list[Line] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Line(Mark.SAME, text) for text in old[a:b]]
        else:
            found += [Line(Mark.REMOVED, text) for text in old[a:b]]
            found += [Line(Mark.ADDED, text) for text in new[c:d]]
    return tuple(found)
