"""From pydantic's errors to sentences that tell a person who writes entries what to do."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from bot.knowledge.model import (
    Combination,
    Combinations,
    Entry,
    Facet,
    ForeignName,
    LookAlikePair,
    LookAlikes,
    Notice,
    Redirect,
    Review,
    SmallTalk,
    Source,
    Vocabulary,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]

KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "entry": (*Entry.model_fields, *Review.model_fields),
        "source": tuple(Source.model_fields),
        "combinations": (*Combinations.model_fields, *Combination.model_fields),
        "redirect": tuple(Redirect.model_fields),
        "notice": tuple(Notice.model_fields),
        "vocabulary": (*Vocabulary.model_fields, *SmallTalk.model_fields),
        "look-alikes": (*LookAlikes.model_fields, *LookAlikePair.model_fields, *ForeignName.model_fields),
        "families": (),
    }
)

_SHAPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "tuple_type": "must be a list: [one, two], or lines that begin with '- '",
        "mapping_type": "must be a mapping: lines of 'key: value'",
        "dict_type": "must be a mapping: lines of 'key: value'",
        "model_type": "must be a mapping: lines of 'key: value'",
        "model_attributes_type": "must be a mapping: lines of 'key: value'",
        "string_type": "must be plain text, not a list or a mapping",
        "int_parsing": "must be a whole number",
        "int_type": "must be a whole number",
        "date_from_datetime_parsing": "must be a day, written 2026-11-23",
        "date_parsing": "must be a day, written 2026-11-23",
        "date_type": "must be a day, written 2026-11-23",
        "enum": "must be one of: {expected}",
        "literal_error": "must be one of: {expected}",
        "string_too_long": "is longer than {max_length} characters; shorten it",
        "string_too_short": "is shorter than {min_length} characters; fill it in or delete it",
        "greater_than_equal": "must be at least {ge}",
        "less_than_equal": "must be at most {le}",
        "value_error": "{error}",
        "too_long": "has too many items",
        "too_short": "has too few items",
    }
)


def complaint(what: str, detail: ErrorDetails) -> tuple[Place, str, str]:
    """Where, which code, and what to do, for one pydantic error in a file of the kind ``what``."""
    place: Place = tuple(detail["loc"])
    kind = detail["type"]
    if place and place[-1] == "[key]":
        return place[:-1], "K05", _unknown_key(str(place[-2]), tuple(Facet) if "facets" in place else ())
    if kind == "extra_forbidden":
        return place, "K05", _unknown_key(str(place[-1]), KEYS[what])
    if kind == "missing":
        return place[:-1], "K06", f"'{place[-1]}' is missing; add it"
    return place, "K06", f"{_name(place)} {_advice(kind, detail.get('ctx', {}), detail['msg'])}"


def _unknown_key(key: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(key, known, n=1)
    if near:
        return f"'{key[:40]}' is no key here; did you mean '{near[0]}'?"
    allowed = f"use one of: {', '.join(known)}" if known else "ids are small letters, digits and hyphens"
    return f"'{key[:40]}' is no key here; {allowed}"


def _name(place: Place) -> str:
    """The nearest key, and the number of the item when it is a list's: ``'asks' (item 3)``."""
    keys = [part for part in place if isinstance(part, str)]
    name = f"'{keys[-1]}'" if keys else "the file"
    return f"{name} (item {place[-1] + 1})" if place and isinstance(place[-1], int) else name


def _advice(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind == "string_pattern_mismatch":
        country = "[A-Z]" in context["pattern"]
        return (
            "must be a country code such as US or GB" if country else "must be small letters, digits and single hyphens"
        )
    advice = _SHAPES.get(kind)
    return advice.format(**context) if advice else message[:1].lower() + message[1:]
