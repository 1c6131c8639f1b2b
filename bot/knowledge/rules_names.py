"""Rules about names and asks: what leads to an entry must lead to that entry alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import ceil
from typing import Final

from bot.knowledge.model import Entry
from bot.knowledge.prose import fold
from bot.knowledge.scope import Ask, Finding, Scope, file_of, placed_names

LONGEST_TITLE: Final = 60
LONGEST_ALIAS: Final = 45
FEWEST_ASKS: Final = 12
NEAR: Final = 0.8
"""Shared words over all words of two asks, from which they are one question in two dresses."""


def long_title(scope: Scope) -> Iterator[Finding]:
    """A title has more than 60 characters and does not fit on buttons and headings."""
    for entry in scope.entries:
        if len(entry.title) > LONGEST_TITLE:
            yield Finding(file_of(entry), ("title",), f"'title' has {len(entry.title)} characters; at most 60")


def long_alias(scope: Scope) -> Iterator[Finding]:
    """An alias has more than 45 characters; a name is short, a question belongs in asks."""
    for entry in scope.entries:
        for number, alias in enumerate(entry.aliases):
            if len(alias) > LONGEST_ALIAS:
                message = f"alias “{alias[:30]}…” has {len(alias)} characters; at most 45, a question belongs in asks"
                yield Finding(file_of(entry), ("aliases", number), message)


def contested_name(scope: Scope) -> Iterator[Finding]:
    """A name is claimed by two entries, and vocabulary.yaml does not list it as ambiguous."""
    declared = {fold(name): set(owners) for name, owners in scope.knowledge.vocabulary.ambiguous.items()}
    for name, owners in scope.claims.items():
        if len(owners) < 2 or set(owners) <= declared.get(name, set()):
            continue
        for owner, place in owners.items():
            others = ", ".join(sorted(set(owners) - {owner}))
            listed = "a maintainer may list it as ambiguous in vocabulary.yaml"
            message = f"“{name}” is also a name of {others}; keep it on one of them, or {listed}"
            yield Finding(file_of(scope.knowledge.entries[owner]), place, message)


def foreign_name(scope: Scope) -> Iterator[Finding]:
    """An alias is a name that look-alikes.yaml lists as not covered: the entry has no page on it."""
    foreign = {
        fold(name): one for one in scope.knowledge.look_alikes.known_not_covered for name in (one.name, *one.aka)
    }
    for entry in scope.entries:
        for place, name in placed_names(entry):
            if one := foreign.get(fold(name)):
                message = f"“{name}” stands in look-alikes.yaml as not covered ({one.what}); drop it here or there"
                yield Finding(file_of(entry), place, message)


def repeated_name(scope: Scope) -> Iterator[Finding]:
    """An alias stands twice; case, accents and punctuation make no difference."""
    for entry in scope.entries:
        seen: dict[str, str] = {}
        for place, name in placed_names(entry):
            if place == ("title",):
                continue
            if (folded := fold(name)) in seen:
                yield Finding(file_of(entry), place, f"“{name}” repeats “{seen[folded]}”; delete it")
            seen.setdefault(folded, name)


def few_asks(scope: Scope) -> Iterator[Finding]:
    """An entry has fewer than 12 asks; varied asks are what questions are found by."""
    for entry in scope.entries:
        if len(entry.asks) < FEWEST_ASKS:
            message = f"'asks' has {len(entry.asks)}; at least 12, in different voices"
            yield Finding(file_of(entry), ("asks",), message)


def same_ask(scope: Scope) -> Iterator[Finding]:
    """The same ask stands twice; it can lead to one place only."""
    first: dict[str, Ask] = {}
    for ask in scope.asks:
        known = first.setdefault(ask.folded, ask)
        if known is not ask:
            where = "above" if known.owner == ask.owner else f"in {known.file}"
            yield Finding(ask.file, ask.place, f"ask “{_short(ask.text)}” stands {where} already; keep it in one place")


def near_ask(scope: Scope) -> Iterator[Finding]:
    """Asks of two entries differ by a word or two at most; one of them should say more."""
    asks = scope.asks
    checked = {entry.id for entry in scope.entries}
    first = next((index for index, ask in enumerate(asks) if ask.owner in checked), len(asks))
    for left, right in _near_pairs([ask.folded for ask in asks], first):
        a, b = asks[left], asks[right]
        if a.owner != b.owner and a.folded != b.folded:
            message = f"ask “{_short(b.text)}” is nearly “{_short(a.text)}” in {a.file}; make one of them more its own"
            yield Finding(b.file, b.place, message)


def ask_is_a_name(scope: Scope) -> Iterator[Finding]:
    """An ask is nothing but another entry's name, which would win the name's question."""
    for ask in scope.asks:
        owners = scope.claims.get(ask.folded, {})
        if owners and ask.owner not in owners:
            message = f"ask “{_short(ask.text)}” is a name of {', '.join(owners)}; delete or reword it"
            yield Finding(ask.file, ask.place, message)


def _near_pairs(texts: Sequence[str], first: int) -> Iterator[tuple[int, int]]:
    """Pairs (earlier, later) of texts whose words have a Jaccard similarity of at least ``NEAR``, later ones from
    ``first`` on.

    Prefix filtering (Chaudhuri et al. 2006): of two such texts each has one of the other's rarest words, so a later one
    is compared with those alone that stand on the shelf of one of its own.
    """
    sets = {at: frozenset(texts[at].split()) for at in range(first, len(texts))}
    frequency = Counter(chain.from_iterable(sets.values()))
    shelves: dict[str, list[int]] = {word: [] for word in frequency}
    known = frozenset(frequency)
    for at in range(first):
        words = set(texts[at].split())
        shared = words & known
        for word in shared if words and len(shared) / len(words) >= NEAR else ():
            shelves[word].append(at)
            frequency[word] += 1
    for at in range(first, len(texts)):
        rarest = _rarest(sets[at], frequency)
        for other in sorted({other for word in rarest for other in shelves[word]}):
            if _jaccard(sets[at], sets.get(other) or frozenset(texts[other].split())) >= NEAR:
                yield other, at
        for word in rarest:
            shelves[word].append(at)


def _rarest(one: frozenset[str], frequency: Mapping[str, int]) -> list[str]:
    """So many of a set's rarest words that any set like it has one of them."""
    words = sorted(one, key=lambda word: (frequency[word], word))
    return words[: len(one) - ceil(NEAR * len(one)) + 1]


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a or b else 0.0


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def one_sided(links: Mapping[str, Entry]) -> tuple[tuple[str, str], ...]:
    """Pairs (from, to) of related entries where ``to`` does not lead back."""
    return tuple(
        (entry.id, other)
        for entry in links.values()
        for other in entry.related
        if other in links and entry.id not in links[other].related
    )
