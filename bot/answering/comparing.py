"""Comparing: what a message may put side by side, and how likely it is that it does.

A message proposes pairs in three ways: names that stand around a word that compares, what stands left and right of
such a word, and names that stand anywhere in it. How likely a proposal is meant is judged by a logistic regression
over :data:`~bot.answering.matching.COMPARING`, learned from comparisons and from messages that only look like one
(``nextstep tune``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import log
from operator import itemgetter
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering import intent
from bot.answering.matching import COMPARING, likelihoods
from bot.answering.model import AskBack, CompareThese, Decision
from bot.answering.text import words_of
from bot.answering.thinking import Case, Mind
from bot.knowledge.model import Kind

Floats = npt.NDArray[np.float32]

_MOST_BESIDE: Final = 3
_MOST_NAMED: Final = 4
_NOT_LONG: Final = 40
_PLAINLY: Final = 0.8
_SURELY: Final = 0.9
_MENTIONED: Final = 0.03
"""What is less likely meant by the whole message is only mentioned, such as what was tried before."""
_UNHEARD: Final = 0.02
_SIDE_WORDS: Final = 40
"""So many words at most make one side."""
_NEAR_WORDS: Final = 6
"""So many words next to what compares may hold a nickname."""
_LONGEST_NICKNAME: Final = 5
_CALLED: Final = 0.6
_MOSTLY: Final = 0.9
_MIXED: Final = 0.7
"""What two sides of different folders count for beside two of one: nine comparisons in ten are of one folder."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two or three entries that may be meant to stand side by side; one of ``figures`` for each name in COMPARING."""

    sides: tuple[str, ...]
    figures: Floats


def side_by_side(case: Case) -> Decision | None:
    """Things put side by side, when it is likely enough; what surely compares unclear things is asked back.

    A page that the message is plainly about stands first, even where it is none of the two sides.
    """
    bars, best = case.mind.bars, case.thought.best
    judged = [(case.mind.weights.compares(one.figures), one.sides) for one in proposals(case)]
    likely, sides = max(judged, key=lambda one: one[0], default=(0.0, ()))
    also = (best.entry,) if best is not None and best.entry in case.mind.knowledge.entries else ()
    if likely >= bars.aside:
        plainly = best is not None and best.entry not in sides and best.confidence >= _PLAINLY
        beside = _first(case, (*(also if plainly else ()), *sides), likely)
        return CompareThese(beside[:_MOST_BESIDE], case.facet(None), likely)
    if likely >= bars.either and _surely_compares(case):
        return AskBack(tuple(dict.fromkeys((*sides, *also))), case.facet(None), likely)
    return None


def _surely_compares(case: Case) -> bool:
    sentences = intent.comparing_sentences(case.question.text, case.mended)
    return any(intent.surely_compares(case.mended(one)) for one in sentences)


def _first(case: Case, sides: tuple[str, ...], likely: float) -> tuple[str, ...]:
    """``sides`` as they were said; with the likeliest page first where it is not sure that anything is compared."""
    if likely >= _SURELY:
        return sides
    chance = _chances(case)
    return tuple(sorted(sides, key=lambda entry: -chance.get(entry, 0.0)))


def proposals(case: Case) -> Iterator[Proposal]:
    """Everything that a message may put side by side, the surest readings first."""
    for sentence in intent.comparing_sentences(case.question.text, case.mended):
        named = case.entries_of(intent.linked_names(case.read(sentence)))[:_MOST_BESIDE]
        if len(named) >= 2:
            yield _proposal(case, named, sentence, linked=True)
        yield from _split(case, sentence)
    if _names_alone(case):
        chance = _chances(case)
        named = case.entries_of(case.thought.reading.covered)
        if not _next_to_each_other(case):
            named = tuple(entry for entry in named if chance.get(entry, 0.0) >= _MENTIONED)
        likeliest = sorted(named, key=lambda entry: -chance.get(entry, 0.0))[:_MOST_BESIDE]
        if len(likeliest) >= 2:
            yield _proposal(case, tuple(entry for entry in named if entry in likeliest), case.question.text)


def _names_alone(case: Case) -> bool:
    """Whether the names in a message may be meant beside each other: a few, in one question about one of them, or
    where somebody has to choose."""
    best, named = case.thought.best, case.entries_of(case.thought.reading.covered)
    if not 2 <= len(named) <= _MOST_NAMED:
        return False
    if intent.chooses(case.mended(case.question.text)):
        return True
    about_one = best is not None and best.entry in named
    short = len(case.thought.reading.words) <= _NOT_LONG
    return short and about_one and len(intent.parts_of(case.question.text).questions) < 2


def _next_to_each_other(case: Case) -> bool:
    """Whether two names follow each other, no word between them (``buspirone / bupropion``)."""
    hits = sorted(case.thought.reading.covered, key=lambda hit: hit.start)
    return any(one.end == other.start for one, other in pairwise(hits))


def _chances(case: Case) -> dict[str, float]:
    return {one.entry: one.confidence for one in case.thought.ranking.candidates}


