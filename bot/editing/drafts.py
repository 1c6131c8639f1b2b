"""From the fields of a form to a draft: a whole changed entry, redirect or source, and what is wrong with it.

Forms hold text as people type it: lists one item a line, facets with their marks. ``None`` leaves a field as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from pydantic import ValidationError

from bot.editing.checks import Complaint, complaints_about, plainly
from bot.editing.model import Place, Snapshot, Subject, Value, cited_by, content_hash, snapshot_of, value_in
from bot.knowledge.complaints import complaint
from bot.knowledge.model import Entry, Facet, Kind, Knowledge, Redirect, Reviewer, Source, Stakes

_NOTHING_CARRIED: Final[Mapping[str, Source]] = {}
DUE_AFTER: Final[Mapping[Stakes, timedelta]] = {
    Stakes.HIGH: timedelta(days=182),
    Stakes.MEDIUM: timedelta(days=365),
    Stakes.LOW: timedelta(days=730),
}
"""When a text is to be read again: half a year, one year or two, by what a wrong page could do."""


@dataclass(frozen=True, slots=True)
class SourceForm:
    """A new or changed source as typed; ``key`` is made from publisher and year when it is left empty."""

    title: str
    authors: str
    publisher: str
    year: str
    url: str = ""
    kind: str = "guideline"
    design: str = ""
    checked: str = "read"
    key: str = ""


@dataclass(frozen=True, slots=True)
class EntryForm:
    """An entry's fields as typed. A facet or country with empty text is taken out."""

    title: str | None = None
    aliases: str | None = None
    asks: str | None = None
    facets: Mapping[Facet, str] = field(default_factory=dict)
    certainty: str | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
    notices: Sequence[str] | None = None
    stakes: str | None = None
    related: Sequence[str] | None = None
    sources: tuple[SourceForm, ...] = ()


@dataclass(frozen=True, slots=True)
class RedirectForm:
    """A redirect's fields as typed."""

    title: str | None = None
    asks: str | None = None
    text: str | None = None
    related: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules said about a snapshot, among which knowledge and on which day."""

    around: Knowledge
    today: date
    complaints: tuple[Complaint, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft: the snapshot (``None`` when the fields make no whole), what it is based on, and the complaints: those
    about what was typed, then the rules' ``verdict``."""

    place: Place
    snapshot: Snapshot | None
    base: str
    complaints: tuple[Complaint, ...]
    verdict: Verdict | None = field(default=None, repr=False, compare=False)

    @property
    def grave(self) -> tuple[Complaint, ...]:
        """What has to be mended before it can be proposed."""
        return tuple(one for one in self.complaints if one.grave)

    @property
    def ready(self) -> bool:
        """Whether it can be proposed."""
        return self.snapshot is not None and not self.grave


def entry_form(entry: Entry) -> EntryForm:
    """The form that holds an entry as it is, to be shown for editing."""
    return EntryForm(
        title=entry.title,
        aliases="\n".join(entry.aliases),
        asks="\n".join(entry.asks),
        facets=dict(entry.facets),
        certainty=entry.certainty.value if entry.certainty else "",
        regions=dict(entry.regions),
        notices=entry.notices,
        stakes=entry.stakes.value,
        related=entry.related,
    )


def change_entry(
    entry: Entry, form: EntryForm, knowledge: Knowledge, today: date, carried: Mapping[str, Source] = _NOTHING_CARRIED
) -> Drafted:
    """An entry with the form's fields. ``entry`` is what is served now, or an earlier draft of it, whose sources are
    ``carried`` along."""
    content = entry.model_dump(mode="json") | _typed(form, entry)
    return _entry(Place(Subject.ENTRY, entry.id), content, form, knowledge, today, carried)


def new_entry(kind: Kind, form: EntryForm, knowledge: Knowledge, today: date, key: str = "") -> Drafted:
    """A new entry; its id is made from the title when none is given."""
    place = Place(Subject.ENTRY, key or slug(form.title or ""))
    content: dict[str, Any] = {"id": place.key, "kind": kind.value, "asks": [], "facets": {}, "stakes": "medium"}
    content |= {"written": today.isoformat(), "review": {"by": "none", "on": None, "due": today.isoformat()}}
    return _where_free(_entry(place, content | _typed(form, None), form, knowledge, today), knowledge)


def new_redirect(form: RedirectForm, knowledge: Knowledge, today: date) -> Drafted:
    """A new redirect; its id is made from the title."""
    place = Place(Subject.REDIRECT, slug(form.title or ""))
    content = {"id": place.key, "title": " ".join((form.title or "").split()), "asks": _lines(form.asks) or []}
    content |= {"text": _prose(form.text) or "", "related": list(form.related or ())}
    value, complaints = _validated(Redirect, "redirect", content)
    drafted = _drafted(place, value, {}, knowledge, today)
    return _where_free(replace(drafted, complaints=(*complaints, *drafted.complaints)), knowledge)


