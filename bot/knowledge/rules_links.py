"""Rules about what an entry points to and promises: related entries, notices, facets, certainty, review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.knowledge.model import Entry, Facet, Kind, Reviewer
from bot.knowledge.rules_names import one_sided
from bot.knowledge.scope import Finding, Scope, file_of
from bot.knowledge.strict_yaml import Place

EXPECTED: Final[Mapping[Kind, tuple[Facet, ...]]] = MappingProxyType(
    {
        Kind.DEFINITION: (),
        Kind.STRATEGY: (Facet.EVIDENCE, Facet.PROCESS),
        Kind.ARTICLE: (Facet.EVIDENCE, Facet.PROCESS, Facet.CAUTIONS),
        Kind.FAQ: (),
    }
)
FEWEST_FACETS: Final = 3


def unknown_related(scope: Scope) -> Iterator[Finding]:
    """A related entry does not exist."""
    known = scope.knowledge.entries
    for entry in scope.entries:
        for number, other in enumerate(entry.related):
            if other not in known:
                yield Finding(file_of(entry), ("related", number), f"'related' names '{other}', which is no entry")
    for redirect in scope.knowledge.redirects.values():
        for number, other in enumerate(redirect.related):
            if other not in known:
                file = f"redirects/{redirect.id}.yaml"
                yield Finding(file, ("related", number), f"'related' names '{other}', which is no entry")


def related_to_itself(scope: Scope) -> Iterator[Finding]:
    """An entry is related to itself, or names the same related entry twice."""
    for entry in scope.entries:
        for number, other in enumerate(entry.related):
            if other == entry.id or other in entry.related[:number]:
                why = "the entry itself" if other == entry.id else f"'{other}' twice"
                yield Finding(file_of(entry), ("related", number), f"'related' names {why}; delete it")


def one_sided_in_family(scope: Scope) -> Iterator[Finding]:
    """An entry leads to a member of its family, which does not lead back."""
    family = {frozenset((a, b)) for members in scope.knowledge.families for a in members for b in members if a != b}
    for origin, target in one_sided(scope.knowledge.entries):
        if frozenset((origin, target)) in family:
            message = f"'related' lacks '{origin}', a member of the same family that leads here"
            yield Finding(file_of(scope.knowledge.entries[target]), ("related",), message)


def unknown_notice(scope: Scope) -> Iterator[Finding]:
    """A notice is not in notices.yaml."""
    for entry in scope.entries:
        for number, notice in enumerate(entry.notices):
            if notice not in scope.knowledge.notices:
                message = f"'notices' names '{notice}', which notices.yaml does not have"
                yield Finding(file_of(entry), ("notices", number), message)


def no_overview(scope: Scope) -> Iterator[Finding]:
    """An entry has no overview."""
    for entry in scope.entries:
        if Facet.OVERVIEW not in entry.facets:
            yield _of(entry, "facets", "'facets' has no overview; every entry begins with one")


def missing_facets(scope: Scope) -> Iterator[Finding]:
    """A facet that readers of this kind expect is missing, or a definition has fewer than three facets."""
    for entry in scope.entries:
        missing = [facet.value for facet in EXPECTED[entry.kind] if facet not in entry.facets]
        if missing:
            yield _of(
                entry,
                "facets",
                f"'facets' lacks {', '.join(missing)}, which readers of this kind expect; add it where known",
            )
        elif entry.kind is Kind.DEFINITION and len(entry.facets) < FEWEST_FACETS:
            yield _of(
                entry, "facets", f"'facets' has {len(entry.facets)}; readers of a definition expect more where known"
            )


def certainty_without_evidence(scope: Scope) -> Iterator[Finding]:
    """A certainty is stated without an evidence facet that it could speak of."""
    for entry in scope.entries:
        if entry.certainty and Facet.EVIDENCE not in entry.facets:
            yield _of(entry, "certainty", "'certainty' goes with an evidence facet; add the facet or drop it")


def evidence_without_certainty(scope: Scope) -> Iterator[Finding]:
    """An evidence facet does not say how certain it is."""
    for entry in scope.entries:
        if not entry.certainty and Facet.EVIDENCE in entry.facets:
            yield _of(entry, "facets", "'evidence' has no certainty; say high, moderate, low or very-low", "evidence")


def review_overdue(scope: Scope) -> Iterator[Finding]:
    """An entry's review is overdue."""
    for entry in scope.entries:
        if entry.review.due < scope.today:
            yield _of(entry, "review", f"'due' was {entry.review.due.isoformat()}; read the entry again", "due")


def inconsistent_review(scope: Scope) -> Iterator[Finding]:
    """A review claims what cannot be: a day without a reviewer, a reviewer without a day, a day before the writing."""
    for entry in scope.entries:
        review = entry.review
        if (review.by is Reviewer.NONE) != (review.on is None):
            yield _of(entry, "review", "'by' and 'on' go together: nobody and null, or a reviewer and the day", "on")
        elif review.on and review.on < entry.written:
            yield _of(entry, "review", "'on' is before 'written'; a changed text has not been reviewed", "on")
        elif review.on and review.on > scope.today:
            yield _of(entry, "review", "'on' lies in the future; name the day of a review that happened", "on")


def _of(entry: Entry, key: str, message: str, *deeper: str) -> Finding:
    place: Place = (key, *deeper)
    return Finding(file_of(entry), place, message)
