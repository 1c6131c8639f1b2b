"""Rules about how easily a text is read: lengths, first sentences, reading grade, spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.knowledge.grading import grade
from bot.knowledge.model import MARK
from bot.knowledge.prose import length, opening, sentences
from bot.knowledge.scope import CLAIMS, Finding, Part, Passage, Scope, file_of
from bot.knowledge.wording import british_or_american

LONGEST_SENTENCE: Final = 25
LONGEST_FIRST: Final = 20
LONGEST_OVERVIEW: Final = 60
LONGEST_FACET: Final = 120
HIGHEST_OVERVIEW: Final = 9.0
HIGHEST_FACET: Final = 11.0
FEWEST_GRADED: Final = 20
"""Words from which a facet is graded: of a single short sentence the formula says little."""

_PRONOUN: Final = re.compile(
    r"(?:It|Its|They|Their|Them|He|She|Here)\b"
    r"|(?:This|These|That|Those|Both|Such) (?:is|are|was|were|can|may|will|means?|has|have|does|do|works?|helps?)\b"
)


def long_sentence(scope: Scope) -> Iterator[Finding]:
    """A sentence has more than 25 words."""
    for passage in scope.passages:
        if passage.part in CLAIMS:
            for sentence in sentences(passage.text):
                if (count := length(sentence.text)) > LONGEST_SENTENCE:
                    yield passage.finding(
                        f"has a sentence of {count} words (“{opening(sentence.text)}”); split it, at most 25"
                    )


def long_first_sentence(scope: Scope) -> Iterator[Finding]:
    """A facet's first sentence, which stands alone in short answers, has more than 20 words."""
    for passage in _facets(scope):
        if (count := length(sentences(passage.text)[0].text)) > LONGEST_FIRST:
            yield passage.finding(
                f"opens with a sentence of {count} words; shorten it to 20, it stands alone in short answers"
            )


def dangling_first_sentence(scope: Scope) -> Iterator[Finding]:
    """A facet's first sentence begins with a word such as It or This, so that it does not stand alone."""
    for passage in _facets(scope):
        if pronoun := _PRONOUN.match(passage.text):
            yield passage.finding(
                f"opens with “{pronoun.group()}”; name the subject, the sentence stands alone in short answers"
            )


def long_overview(scope: Scope) -> Iterator[Finding]:
    """An overview has more than 60 words."""
    for passage in _facets(scope):
        if passage.is_overview and (count := length(passage.text)) > LONGEST_OVERVIEW:
            yield passage.finding(f"has {count} words; at most 60, move details to another facet")


def long_facet(scope: Scope) -> Iterator[Finding]:
    """A facet, region note or combination has more than 120 words."""
    for passage in scope.passages:
        if passage.part in CLAIMS and not passage.is_overview and (count := length(passage.text)) > LONGEST_FACET:
            yield passage.finding(f"has {count} words; at most 120")


def hard_to_read(scope: Scope) -> Iterator[Finding]:
    """A text reads above US school grade 9 (overview) or 11 (other facets); names of medicines count as easy."""
    for passage in scope.passages:
        if passage.part in CLAIMS and (passage.is_overview or length(passage.text) >= FEWEST_GRADED):
            highest = HIGHEST_OVERVIEW if passage.is_overview else HIGHEST_FACET
            if (found := round(grade(passage.text, scope.exempt), 1)) > highest:
                yield passage.finding(
                    f"reads at grade {found}; at most {highest:.0f}: shorter sentences, shorter words"
                )


def mixed_spelling(scope: Scope) -> Iterator[Finding]:
    """One entry mixes British and American spelling."""
    for entry in scope.entries:
        british, american = british_or_american(MARK.sub("", " ".join(entry.facets.values())))
        if british and american:
            message = f"mixes British “{british}” with American “{american}”; entries are spelt the American way"
            yield Finding(file_of(entry), ("facets",), message)


def _facets(scope: Scope) -> Iterator[Passage]:
    return (passage for passage in scope.passages if passage.part is Part.FACET)