def _where_free(drafted: Drafted, knowledge: Knowledge) -> Drafted:
    """A new page or redirect, refused where there is one already."""
    place = drafted.place
    if value_in(knowledge, place) is None:
        return drafted
    what = "a redirect" if place.subject is Subject.REDIRECT else "an entry"
    taken = Complaint("title", f"there is {what} “{place.key}” already; edit that one, or choose another title", "K08")
    return replace(drafted, complaints=(taken, *drafted.complaints))


def retire(place: Place, knowledge: Knowledge, today: date) -> Drafted:
    """A draft that takes something out of the knowledge base."""
    snapshot = Snapshot(place, None)
    found = complaints_about(snapshot, knowledge, today)
    value = value_in(knowledge, place)
    if value is None:
        found = (Complaint("title", f"there is no {place.subject} “{place.key}”", "K08"), *found)
    return Drafted(place, snapshot, content_hash(value), found)


def change_redirect(redirect: Redirect, form: RedirectForm, knowledge: Knowledge, today: date) -> Drafted:
    """A redirect with the form's fields."""
    content = redirect.model_dump(mode="json")
    typed = {"title": form.title, "asks": _lines(form.asks), "text": _prose(form.text), "related": form.related}
    content |= {key: value for key, value in typed.items() if value is not None}
    place = Place(Subject.REDIRECT, redirect.id)
    value, complaints = _validated(Redirect, "redirect", content)
    drafted = _drafted(place, value, {}, knowledge, today)
    return replace(drafted, complaints=(*complaints, *drafted.complaints))


def change_source(form: SourceForm, knowledge: Knowledge, today: date) -> Drafted:
    """A source, new or changed."""
    key, source, complaints = _source(form)
    drafted = _drafted(Place(Subject.SOURCE, key), source, {}, knowledge, today)
    return replace(drafted, complaints=(*complaints, *drafted.complaints))


def as_of(snapshot: Snapshot, knowledge: Knowledge, today: date) -> Drafted:
    """An older version (from a history, or from a file) as a draft on top of what is served now."""
    value = snapshot.value
    if isinstance(value, Entry):
        value = _unsigned(value, _served(knowledge, snapshot.place), today)
    if value is None:
        return retire(snapshot.place, knowledge, today)
    return _drafted(snapshot.place, value, snapshot.sources, knowledge, today)


def with_asks(entry: Entry, asks: Sequence[str], knowledge: Knowledge, today: date) -> Drafted:
    """An entry that is also found by these questions."""
    return change_entry(entry, EntryForm(asks="\n".join((*entry.asks, *asks))), knowledge, today)


def signed(snapshot: Snapshot, served: Value | None, reviewer: Reviewer, today: date) -> Snapshot:
    """The snapshot as it is published: who read it through, when, and when it is due again.

    Text that is word for word what was signed before keeps its signature when nobody read it through anew.
    """
    entry = snapshot.value
    if not isinstance(entry, Entry):
        return snapshot
    if reviewer is Reviewer.NONE:
        return replace(snapshot, value=_unsigned(entry, served if isinstance(served, Entry) else None, today))
    review = entry.review.model_copy(update={"by": reviewer, "on": today, "due": today + DUE_AFTER[entry.stakes]})
    return replace(snapshot, value=entry.model_copy(update={"review": review}))


def without_uncited(snapshot: Snapshot) -> Snapshot:
    """The snapshot as it is published: new sources that no sentence came to cite stay behind."""
    cited = set(cited_by(snapshot.value))
    return replace(snapshot, sources={key: source for key, source in snapshot.sources.items() if key in cited})


def same_text(one: Entry, other: Entry) -> bool:
    """Whether members read the same in both; asks and aliases are not read."""
    kept = ("title", "facets", "certainty", "regions", "notices")
    return all(getattr(one, name) == getattr(other, name) for name in kept)


def slug(title: str) -> str:
    """An id from a title: small letters, digits and single hyphens, at most 60."""
    bare = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", bare.replace("'", "")).strip("-")[:60].strip("-")


# --- inside ------------------------------------------------------------------------------------------------------


def _entry(
    place: Place,
    content: dict[str, Any],
    form: EntryForm,
    knowledge: Knowledge,
    today: date,
    carried: Mapping[str, Source] = _NOTHING_CARRIED,
) -> Drafted:
    made = [_source(one) for one in form.sources]
    complaints = [one for _, _, found in made for one in found]
    complaints += [_taken(key) for key, source, _ in made if source and _differs(key, source, knowledge)]
    entry, found = _validated(Entry, "entry", content)
    if isinstance(entry, Entry):
        entry = _unsigned(entry, _served(knowledge, place), today)
    new = {**carried, **{key: source for key, source, _ in made if source}}
    drafted = _drafted(place, entry, new, knowledge, today)
    return replace(drafted, complaints=(*complaints, *found, *drafted.complaints))


