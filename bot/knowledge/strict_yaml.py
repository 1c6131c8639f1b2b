"""A strict subset of YAML, read with libyaml: what is written is what is meant.

Scalars stay strings, so ``no``, ``off``, ``1e3`` and dates do not turn into something else. Duplicate keys,
anchors, aliases, tags, a second document, tabs, control and direction characters, deep nesting, bytes that are not
UTF-8 and oversized files are refused. Parsing stops at the first problem of a file: what follows cannot be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeAlias

import yaml
from yaml._yaml import CParser

from bot.knowledge.problems import Problem

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top of the file."""

LARGEST_FILE: Final = 256 * 1024
DEEPEST: Final = 12

_CONTROL: Final = "\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f"
_HIDDEN: Final = "\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff"
_FORBIDDEN: Final = re.compile(f"[{_CONTROL}{_HIDDEN}]")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's value (``None`` when it is empty or was refused), its text, and what was wrong."""

    value: Value | None
    text: str = field(default="", repr=False)
    problem: Problem | None = None

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place that holds it. Looked for only now: a sound file needs none."""
        lines = _lines_of(self.text)
        while place and place not in lines:
            place = place[:-1]
        return lines.get(place, 1)


class _Refused(Exception):
    """Parsing cannot go on; carries line, code and message."""

    def __init__(self, line: int, code: str, message: str) -> None:
        super().__init__(message)
        self.line, self.code, self.message = line, code, message


def parse(data: bytes, path: str, largest: int = LARGEST_FILE) -> Document:
    """The value of one YAML file. Never raises for bad content: a refused file has a problem and no value."""
    try:
        text = _text(data, largest)
        builder = _Builder(text)
        for event in _events(text):
            builder.take(event)
    except _Refused as refused:
        return Document(None, "", Problem(path, refused.line, refused.code, refused.message))
    return Document(builder.value, text)


def _text(data: bytes, largest: int) -> str:
    """The file as text, when it is small enough, UTF-8, and free of characters that hide or disturb."""
    if len(data) > largest:
        raise _Refused(1, "K01", f"is larger than {largest // 1024} kB; split it or shorten it")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Refused(line, "K01", "is not UTF-8 text here; save the file with the encoding UTF-8") from None
    if hidden := _FORBIDDEN.search(text):
        line = text.count("\n", 0, hidden.start()) + 1
        raise _Refused(line, "K01", f"has an invisible character (U+{ord(hidden.group()):04X}); delete it")
    if "\t" in text:
        raise _Refused(text.count("\n", 0, text.index("\t")) + 1, "K02", "has a tab; use spaces instead")
    return text


def _events(text: str) -> Iterator[yaml.Event]:
    parser = CParser(text)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        hint = "check the indentation, and put quotes around text with ': ', ' #' or a leading [ { @ * & ! % \" '"
        raise _Refused(mark.line + 1 if mark else 1, "K02", f"cannot be read as YAML ({what}); {hint}") from None
    except yaml.YAMLError:
        raise _Refused(1, "K02", "cannot be read as YAML; save it again as plain UTF-8 text") from None


class _Builder:
    """Turns parser events into plain values without recursion."""

    def __init__(self, text: str) -> None:
        self.value: Value | None = None
        self._text, self._escapes = text, "\\" in text
        self._open: list[list[Value] | dict[str, Value]] = []
        self._holder: list[Value] | dict[str, Value] | None = None
        self._key: str | None = None
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event. Raises :class:`_Refused` for what the subset does not allow."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._start({}, event)
        elif kind is yaml.SequenceStartEvent:
            self._start([], event)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._open.pop()
            self._holder = self._open[-1] if self._open else None
        elif kind is yaml.AliasEvent:
            raise _refused(event, "K03", "uses an alias (*); write the text out, or put quotes around it")
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise _refused(event, "K03", "holds a second document (---); one file holds one")

    def _scalar(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            raise _marked(event)
        text: str = event.value
        if self._escapes and _FORBIDDEN.search(text):
            raise _refused(event, "K01", "has an escape for an invisible character; delete it")
        if type(self._holder) is dict and self._key is None:
            self._name(self._holder, text, event)
        else:
            self._put(text)

    def _start(self, holder: list[Value] | dict[str, Value], event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            raise _marked(event)
        if self._key is None and isinstance(self._holder, dict):
            raise _refused(event, "K03", "uses a list or mapping as a key; keys are plain words")
        if len(self._open) >= DEEPEST:
            raise _refused(event, "K03", f"is nested deeper than {DEEPEST} levels; nothing here needs that")
        self._put(holder)
        self._open.append(holder)
        self._holder = holder

    def _name(self, holder: dict[str, Value], key: str, event: yaml.Event) -> None:
        if key in holder:
            place = _place(self._open, key)
            first = _lines_of(self._text)[place]
            raise _refused(event, "K04", f"has '{_short(key)}' twice (first in line {first}); keep one")
        self._key = key

    def _put(self, value: Value) -> None:
        holder = self._holder
        if holder is None:
            self.value = value
        elif isinstance(holder, list):
            holder.append(value)
        else:
            holder[self._key or ""] = value
            self._key = None


def _place(holders: Sequence[list[Value] | dict[str, Value]], key: str) -> Place:
    """Where a key of the innermost of ``holders`` stands: each of the others is held last by the one before."""
    outer = (len(one) - 1 if isinstance(one, list) else next(reversed(one)) for one in holders[:-1])
    return (*outer, key)


@lru_cache(maxsize=8)
def _lines_of(text: str) -> Mapping[Place, int]:
    """The line of each place, up to where the text cannot be read on; of a key that is there twice, the first."""
    lines: dict[Place, int] = {}
    above: list[tuple[Place, bool]] = []
    here: list[str | int] = []
    with suppress(_Refused):
        for event in _events(text):
            if isinstance(event, yaml.CollectionEndEvent):
                above.pop()
                here.pop()
            elif isinstance(event, yaml.NodeEvent):
                _locate(event, lines, above, here)
    return lines


def _locate(
    event: yaml.NodeEvent, lines: dict[Place, int], above: list[tuple[Place, bool]], here: list[str | int]
) -> None:
    """Note where one value stands: below the last of the places ``above``, which are mappings or lists, at its key or
    number in ``here``; a mapping that waits for a key has -1 there."""
    place: Place = ()
    if above:
        holder, is_mapping = above[-1]
        if here[-1] == -1:
            here[-1] = str(getattr(event, "value", ""))
            lines.setdefault((*holder, here[-1]), _line(event))
            return
        place = (*holder, here[-1])
        here[-1] = -1 if is_mapping else int(here[-1]) + 1
    lines.setdefault(place, _line(event))
    if isinstance(event, yaml.CollectionStartEvent):
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        above.append((place, is_mapping))
        here.append(-1 if is_mapping else 0)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _marked(event: Any) -> _Refused:
    if event.anchor is not None:
        return _refused(event, "K03", "uses an anchor (&); write the text out, or put quotes around it")
    return _refused(event, "K03", "uses a tag (!); leave it out, or put quotes around the text")


def _refused(event: yaml.Event, code: str, message: str) -> _Refused:
    return _Refused(_line(event), code, message)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
