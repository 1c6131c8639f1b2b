"""What can be changed about a page, a redirect or a source: the fields to choose from, and their forms."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from discord import ui

from bot.client.editors.forms import Typed, choice_field, text_field
from bot.client.ids import packed
from bot.client.interface import Interface
from bot.editing.citing import PRACTICE
from bot.editing.model import Value, cited_by
from bot.knowledge.model import Certainty, Entry, Facet, Kind, Knowledge, Redirect, Source, SourceKind, Stakes

_CHUNK: Final = 3900
_CHUNKS: Final = 4
"""Most parts of a list in one form; a longer one has several forms."""
ASKS: Final = "asks"
REGION: Final = "region"
_STAMPS: Final = 36**4
NEW_REDIRECT: Final = "redirect"
"""Chosen as the sort of a new page: what we understand and do not answer."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form: its title and its fields."""

    title: str
    fields: tuple[ui.Label[Any], ...]

    @property
    def stamp(self) -> str:
        """A short mark of what stands in the fields: another one when the text was changed meanwhile."""
        held = "\0".join(map(_held, self.fields))
        return packed(zlib.crc32(held.encode("utf-8", "replace")) % _STAMPS)

    def refilled(self, typed: Typed) -> Sheet:
        """The same form with what was typed in it before."""
        return Sheet(self.title, tuple(_refilled(one, typed) for one in self.fields))


@dataclass(frozen=True, slots=True)
class Texts:
    """What a form is made of: the words of the interface and the knowledge that is written on."""

    interface: Interface
    knowledge: Knowledge

    def say(self, name: str, /, **blanks: object) -> str:
        """A sentence of the interface."""
        return self.interface.say(name, **blanks)

    def facet(self, facet: Facet) -> str:
        """How members see a facet named."""
        return self.knowledge.vocabulary.labels.get(facet, facet.value.replace("-", " ").capitalize())

    def field(self, name: str) -> str:
        """How an editor sees a field named, of a difference or of a complaint."""
        if name in list(Facet):
            return self.facet(Facet(name))
        if name.startswith(f"{ASKS}-"):
            return self.say("edit-asks-more", field=self.field(ASKS), form=name.removeprefix(f"{ASKS}-"))
        known = self.interface.texts.get(f"field-{name}")
        return known or name.replace("-", " ").capitalize()


def fields_of(value: Value, texts: Texts) -> list[tuple[str, str]]:
    """What can be chosen to change, with labels: at most 25."""
    match value:
        case Entry():
            facets = [(facet.value, texts.facet(facet)) for facet in value.facets]
            more = [(f.value, texts.say("edit-add", field=texts.facet(f))) for f in Facet if f not in value.facets]
            regions = [(f"{REGION}-{one}", texts.say("edit-region", country=one)) for one in sorted(value.regions)]
            kept = [(name, texts.field(name)) for name in ("names", *_ask_forms(value.asks), "settings")]
            return [
                *facets,
                *kept,
                *regions[:5],
                (REGION, texts.field(REGION)),
                ("source", texts.field("source")),
                *more,
            ][:25]
        case Redirect():
            return [(name, texts.field(name)) for name in ("text", *_ask_forms(value.asks))]
        case Source():
            return [("source-itself", texts.field("source-itself"))]
        case _:
            assert_never(value)


def field_of(value: Value, complained: str) -> str | None:
    """The form in which a complaint's field can be mended; ``None`` when there is none."""
    match value:
        case Entry():
            if complained in list(Facet) or complained in ("asks",):
                return complained
            if complained in value.regions:
                return f"{REGION}-{complained}"
            grouped = {"title": "names", "aliases": "names"}
            return grouped.get(
                complained, "settings" if complained in ("stakes", "certainty", "notices", "related") else None
            )
        case Redirect():
            return "asks" if complained == "asks" else "text"
        case Source():
            return "source-itself"


# --- forms -----------------------------------------------------------------------------------------------------------


def sheet(field: str, value: Value, texts: Texts, carried: Mapping[str, Source]) -> Sheet:
    """The form for one field with the present text.

    Raises:
        ValueError: there is no such field.
    """
    match value:
        case Source():
            return Sheet(texts.say("form-source"), _source_fields(texts, value))
        case Redirect():
            return _asks(field, value.asks, texts) if is_asks(field) else _redirect(value, texts)
        case Entry():
            return _entry(field, value, texts, carried)
        case _:
            assert_never(value)


