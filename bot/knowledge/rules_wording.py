"""Rules about what is never said, and how nothing is said."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bot.knowledge.prose import sentences
from bot.knowledge.scope import CLAIMS, Finding, Part, Scope
from bot.knowledge.wording import DIRECTIVE, DOSE, LABELS, SUICIDE

EVERYWHERE = frozenset(Part)


def dose(scope: Scope) -> Iterator[Finding]:
    """An amount of a medicine is named; not even a study's dose belongs here."""
    return _search(
        scope, DOSE, EVERYWHERE, "names an amount (“{}”); leave it out, doses belong to prescriber and leaflet"
    )


def directive(scope: Scope) -> Iterator[Finding]:
    """The reader is told what to do; entries describe, then name who decides."""
    return _search(scope, DIRECTIVE, CLAIMS, "is directive (“{}”); describe what is known and name who decides")


def suicide_wording(scope: Scope) -> Iterator[Finding]:
    """Words about suicide that blame, praise or point to a method; say “died by suicide”, “suicide attempt”."""
    return _search(
        scope, SUICIDE, EVERYWHERE, "has unsafe wording (“{}”); say “died by suicide” or “suicide attempt”, no method"
    )


def people_first(scope: Scope) -> Iterator[Finding]:
    """Words that make a person an illness or a failure; say “people with depression”, “a treatment that failed”."""
    return _search(scope, LABELS, EVERYWHERE, "has a label (“{}”); put people first: “people with …”, “did not help”")


def exclamation(scope: Scope) -> Iterator[Finding]:
    """An exclamation mark: the tone is calm throughout."""
    return _search(scope, re.compile("!"), EVERYWHERE, "has an exclamation mark (“{}”); a full stop is calmer")


def _search(scope: Scope, pattern: re.Pattern[str], parts: Collection[Part], message: str) -> Iterator[Finding]:
    for passage in scope.passages:
        if passage.part in parts:
            for sentence in sentences(passage.text):
                if hit := pattern.search(sentence.plain):
                    yield passage.finding(message.format(hit.group().strip(" .:;")))