def _served(knowledge: Knowledge, place: Place) -> Entry | None:
    served = value_in(knowledge, place)
    return served if isinstance(served, Entry) else None


def _drafted(
    place: Place, value: Value | None, new: Mapping[str, Source], knowledge: Knowledge, today: date
) -> Drafted:
    base = content_hash(value_in(knowledge, place))
    if value is None:
        return Drafted(place, None, base, ())
    snapshot = snapshot_of(place, value, knowledge, new)
    uncited = {key: source for key, source in new.items() if key not in knowledge.sources}
    snapshot = replace(snapshot, sources={**uncited, **snapshot.sources})
    found = complaints_about(snapshot, knowledge, today)
    return Drafted(place, snapshot, base, found, Verdict(knowledge, today, found))


def _unsigned(entry: Entry, served: Entry | None, today: date) -> Entry:
    """A changed text carries no signature and is due by its stakes; an unchanged one keeps what it had."""
    if served is not None and same_text(entry, served):
        return entry.model_copy(update={"review": served.review, "written": served.written})
    review = entry.review.model_copy(update={"by": Reviewer.NONE, "on": None, "due": today + DUE_AFTER[entry.stakes]})
    return entry.model_copy(update={"review": review, "written": today})


def _typed(form: EntryForm, entry: Entry | None) -> dict[str, Any]:
    facets = {facet.value: text for facet, text in entry.facets.items()} if entry else {}
    facets |= {facet.value: _prose(text) or "" for facet, text in form.facets.items()}
    regions = (dict(entry.regions) if entry else {}) | {key.upper(): _prose(text) for key, text in form.regions.items()}
    typed: dict[str, Any] = {
        "title": None if form.title is None else " ".join(form.title.split()),
        "aliases": _lines(form.aliases, ","),
        "asks": _lines(form.asks),
        "stakes": form.stakes,
        "notices": None if form.notices is None else list(form.notices),
        "related": None if form.related is None else list(form.related),
        "facets": {facet: text for facet, text in facets.items() if text},
        "regions": {country: text for country, text in regions.items() if text},
    }
    kept = {key: value for key, value in typed.items() if value is not None}
    return kept if form.certainty is None else kept | {"certainty": form.certainty or None}


def _lines(text: str | None, also: str = "") -> list[str] | None:
    """The items of a list as typed: one a line, with or without a bullet; ``also`` separates items too."""
    if text is None:
        return None
    rows = re.split(rf"[\n{also}]", text)
    return list(dict.fromkeys(item for row in rows if (item := " ".join(re.sub(r"^\s*[-*•]\s+", "", row).split()))))


def _prose(text: str | None) -> str | None:
    """Running text: line breaks and double spaces of a form are single spaces."""
    return None if text is None else " ".join(text.split())


def _source(form: SourceForm) -> tuple[str, Source | None, tuple[Complaint, ...]]:
    key = form.key or slug(f"{form.publisher} {form.year}")
    content = {
        "title": " ".join(form.title.split()),
        "authors": form.authors or form.publisher,
        "publisher": form.publisher,
        "year": form.year.strip(),
        "url": form.url.strip() or None,
        "kind": form.kind,
        "design": form.design or None,
        "checked": form.checked,
    }
    source, found = _validated(Source, "source", content)
    named = tuple(replace(one, field=f"source-{one.field}") for one in found)
    if not form.year.strip():
        missing = "is missing; end with it, as in “NICE, 2022”"
        named = tuple(replace(one, message=missing) if one.field == "source-year" else one for one in named)
    return key, source if isinstance(source, Source) else None, named


def _differs(key: str, source: Source, knowledge: Knowledge) -> bool:
    return key in knowledge.sources and knowledge.sources[key] != source


def _taken(key: str) -> Complaint:
    return Complaint("sources", f"there is another source “{key}” already; cite that one, or choose another id", "K04")


def _validated(
    shape: type[Entry] | type[Redirect] | type[Source], what: str, content: Mapping[str, Any]
) -> tuple[Value | None, tuple[Complaint, ...]]:
    try:
        return shape.model_validate(content), ()
    except ValidationError as error:
        found = [complaint(what, detail) for detail in error.errors(include_url=False)]
        return None, tuple(Complaint(_field(at), plainly(message, _field(at)), code) for at, code, message in found)


def _field(place: tuple[str | int, ...]) -> str:
    names = [str(part) for part in place if isinstance(part, str)]
    return (names[1] if len(names) > 1 and names[0] in ("facets", "regions") else names[0]) if names else "title"