def _entry(field: str, entry: Entry, texts: Texts, carried: Mapping[str, Source]) -> Sheet:
    if field in list(Facet):
        return _facet(Facet(field), entry, texts, carried)
    if is_asks(field):
        return _asks(field, entry.asks, texts)
    match field:
        case "names":
            names = text_field(
                "aliases",
                texts.say("form-aliases"),
                "\n".join(entry.aliases),
                long=True,
                hint=texts.say("form-aliases-hint"),
            )
            return Sheet(texts.field("names"), (_title(entry.title, texts), names))
        case "settings":
            return _settings(entry, texts)
        case "source":
            return Sheet(texts.say("form-new-source"), _source_fields(texts, None))
    if field == REGION or field.removeprefix(f"{REGION}-") in entry.regions:
        return _region(field.removeprefix(REGION).removeprefix("-"), entry, texts)
    raise ValueError(field)


def _title(title: str, texts: Texts) -> ui.Label[Any]:
    return text_field(
        "title", texts.say("form-title"), title, hint=texts.say("form-title-hint"), required=True, most=80
    )


def _facet(facet: Facet, entry: Entry, texts: Texts, carried: Mapping[str, Source]) -> Sheet:
    near = _near_sources(entry, texts.knowledge, carried)
    options = [(PRACTICE, texts.say("form-practice")), *((key, _source_label(key, one)) for key, one in near.items())]
    return Sheet(
        f"{entry.title[:25]}: {texts.facet(facet)}",
        (
            text_field(
                "text", texts.facet(facet), entry.facets.get(facet, ""), long=True, hint=texts.say("form-text-hint")
            ),
            choice_field("mark", texts.say("form-mark"), options, hint=texts.say("form-mark-hint")),
        ),
    )


def _source_label(key: str, source: Source) -> str:
    return f"{key}: {source.title}"


def _near_sources(entry: Entry, knowledge: Knowledge, carried: Mapping[str, Source]) -> dict[str, Source]:
    """The sources that an editor of this entry most likely wants: its own first, then those of related entries."""
    keys = [*carried, *cited_by(entry)]
    keys += [key for one in entry.related if one in knowledge.entries for key in cited_by(knowledge.entries[one])]
    known = {**knowledge.sources, **carried}
    return {key: known[key] for key in dict.fromkeys(keys) if key in known}


def is_asks(field: str) -> bool:
    """Whether a field holds ways of asking: ``asks``, ``asks-2`` …"""
    return field == ASKS or (field.startswith(f"{ASKS}-") and field.removeprefix(f"{ASKS}-").isdecimal())


