"""What a draft would change: which trials and recent unanswered questions would be answered differently.

The draft's index is derived from the served one where that is possible (:mod:`bot.answering.previewing`): a preview,
in about a second; otherwise it is built in full. Only those questions are asked that the change can reach
(:mod:`bot.evaluation.baselines`). Everything runs where the caller puts it (a worker thread), in short pieces if it
likes, so that something more urgent can go between; nothing that is served is touched.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Final, TypeVar

from bot.answering.model import NEW, AnswerWith, Reply, Target
from bot.answering.pipeline import Answerer
from bot.answering.replies import Setting
from bot.evaluation.baselines import Asked, Baseline, Landing, Told, baseline, landing_of, moved_by, replies_to, told_by
from bot.evaluation.rows import QuestionRow, Turn
from bot.knowledge.model import Facet, Knowledge

T = TypeVar("T")
Build = Callable[[Knowledge], Answerer]
Steps = Generator[None, None, T]
"""Work in short pieces: between them something else can be done, or no more of it."""
_MOST_TOLD: Final = 7
_MOST_STIRRED: Final = 400
"""What goes with a page that is named everywhere stirs many questions a little; few of those are answered otherwise.
So many are asked, the most stirred first."""
_PIECE: Final = 8
"""So many test questions are asked in one piece: some hundredths of a second."""
_PREVIEW: Final = "This is a quick preview: published, a few answers may turn out otherwise."


class Turnout(StrEnum):
    """Whether a changed answer is better, worse, or neither by its label."""

    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Changed:
    """One question that would be answered differently."""

    text: str
    sent: bool
    before: Landing
    after: Landing
    turnout: Turnout


@dataclass(frozen=True, slots=True)
class Impact:
    """What a draft changes."""

    changed: tuple[Changed, ...]
    is_preview: bool
    """Whether the draft was measured on an index derived from the served one: nearly what a full build gives."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """For the review card, the gravest first."""
        found = tuple(_sentences(self)) or ("Changes no answer to a test question or to a recent unanswered one.",)
        return (*found[:_MOST_TOLD], _PREVIEW) if self.is_preview else found


def impact(before: Baseline, draft: Answerer, is_preview: bool = False) -> Impact:
    """Compare ``draft`` with the baseline, over the questions that its changes can reach."""
    return at_once(comparing(before, draft, is_preview))


def comparing(before: Baseline, draft: Answerer, is_preview: bool = False) -> Steps[Impact]:
    """The same in pieces."""
    changed: list[Changed] = []
    moved = moved_by(draft, before, before.likeness_in(draft.mind.index), _MOST_STIRRED)
    yield
    pairs = zip(before.asked, moved.tolist(), strict=True)
    rows = [list(turns) for _, turns in groupby(pairs, key=lambda pair: id(pair[0].row))]
    reached = [row for row in rows if any(is_moved for _, is_moved in row)]
    for nth, row in enumerate(reached):
        first = next(place for place, (_, is_moved) in enumerate(row) if is_moved)
        changed += _changed(before, draft, [one for one, _ in row[first:]])
        if nth % _PIECE == _PIECE - 1:
            yield
    return Impact(tuple(changed), is_preview)


def at_once(steps: Steps[T]) -> T:
    """All pieces of some work, one after the other."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


def previewing(before: Baseline, draft: Knowledge) -> Steps[tuple[Impact, Answerer] | None]:
    """Derive the draft's answerer from the served one, and compare, in pieces; ``None`` where it cannot be derived."""
    derived = before.answerer.preview(draft)
    yield
    return None if derived is None else ((yield from comparing(before, derived, is_preview=True)), derived)


def building(before: Baseline, draft: Knowledge, build: Build) -> Steps[tuple[Impact, Answerer]]:
    """Build the draft's answerer, which is one long piece, and compare."""
    built = build(draft)
    yield
    return (yield from comparing(before, built)), built


def assess(before: Baseline, draft: Knowledge, build: Build) -> tuple[Impact, Answerer]:
    """Derive the draft's answerer from the served one, or build it, and compare; for a worker thread."""
    return at_once(previewing(before, draft)) or at_once(building(before, draft, build))


