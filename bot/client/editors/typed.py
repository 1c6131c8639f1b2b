"""From what was typed into a form back to a draft, with complaints that name the field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, assert_never

from bot.client.editors.forms import Typed, chosen_of, text_of
from bot.client.editors.sheets import ASKS, NEW_REDIRECT, REGION, chunks, is_asks
from bot.editing.checks import Complaint
from bot.editing.citing import PRACTICE, marked
from bot.editing.drafts import (
    Drafted,
    EntryForm,
    RedirectForm,
    SourceForm,
    change_entry,
    change_redirect,
    change_source,
    new_entry,
    new_redirect,
    slug,
)
from bot.editing.model import Place, Value
from bot.knowledge.model import Entry, Facet, Kind, Knowledge, Redirect, Source
from bot.knowledge.prose import fold

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_WHEN: Final = re.compile(r"^(?:(?P<authors>.*?);)?(?P<publisher>.*?)[\s,(]*(?P<year>\d{4})\)?\s*$", re.DOTALL)


def changed(
    field: str,
    place: Place,
    value: Value,
    typed: Typed,
    knowledge: Knowledge,
    today: date,
    carried: Mapping[str, Source],
) -> Drafted:
    """The draft of ``place`` that follows from a form on its ``value``.

    Raises:
        ValueError: there is no such field.
    """
    match value:
        case Source():
            form = replace(_source_form(typed), key=place.key, design=value.design or "")
            return change_source(form, knowledge, today)
        case Redirect():
            return change_redirect(value, _redirect_form(field, value, typed, knowledge), knowledge, today)
        case Entry():
            form_of, complaints = _entry_form(field, value, typed, knowledge, carried)
            drafted = change_entry(value, form_of, knowledge, today, carried)
            return replace(drafted, complaints=(*complaints, *drafted.complaints))
        case _:
            assert_never(value)


def new_page(typed: Typed, knowledge: Knowledge, today: date) -> Drafted:
    """The draft of a new page, or of a new redirect."""
    if chosen_of(typed, "kind") == (NEW_REDIRECT,):
        return _new_redirect(typed, knowledge, today)
    text, complaints = _prose(Facet.OVERVIEW, typed, knowledge, {})
    form = EntryForm(
        title=text_of(typed, "title") or "",
        aliases=text_of(typed, "aliases"),
        asks=text_of(typed, "asks") or "",
        facets={Facet.OVERVIEW: text},
    )
    kind = next(iter(chosen_of(typed, "kind") or ()), "")
    drafted = new_entry(Kind(kind), form, knowledge, today)
    return replace(drafted, complaints=(*complaints, *drafted.complaints))


def _new_redirect(typed: Typed, knowledge: Knowledge, today: date) -> Drafted:
    form = RedirectForm(text_of(typed, "title") or "", text_of(typed, "asks") or "", text_of(typed, "text") or "")
    drafted = new_redirect(form, knowledge, today)
    if not (text_of(typed, "aliases") or "").strip():
        return drafted
    left = Complaint("aliases", "a redirect has no other names; they were left out", "K08", grave=False)
    return replace(drafted, complaints=(*drafted.complaints, left))


def _entry_form(
    field: str, entry: Entry, typed: Typed, knowledge: Knowledge, carried: Mapping[str, Source]
) -> tuple[EntryForm, tuple[Complaint, ...]]:
    if field in list(Facet):
        text, complaints = _prose(Facet(field), typed, knowledge, carried)
        return EntryForm(facets={Facet(field): text}), complaints
    if is_asks(field):
        return EntryForm(asks=_all_asks(entry.asks, typed)), ()
    match field:
        case "names":
            return EntryForm(title=text_of(typed, "title"), aliases=text_of(typed, "aliases")), ()
        case "settings":
            return _settings_form(typed, knowledge), ()
        case "source":
            return EntryForm(sources=(_source_form(typed),)), ()
    if not field.startswith(REGION):
        raise ValueError(field)
    text, complaints = _prose(REGION, typed, knowledge, carried)
    country = (text_of(typed, "country") or "").upper()
    if not _COUNTRY.fullmatch(country):
        wrong = Complaint("country", "write its two letters, such as GB or US", "K06")
        return EntryForm(), (wrong, *complaints)
    before = field.removeprefix(REGION).removeprefix("-")
    moved = {before: ""} if before and before != country else {}
    return EntryForm(regions={**moved, country: text}), complaints


def _prose(
    field: str, typed: Typed, knowledge: Knowledge, carried: Mapping[str, Source]
) -> tuple[str, tuple[Complaint, ...]]:
    sources = {**knowledge.sources, **carried}
    chosen = next(iter(chosen_of(typed, "mark") or ()), "")
    otherwise = chosen if chosen in sources or chosen == PRACTICE else ""
    cited = marked(text_of(typed, "text") or "", sources, otherwise)
    complaints = tuple(
        Complaint(
            str(field),
            f"“[{name}]” is no one source{_or(near)}; write its id, or find it with /knowledge search",
            "K11",
        )
        for name, near in cited.unknown
    )
    return cited.text, complaints


def _or(near: Sequence[str]) -> str:
    return f" (it could be {', '.join(near)})" if near else ""


def _all_asks(asks: Sequence[str], typed: Typed) -> str:
    """The ways of asking from all parts of the form; those of other forms stay."""
    kept = ["\n".join(part) for part in chunks(asks)]
    typed_in = [text_of(typed, f"{ASKS}{at}") for at in range(len(kept))]
    parts = [part if given is None else given for part, given in zip(kept, typed_in, strict=True)]
    return "\n".join(part for part in (*parts, text_of(typed, "more") or "") if part)


def _settings_form(typed: Typed, knowledge: Knowledge) -> EntryForm:
    stakes, certainty = chosen_of(typed, "stakes"), chosen_of(typed, "certainty")
    return EntryForm(
        stakes=stakes[0] if stakes else None,
        certainty=None if certainty is None else next(iter(certainty), ""),
        notices=chosen_of(typed, "notices"),
        related=_related(typed, knowledge),
    )


def _related(typed: Typed, knowledge: Knowledge) -> tuple[str, ...] | None:
    """Entries by their ids, titles or names, one a line."""
    text = text_of(typed, "related")
    if text is None:
        return None
    known = {fold(name): key for key, one in knowledge.entries.items() for name in (one.title, *one.aliases)}
    lines = [line.strip().lstrip("-*• ").strip() for line in re.split(r"[\n,]", text)]
    found = (one if one in knowledge.entries else known.get(fold(one), slug(one)) for one in lines if one)
    return tuple(dict.fromkeys(found))


def _redirect_form(field: str, redirect: Redirect, typed: Typed, knowledge: Knowledge) -> RedirectForm:
    if is_asks(field):
        return RedirectForm(asks=_all_asks(redirect.asks, typed))
    if field != "text":
        raise ValueError(field)
    return RedirectForm(title=text_of(typed, "title"), text=text_of(typed, "text"), related=_related(typed, knowledge))


def _source_form(typed: Typed) -> SourceForm:
    by = text_of(typed, "by") or ""
    found = _WHEN.match(by)
    publisher = (found["publisher"] if found else by).strip(" ,;")
    return SourceForm(
        title=text_of(typed, "title") or "",
        authors=((found["authors"] or "") if found else "").strip() or publisher,
        publisher=publisher,
        year=found["year"] if found else "",
        url=text_of(typed, "url") or "",
        kind=next(iter(chosen_of(typed, "kind") or ()), ""),
        checked=next(iter(chosen_of(typed, "checked") or ()), ""),
    )
