"""Labelled rows: questions with the entries that would be right answers, and messages with their danger.

One JSON object a line. A question has ``text``, ``expect`` (any of these entries is right; none: out of scope),
``facet`` (or null) and ``style``; a conversation has ``turns`` of such questions; a safety row has ``text`` and
``level``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import UsageError
from bot.knowledge.model import Facet


@dataclass(frozen=True, slots=True)
class Turn:
    """One labelled question. ``expect`` empty means out of scope."""

    text: str
    expect: tuple[str, ...]
    facet: Facet | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question, or a conversation of several turns."""

    turns: tuple[Turn, ...]
    style: str
    mode: str = "addressed"


@dataclass(frozen=True, slots=True)
class SafetyRow:
    """A message with the level of danger that people gave it; ``idiom`` is a figure of speech."""

    text: str
    level: str
    previous: str = ""


Row = QuestionRow | SafetyRow


def read_rows(paths: Iterable[Path]) -> tuple[Row, ...]:
    """All rows of all files. Raises :class:`UsageError` naming file and line of every bad row."""
    rows: list[Row] = []
    problems: list[str] = []
    for path in paths:
        for place, line in _lines(path):
            try:
                rows.append(_row(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                problems.append(f"{path}:{place} is not a labelled row: {type(error).__name__} {error}")
    if problems:
        raise UsageError(
            "\n".join([*problems[:20], "Each line needs text, expect, facet and style, or turns, or text and level."])
        )
    return tuple(rows)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}. Name a file of JSON lines.") from error
    return ((place, line) for place, line in enumerate(content.splitlines(), 1) if line.strip())


def _row(data: dict[str, Any]) -> Row:
    if "level" in data:
        return SafetyRow(str(data["text"]), str(data["level"]), str(data.get("previous", "")))
    turns = data.get("turns", [data])
    return QuestionRow(tuple(map(_turn, turns)), str(data.get("style", "plain")), str(data.get("mode", "addressed")))


def _turn(data: dict[str, Any]) -> Turn:
    facet = data.get("facet")
    return Turn(str(data["text"]), tuple(map(str, data["expect"])), Facet(facet) if facet else None)