class Assessor:
    """Measures drafts against what is served; keeps the baselines of the last knowledge. Safe to use from threads.

    Of the questions that members sent nothing is kept: they are asked each time.
    """

    def __init__(self, trials: Iterable[QuestionRow], build: Build, before: Assessor | None = None) -> None:
        """``before`` measured on fewer trials, or other ones: what it knows is made use of."""
        self.trials = tuple(trials)
        self._build = build
        self._turn = threading.Lock()
        self._known: tuple[Baseline, ...] = ()
        """Of what is served, and of what is about to be."""
        self._before = before._known[-1] if before is not None and before._known else None

    def warm(self, answerer: Answerer) -> Baseline:
        """The baseline of what is served; worth calling ahead, so that the first editor need not wait."""
        with self._turn:
            known = next((one for one in self._known if one.answerer is answerer), None)
            if known is None:
                before = self._known[-1] if self._known else self._before
                known = baseline(answerer, self.trials)
                known = known.following(before) if before is not None else known
                self._known, self._before = (*self._known[-1:], known), None
            return known

    def assess(self, answerer: Answerer, draft: Knowledge, sent: Sequence[str] = ()) -> tuple[Impact, Answerer]:
        """What ``draft`` would change against what ``answerer`` serves, and the draft's own answerer."""
        return assess(self._with(answerer, sent), draft, self._build)

    def previewing(
        self, answerer: Answerer, draft: Knowledge, sent: Sequence[str] = ()
    ) -> Steps[tuple[Impact, Answerer] | None]:
        """The same in pieces, where the draft's answerer can be derived (``None`` otherwise): nothing is built."""
        before = self._with(answerer, sent)
        yield
        return (yield from previewing(before, draft))

    def building(
        self, answerer: Answerer, draft: Knowledge, sent: Sequence[str] = ()
    ) -> Steps[tuple[Impact, Answerer]]:
        """The same in pieces, of which one is a full build of the draft."""
        before = self._with(answerer, sent)
        yield
        return (yield from building(before, draft, self._build))

    def reading(self, answerer: Answerer, *, is_served: bool = True) -> Steps[None]:
        """Make ready for what is served, or is about to be, which is one piece. What was served before is let go of."""
        known = self.warm(answerer)
        if is_served:
            with self._turn:
                self._known = (known,)
        yield

    def asking(self, answerer: Answerer) -> Steps[None]:
        """Look up how all trials are answered by what is served, ahead of need, in pieces."""
        known = self.warm(answerer)
        yield
        while known.ask_more(_PIECE):
            yield

    def _with(self, answerer: Answerer, sent: Sequence[str]) -> Baseline:
        known = self.warm(answerer)
        return known.joined(baseline(known.answerer, (), sent))


def promises(texts: Sequence[str], entry: str | None) -> tuple[QuestionRow, ...]:
    """Questions that an edit took on, as trials; ``None`` for those that are not to be answered."""
    return tuple(QuestionRow((Turn(text, (entry,) if entry else (), None),), "editors") for text in texts)


def promised(answerer: Answerer, texts: Sequence[str], entry: str) -> tuple[str, ...]:
    """Those questions that a draft promises to answer with ``entry`` and does not."""
    rows = promises(texts, entry)
    landings = ((row, landing_of(reply)) for row in rows for reply, _ in replies_to(answerer, row))
    return tuple(row.turns[0].text for row, landing in landings if landing.target != entry)


def rendering(served: Answerer, draft: Knowledge, entry: str, now: datetime) -> tuple[Reply, ...]:
    """The replies that members will get for an entry of ``draft``, one for each facet, exactly as they will be
    composed; ``served`` answers from the knowledge that the draft was made of."""
    composer = served.composer_of(draft)
    setting = Setting(None, now.date(), frozenset())
    facets: tuple[Facet, ...] = tuple(draft.entries[entry].facets) if entry in draft.entries else ()
    return tuple(composer.answer(AnswerWith((Target(entry, facet),), 1.0), setting, ()) for facet in facets)


# --- inside ------------------------------------------------------------------------------------------------------


def _changed(before: Baseline, draft: Answerer, again: Sequence[Asked]) -> Iterator[Changed]:
    """Which of these turns of a row, its last ones, are answered otherwise: what went before them is as it was."""
    row, first = again[0].row, again[0].place
    lead = before.told(replace(again[0], place=first - 1)).after if first else NEW
    for one, new in zip(again, told_by(draft, row, first, lead), strict=True):
        old = before.told(one)
        if old != new:
            yield Changed(one.turn.text, one.sent, old.landing, new.landing, _turnout(one, old, new))


_WORTH: Final[Mapping[str, int]] = {"right": 3, "offered": 2, "declined": 1, "asked": 1, "wrong": 0, "answered": 0}


def _turnout(one: Asked, old: Told, new: Told) -> Turnout:
    if one.sent:
        return Turnout.OTHER
    worth = {**_WORTH, "declined": 3} if not one.turn.expect else _WORTH
    gain = worth[new.outcome] - worth[old.outcome]
    return Turnout.BETTER if gain > 0 else Turnout.WORSE if gain < 0 else Turnout.OTHER


def _sentences(found: Impact) -> Iterator[str]:
    trials = [one for one in found.changed if not one.sent]
    for turnout, verb in ((Turnout.WORSE, "takes"), (Turnout.BETTER, "wins"), (Turnout.OTHER, "moves")):
        moves = Counter((str(one.before), str(one.after)) for one in trials if one.turnout is turnout)
        for (before, after), count in moves.most_common():
            questions = "1 test question" if count == 1 else f"{count} test questions"
            if before == after:
                offers = "no longer offers" if turnout is Turnout.WORSE else "now offers"
                yield f"{offers} the right page for {questions}"
            else:
                yield f"{verb} {questions} from {before} to {after}"
    answered = sum(one.sent and one.after.kind == "answer" for one in found.changed)
    if answered:
        yield f"answers {answered} recent unanswered {'question' if answered == 1 else 'questions'}"