def _ask_forms(asks: Sequence[str]) -> list[str]:
    """The fields of some ways of asking: one for each form that they fill, the newest in the last."""
    forms = -(-len(list(chunks(asks))) // _CHUNKS)
    return [ASKS, *(f"{ASKS}-{form}" for form in range(2, forms + 1))]


def _asks(field: str, asks: Sequence[str], texts: Texts) -> Sheet:
    known = list(enumerate(chunks(asks)))
    form = int(field.removeprefix(ASKS).removeprefix("-") or 1)
    if form > max(1, len(_ask_forms(asks))):
        raise ValueError(field)
    hint = texts.say("form-asks-hint")
    parts = [
        text_field(
            f"{ASKS}{at}",
            texts.say("form-asks", part=at + 1, parts=len(known)),
            "\n".join(part),
            long=True,
            hint=hint,
        )
        for at, part in known[(form - 1) * _CHUNKS : form * _CHUNKS]
    ]
    more = text_field("more", texts.say("form-more-asks"), long=True, hint=texts.say("form-more-asks-hint"))
    return Sheet(texts.field(field), (more, *parts))


def chunks(lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The lines in runs that fit into one text input each."""
    gathered: list[str] = []
    for line in lines:
        if gathered and sum(len(one) + 1 for one in (*gathered, line)) > _CHUNK:
            yield tuple(gathered)
            gathered = []
        gathered.append(line)
    if gathered:
        yield tuple(gathered)


def _settings(entry: Entry, texts: Texts) -> Sheet:
    stakes = [(one.value, texts.say(f"stakes-{one}")) for one in Stakes]
    certainty = [(one.value, texts.say(f"certainty-{one}")) for one in Certainty]
    notices = [(key, one.title) for key, one in texts.knowledge.notices.items()]
    chosen = (entry.certainty.value,) if entry.certainty else ()
    related = "\n".join(entry.related)
    return Sheet(
        texts.field("settings"),
        (
            choice_field(
                "stakes",
                texts.field("stakes"),
                stakes,
                (entry.stakes.value,),
                hint=texts.say("form-stakes-hint"),
                required=True,
            ),
            choice_field(
                "certainty", texts.field("certainty"), certainty, chosen, hint=texts.say("form-certainty-hint")
            ),
            *((choice_field("notices", texts.field("notices"), notices, entry.notices, many=True),) if notices else ()),
            text_field("related", texts.field("related"), related, long=True, hint=texts.say("form-related-hint")),
        ),
    )


def _region(country: str, entry: Entry, texts: Texts) -> Sheet:
    return Sheet(
        texts.field(REGION),
        (
            text_field(
                "country",
                texts.say("form-country"),
                country,
                hint=texts.say("form-country-hint"),
                required=True,
                most=2,
            ),
            text_field(
                "text",
                texts.say("form-region"),
                entry.regions.get(country, ""),
                long=True,
                hint=texts.say("form-text-hint"),
            ),
        ),
    )


def _redirect(redirect: Redirect, texts: Texts) -> Sheet:
    return Sheet(
        redirect.title,
        (
            _title(redirect.title, texts),
            text_field("text", texts.field("text"), redirect.text, long=True, hint=texts.say("form-redirect-hint")),
            text_field(
                "related",
                texts.field("related"),
                "\n".join(redirect.related),
                long=True,
                hint=texts.say("form-related-hint"),
            ),
        ),
    )


def _source_fields(texts: Texts, source: Source | None) -> tuple[ui.Label[Any], ...]:
    by = f"{source.authors}; {source.publisher}, {source.year}" if source else ""
    kinds = [(one.value, texts.say(f"source-{one}")) for one in SourceKind]
    read = [("read", texts.say("source-read")), ("recalled", texts.say("source-recalled"))]
    return (
        text_field("title", texts.say("form-source-title"), source.title if source else "", required=True, most=300),
        text_field(
            "by", texts.say("form-source-by"), by, hint=texts.say("form-source-by-hint"), required=True, most=300
        ),
        text_field(
            "url",
            texts.say("form-source-url"),
            (source.url or "") if source else "",
            hint=texts.say("form-source-url-hint"),
            most=400,
        ),
        choice_field(
            "kind", texts.say("form-source-kind"), kinds, (source.kind.value,) if source else (), required=True
        ),
        choice_field(
            "checked", texts.say("form-source-checked"), read, (source.checked,) if source else (), required=True
        ),
    )


def new_sheet(texts: Texts, asks: str = "", typed: Typed | None = None) -> Sheet:
    """The form of a new page or redirect."""
    kinds = [*((kind.value, texts.say(f"kind-{kind}")) for kind in Kind), (NEW_REDIRECT, texts.say("kind-redirect"))]
    fields = (
        _title("", texts),
        choice_field("kind", texts.say("form-kind"), kinds, required=True),
        text_field("aliases", texts.say("form-aliases"), long=True, hint=texts.say("form-aliases-hint")),
        text_field("asks", texts.field("asks"), asks, long=True, hint=texts.say("form-asks-hint")),
        text_field("text", texts.facet(Facet.OVERVIEW), long=True, hint=texts.say("form-text-hint"), required=True),
    )
    made = Sheet(texts.say("form-new"), fields)
    return made if typed is None else made.refilled(typed)


def _held(label: ui.Label[Any]) -> str:
    """What stands in a field, or is chosen in it."""
    field = label.component
    if isinstance(field, ui.Select):
        return " ".join(option.value for option in field.options if option.default)
    return (field.default or "") if isinstance(field, ui.TextInput) else ""


def _refilled(label: ui.Label[Any], typed: Typed) -> ui.Label[Any]:
    """The same field with what was typed in it before."""
    field = label.component
    if isinstance(field, ui.TextInput) and isinstance(value := typed.get(field.custom_id), str):
        field.default = value or None
    elif isinstance(field, ui.Select) and isinstance(chosen := typed.get(field.custom_id), tuple):
        for option in field.options:
            option.default = option.value in chosen
    return label