def _split(case: Case, sentence: str) -> Iterator[Proposal]:
    """The likeliest two different entries left and right of the word that compares.

    Each side is read by itself, and its candidates count more when the whole message speaks of them too.
    """
    parts = intent.sides_of(case.mended(sentence))
    if len(parts) != 2:
        return
    before, behind = parts[0].split()[-_SIDE_WORDS:], parts[1].split()[:_SIDE_WORDS]
    called = (
        _called(case.mind, words_of(" ".join(before)).words[-_NEAR_WORDS:]),
        _called(case.mind, words_of(" ".join(behind)).words[:_NEAR_WORDS]),
    )
    left, right = (
        _alone(case.mind, " ".join(part), names) for part, names in zip((before, behind), called, strict=True)
    )
    ones, others = _weighed(case, left), _weighed(case, right)
    pairs = (
        (worth * as_much * (1.0 if folder == other_folder else _MIXED), one, other)
        for worth, one, folder in ones
        for as_much, other, other_folder in others
        if one != other
    )
    best, *sides = max(pairs, key=itemgetter(0), default=(0.0, "", ""))
    if best:
        alone = (left[sides[0]], right[sides[1]])
        nicknamed = (sides[0] in called[0]) + (sides[1] in called[1])
        yield _proposal(case, tuple(sides), sentence, alone=alone, nicknamed=nicknamed)


def _weighed(case: Case, side: Mapping[str, float]) -> list[tuple[float, str, str]]:
    """What each entry that one side may mean is worth, with its folder."""
    chance, entries = _chances(case), case.mind.knowledge.entries
    return [
        (sure**0.5 * (chance.get(entry, 0.0) + _UNHEARD) ** 0.25, entry, entries[entry].kind.folder)
        for entry, sure in side.items()
    ]


def _alone(mind: Mind, side: str, called: Mapping[str, float]) -> dict[str, float]:
    """How likely each entry is meant by one side of a comparison, read by itself, or ``called`` there by a nickname."""
    likely = likelihoods(mind.index, mind.index.reader.read(side), mind.weights)
    found = {entry: max(likely.get(entry, 0.0), called.get(entry, 0.0)) for entry in (*likely, *called)}
    return {entry: chance for entry, chance in found.items() if entry in mind.knowledge.entries}


def _called(mind: Mind, words: Sequence[str]) -> dict[str, float]:
    """The entries whose nicknames stand in ``words``, the longest names first; surer the more of them they are."""
    found: dict[str, float] = {}
    free = [True] * len(words)
    for size in range(min(_LONGEST_NICKNAME, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            place = slice(start, start + size)
            entry = mind.nicknames.get(" ".join(words[place]))
            if entry is not None and all(free[place]):
                free[place] = [False] * size
                found.setdefault(entry, _CALLED + (1 - _CALLED) * _MOSTLY * size / len(words))
    return found


def _proposal(
    case: Case,
    sides: tuple[str, ...],
    sentence: str,
    *,
    alone: tuple[float, ...] = (),
    nicknamed: int = 0,
    linked: bool = False,
) -> Proposal:
    """A proposal with its figures. ``alone`` says how likely each side is by itself, where the sentence was split, and
    ``nicknamed`` how many of them go by a nickname."""
    mended, split = case.mended(sentence), bool(alone)
    outright = intent.surely_compares(mended)
    dimmer = _heard(min(alone)) if split else 0.0
    figures = {
        "always": 1.0,
        "clearer-side": _heard(max(alone)) if split else 0.0,
        "dimmer-side": dimmer,
        "outright": outright,
        "outright-split": outright and split,
        "outright-dimmer-side": dimmer if outright else 0.0,
        "linked": linked,
        "split": split,
        "or-not": intent.or_not(mended),
        "study": _is_of_a_study(case),
        "taking": intent.tells_of_taking(mended),
        "chooses": intent.chooses(mended),
        "nicknamed": nicknamed,
        **_of_pages(case, sides),
        **_of_names(case, sides, may_compare=intent.may_compare(mended)),
    }
    return Proposal(sides, np.asarray([figures[name] for name in COMPARING], dtype=np.float32))


def _of_pages(case: Case, sides: tuple[str, ...]) -> dict[str, float]:
    """How likely the sides are meant by the whole message, and whether they are things of one sort."""
    pages, best = [case.mind.knowledge.entries[entry] for entry in sides], case.thought.best
    chances = _chances(case)
    chance = [chances.get(entry, 0.0) for entry in sides]
    return {
        "likelier": _heard(max(chance)),
        "less-likely": _heard(min(chance)),
        "another-page": best.confidence if best is not None and best.entry not in sides else 0.0,
        "medicines": all(case.is_one_medicine(entry) for entry in sides),
        "related": all(two.id in one.related or one.id in two.related for one, two in combinations(pages, 2)),
        "one-folder": len({page.kind.folder for page in pages}) == 1,
    }


def _of_names(case: Case, sides: tuple[str, ...], *, may_compare: bool) -> dict[str, float]:
    """What the message names, and how long it is."""
    reading = case.thought.reading
    named = case.entries_of(reading.covered)
    both = all(entry in named for entry in sides)
    return {
        "named": both,
        "named-and-compared": both and may_compare,
        "names": min(len(named), _MOST_NAMED),
        "words": min(len(reading.words), _NOT_LONG) / 10,
    }


def _is_of_a_study(case: Case) -> bool:
    """Whether the message speaks of a study and is likeliest about an article: what a study compared is its result."""
    best, index = case.thought.best, case.mind.index
    article = best is not None and index.kinds[index.numbers[best.entry]] is Kind.ARTICLE
    return article and intent.speaks_of_a_study(case.mended(case.question.text))


def _heard(chance: float) -> float:
    """How likely something is, as a logarithm that tells hardly from not at all no more than it has to."""
    return log(chance + _UNHEARD)
