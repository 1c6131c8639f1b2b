"""Every rule of ``nextstep check``, run on a draft, with complaints that name the field that the editor sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, assert_never

from bot.editing.ends import without_loose_ends
from bot.editing.model import Place, Snapshot, Subject, Value, value_in
from bot.knowledge.model import Entry, Facet, Knowledge, Redirect, Source
from bot.knowledge.problems import Gravity, Problem
from bot.knowledge.rules import RULES, check_entry
from bot.knowledge.scope import Finding, Part, Passage, Scope
from bot.knowledge.writing import entry_text

_KEY: Final = re.compile(r"( *)([\w-]+):")
_NO_OVERVIEW: Final = "K64"
_SHARED: Final = frozenset({"K70", "K71", "K73", "K74", "K78"})
"""Rules about shared files that a change of an entry can break."""
_MENDED: Final = frozenset({"K74", "K78"})
"""Those of them that an export mends when a page goes."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one field. ``grave`` ones keep the draft from being proposed; others are worth a look."""

    field: str
    message: str
    code: str
    grave: bool = True

    def __str__(self) -> str:
        return f"{label_of(self.field)}: {self.message}"


def label_of(field: str) -> str:
    """How a field is called in a form: ``side-effects`` → “Side effects”."""
    return field[:1].upper() + field[1:].replace("-", " ")


def complaints_about(snapshot: Snapshot, knowledge: Knowledge, today: date) -> tuple[Complaint, ...]:
    """What the rules say about a snapshot as it would stand in ``knowledge``; grave ones first.

    What is wrong with the served text already is worth a look: nobody has to mend another's field first.
    """
    around = knowledge.model_copy(update={"sources": {**snapshot.sources, **knowledge.sources}})
    found = dict.fromkeys((*_own(snapshot, around, today), *_elsewhere(snapshot, around, today)))
    before = value_in(knowledge, snapshot.place) if any(one.grave for one in found) else None
    known = set(_own(Snapshot(snapshot.place, before), around, today)) if before and snapshot.value else set()
    lighter = (replace(one, grave=False) if one in known else one for one in found)
    return tuple(sorted(lighter, key=lambda one: not one.grave))


def _own(snapshot: Snapshot, around: Knowledge, today: date) -> Iterator[Complaint]:
    place, value = snapshot.place, snapshot.value
    match value:
        case None:
            yield from _gone(place, around)
        case Entry():
            text = entry_text(value)
            yield from (
                _complaint(problem, field_at(text, problem.line)) for problem in check_entry(value, around, today)
            )
        case Redirect():
            yield from _redirect(value, around, today)
        case Source():
            yield from _source(place.key, value, around, today)
        case _:
            assert_never(value)


def _complaint(problem: Problem, field: str) -> Complaint:
    message = plainly(problem.message, field)
    shown = Facet.OVERVIEW.value if problem.code == _NO_OVERVIEW else field
    return Complaint(shown, message, problem.code, problem.severity is Gravity.ERROR)


def plainly(message: str, field: str) -> str:
    """A rule's message without the field's name at its beginning, which the complaint says already."""
    return re.sub(rf"^'(?:\w+\.)?{re.escape(field)}' ", "", message)


def field_at(text: str, line: int) -> str:
    """The field that a line of an entry's canonical text belongs to: a key, a facet or a country."""
    field, outer = "title", ""
    for row in text.splitlines()[:line]:
        key = _KEY.match(row)
        if key is None:
            continue
        depth, name = len(key.group(1)), key.group(2)
        if depth == 0:
            field = outer = name
        elif depth == 2 and outer in ("facets", "regions"):
            field = name
    return field


def _redirect(redirect: Redirect, around: Knowledge, today: date) -> Iterator[Complaint]:
    file = f"redirects/{redirect.id}.yaml"
    inside = around.model_copy(update={"redirects": {**around.redirects, redirect.id: redirect}})
    passage = Passage(file, ("text",), Part.REDIRECT, redirect.text)
    yield from _found(Scope(inside, (), (passage,), today), file)


def _source(key: str, source: Source, around: Knowledge, today: date) -> Iterator[Complaint]:
    inside = around.model_copy(update={"sources": {**around.sources, key: source}})
    for code, grave, finding in _findings(Scope(inside, (), (), today)):
        if finding.file == "sources.yaml" and key in finding.place:
            field = str(finding.place[-1]) if finding.place[-1] != key else "source"
            yield Complaint(field, finding.message, code, grave)


def _found(scope: Scope, file: str) -> Iterator[Complaint]:
    for code, grave, finding in _findings(scope):
        if finding.file == file:
            field = str(finding.place[0]) if finding.place else "title"
            yield Complaint(field, plainly(finding.message, field), code, grave)


def _findings(scope: Scope) -> Iterator[tuple[str, bool, Finding]]:
    for rule in RULES:
        for finding in rule.check(scope) if rule.check else ():
            yield rule.code, rule.gravity is Gravity.ERROR, finding


def _gone(place: Place, around: Knowledge) -> Iterator[Complaint]:
    """What stands in the way of taking something out: sources that are still cited."""
    if place.subject is Subject.SOURCE:
        users = [
            entry.id
            for entry in around.entries.values()
            if any(f"@{place.key}]" in text or f"@{place.key};" in text for text in _texts(entry))
        ]
        if users:
            named = ", ".join(users[:5]) + (" …" if len(users) > 5 else "")
            yield Complaint("source", f"is still cited by {named}; change those first", "K11")


def _texts(entry: Entry) -> tuple[str, ...]:
    return (*entry.facets.values(), *entry.regions.values())


def _elsewhere(snapshot: Snapshot, around: Knowledge, today: date) -> Iterator[Complaint]:
    """What the change would break in files that entries share.

    Related entries mend themselves. So do the loose ends of a page that goes: families, ambiguous names, look-alikes,
    and combinations, which go on knowing it by its names.
    """
    if snapshot.place.subject is not Subject.ENTRY:
        return
    before = set(_shared(around, today))
    after = with_value(around, snapshot.place, snapshot.value)
    for finding in _shared(after if snapshot.value else without_loose_ends(after, around), today):
        if finding not in before:
            code, inside = finding
            if inside.file != "families.yaml" and not (snapshot.value is None and code in _MENDED):
                message = f"{inside.message}, in {inside.file}; a maintainer changes that file first"
                yield Complaint("aliases" if snapshot.value else "title", message, code)


def _shared(knowledge: Knowledge, today: date) -> Iterator[tuple[str, Finding]]:
    scope = Scope(knowledge, (), (), today)
    for rule in RULES:
        if rule.check and rule.code in _SHARED:
            for finding in rule.check(scope):
                yield rule.code, finding


def with_value(knowledge: Knowledge, place: Place, value: Value | None) -> Knowledge:
    """The knowledge with one thing changed, new or gone. The revision is not renewed."""
    if value is None and value_in(knowledge, place) is None:
        return knowledge
    name = {Subject.ENTRY: "entries", Subject.REDIRECT: "redirects", Subject.SOURCE: "sources"}[place.subject]
    held: Mapping[str, Value] = getattr(knowledge, name)
    rest = {key: one for key, one in held.items() if key != place.key}
    return knowledge.model_copy(update={name: rest if value is None else {**rest, place.key: value}})


FACETS: Final = frozenset(facet.value for facet in Facet)
"""The fields that are facets."""
