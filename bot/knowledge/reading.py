"""One file's text to checked values: which model a path has, and what is wrong with the text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from bot.knowledge.complaints import complaint
from bot.knowledge.model import (
    Combinations,
    Entry,
    Id,
    Kind,
    LookAlikes,
    Notice,
    Redirect,
    Source,
    Vocabulary,
)
from bot.knowledge.problems import Problem, in_order
from bot.knowledge.strict_yaml import Document, parse

SHARED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sources.yaml": "source",
        "combinations.yaml": "combinations",
        "notices.yaml": "notice",
        "vocabulary.yaml": "vocabulary",
        "look-alikes.yaml": "look-alikes",
        "families.yaml": "families",
    }
)
"""The files that exist once, and what each holds."""

Families = tuple[tuple[Id, ...], ...]


@cache
def adapter(what: str) -> TypeAdapter[Any]:
    """The validator of one kind of file; built on first use, since pydantic takes a while."""
    shapes: dict[str, Any] = {
        "entry": Entry,
        "source": dict[Id, Source],
        "combinations": Combinations,
        "redirect": Redirect,
        "notice": tuple[Notice, ...],
        "vocabulary": Vocabulary,
        "look-alikes": LookAlikes,
        "families": Families,
    }
    return TypeAdapter(shapes[what])


def what_lies_at(path: PurePath | str) -> str | None:
    """What a file of the knowledge folder holds, by its path's last two parts; ``None`` for anything else."""
    path = PurePath(path)
    if path.suffix != ".yaml":
        return None
    if path.parent.name in {kind.folder for kind in Kind}:
        return "entry"
    if path.parent.name == "redirects":
        return "redirect"
    return None if path.parent.name == "safety" else SHARED.get(path.name)


def complaints(what: str, document: Document, label: str, error: ValidationError) -> list[Problem]:
    """Every error of one validation, with its line and what to do."""
    found = (complaint(what, detail) for detail in error.errors(include_url=False))
    return [Problem(label, document.line(place), code, message) for place, code, message in found]


def read_as(what: str, text: str, label: str) -> tuple[Any | None, tuple[Problem, ...]]:
    """What a file of one kind holds, or what is wrong with it. ``label`` names it in problems. Never raises."""
    document = parse(text.encode("utf-8", "replace"), label)
    if document.problem:
        return None, (document.problem,)
    try:
        return adapter(what).validate_python(document.value), ()
    except ValidationError as error:
        return None, in_order(complaints(what, document, label, error))


def read_entry(text: str, label: str) -> tuple[Entry | None, tuple[Problem, ...]]:
    """An entry from its YAML text, or what is wrong with it. ``label`` names it in problems. Never raises."""
    return read_as("entry", text, label)
