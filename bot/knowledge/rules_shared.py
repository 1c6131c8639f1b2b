"""Rules about the files that entries share: families, combinations, vocabulary, look-alikes, notices."""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.model import Facet, Kind
from bot.knowledge.prose import fold
from bot.knowledge.scope import Finding, Scope, own_names
from bot.knowledge.strict_yaml import Place


def family_members(scope: Scope) -> Iterator[Finding]:
    """A family names an entry that does not exist, the same one twice, or fewer than two."""
    for number, members in enumerate(scope.knowledge.families):
        for position, member in enumerate(members):
            if member not in scope.knowledge.entries:
                yield Finding("families.yaml", (number, position), f"'{member}' is no entry")
            elif member in members[:position]:
                yield Finding("families.yaml", (number, position), f"'{member}' stands twice in one family")
        if len(members) < 2:
            yield Finding("families.yaml", (number,), "a family has at least two members")


def combination_sides(scope: Scope) -> Iterator[Finding]:
    """A combination names something that is no entry, class or substance of names."""
    combinations = scope.knowledge.combinations
    known = {*scope.knowledge.entries, *combinations.names, *combinations.members}
    for number, pair in enumerate(combinations.pairs):
        for position, side in enumerate(pair.between):
            if side not in known:
                message = f"'between' names '{side}', which is no entry, class or substance; add it under names"
                yield Finding("combinations.yaml", ("pairs", number, "between", position), message)


def combination_twice(scope: Scope) -> Iterator[Finding]:
    """A combination stands twice, or combines a thing with itself where it is no class."""
    seen: set[frozenset[str]] = set()
    for number, pair in enumerate(scope.knowledge.combinations.pairs):
        a, b = pair.between
        place = ("pairs", number, "between")
        if a == b and a not in scope.knowledge.combinations.members:
            yield Finding("combinations.yaml", place, f"combines '{a}' with itself")
        if frozenset(pair.between) in seen:
            yield Finding("combinations.yaml", place, f"'{a}' with '{b}' stands above already; keep one")
        seen.add(frozenset(pair.between))


def class_members(scope: Scope) -> Iterator[Finding]:
    """A class of combinations.yaml has a member, or a substance a name, that leads nowhere or elsewhere."""
    combinations = scope.knowledge.combinations
    known = {*scope.knowledge.entries, *combinations.names, *combinations.members}
    for name, members in combinations.members.items():
        for number, member in enumerate(members):
            if member not in known or member == name:
                message = f"'{name}' has the member '{member}', which is no entry, class or substance"
                yield Finding("combinations.yaml", ("members", name, number), message)
    for substance, names in combinations.names.items():
        for number, word in enumerate(names):
            owners = {
                owner
                for owner in scope.claims.get(fold(word), {})
                if owner != substance and _is_substance(scope, owner)
            }
            if owners:
                message = f"“{word}” is a name of the entry {', '.join(sorted(owners))}; use the entry's id in between"
                yield Finding("combinations.yaml", ("names", substance, number), message)


def ambiguous_names(scope: Scope) -> Iterator[Finding]:
    """An ambiguous name of vocabulary.yaml leads to fewer than two entries, or to one that does not exist."""
    for name, owners in scope.knowledge.vocabulary.ambiguous.items():
        place: Place = ("ambiguous", name)
        for owner in owners:
            if owner not in scope.knowledge.entries:
                yield Finding("vocabulary.yaml", place, f"“{name}” leads to '{owner}', which is no entry")
        if len(set(owners)) < 2:
            yield Finding("vocabulary.yaml", place, f"“{name}” leads to one entry; make it an alias there")


def nicknames(scope: Scope) -> Iterator[Finding]:
    """A nickname of vocabulary.yaml is for an entry that does not exist, or for two."""
    seen: dict[str, str] = {}
    for entry, names in scope.knowledge.vocabulary.nicknames.items():
        if entry not in scope.knowledge.entries:
            yield Finding("vocabulary.yaml", ("nicknames", entry), f"'{entry}' has nicknames, and is no entry")
        for number, name in enumerate(names):
            other = seen.setdefault(fold(name), entry)
            if other != entry:
                message = f"“{name}” is a nickname of {other} already; keep it for one of them"
                yield Finding("vocabulary.yaml", ("nicknames", entry, number), message)


def facet_words(scope: Scope) -> Iterator[Finding]:
    """A facet has no words or no label in vocabulary.yaml, so that it can be neither asked for nor named."""
    vocabulary = scope.knowledge.vocabulary
    for facet in Facet:
        if facet is not Facet.OVERVIEW and not vocabulary.facets.get(facet):
            yield Finding("vocabulary.yaml", ("facets",), f"'facets' has no words for {facet.value}")
        if facet not in vocabulary.labels:
            yield Finding("vocabulary.yaml", ("labels",), f"'labels' has no name for {facet.value}")


def look_alike_pairs(scope: Scope) -> Iterator[Finding]:
    """A pair of look-alikes names one thing twice, or stands twice."""
    seen: set[frozenset[str]] = set()
    for number, pair in enumerate(scope.knowledge.look_alikes.pairs):
        names = frozenset((fold(pair.a), fold(pair.b)))
        if len(names) < 2 or names in seen:
            yield Finding(
                "look-alikes.yaml", ("pairs", number), f"the pair {pair.a}, {pair.b} is empty or stands twice"
            )
        seen.add(names)


def look_alike_names(scope: Scope) -> Iterator[Finding]:
    """A look-alike's name leads elsewhere than its pair's kind says: to an entry, to a name not covered, or nowhere."""
    covered, foreign = _covered(scope), _foreign(scope)
    for number, pair in enumerate(scope.knowledge.look_alikes.pairs):
        if pair.kind == "one-unclaimed":
            if sum(fold(name) in covered | foreign for name in (pair.a, pair.b)) != 1:
                message = f"of “{pair.a}” and “{pair.b}” one is to lead somewhere and one nowhere; mend the pair's kind"
                yield Finding("look-alikes.yaml", ("pairs", number, "kind"), message)
            continue
        for key, name in (("a", pair.a), ("b", pair.b)):
            expected = covered if key == "a" or pair.kind == "both-covered" else foreign
            if fold(name) not in expected:
                what = "an alias of an entry" if expected is covered else "under known_not_covered"
                yield Finding(
                    "look-alikes.yaml", ("pairs", number, key), f"“{name}” is not {what}; add it there or mend the pair"
                )


def nearest_entry(scope: Scope) -> Iterator[Finding]:
    """A name that is not covered offers an entry that does not exist."""
    for number, one in enumerate(scope.knowledge.look_alikes.known_not_covered):
        if one.nearest is not None and one.nearest not in scope.knowledge.entries:
            place = ("known_not_covered", number, "nearest")
            yield Finding("look-alikes.yaml", place, f"“{one.name}” offers '{one.nearest}', which is no entry")


def _covered(scope: Scope) -> frozenset[str]:
    names = {fold(name) for entry in scope.knowledge.entries.values() for name in (entry.id, *own_names(entry))}
    names |= {fold(word) for words in scope.knowledge.combinations.names.values() for word in words}
    return frozenset(names | {fold(name) for name in scope.knowledge.vocabulary.ambiguous})


def _foreign(scope: Scope) -> frozenset[str]:
    rows = scope.knowledge.look_alikes.known_not_covered
    return frozenset(fold(name) for one in rows for name in (one.name, *one.aka))


def _is_substance(scope: Scope, identity: str) -> bool:
    """Whether an entry can stand in a pair by itself: a page about over-the-counter medicines as such cannot."""
    return scope.knowledge.entries[identity].kind is Kind.DEFINITION
