"""What a draft would change: which trials and recent unanswered questions would be answered differently.

The draft's index is derived from the served one where that is possible (:mod:`bot.answering.previewing`): a preview,
in about a second; otherwise it is built in full. Asking every question again would take longer still, so only those
are asked that the change can reach: questions for which what changes is among the likely targets or is named, that have
a name which comes or goes, or whose likeness to one of their likely targets changes; and what is said after them. How
they are answered now is looked up when it is needed, once, so that nobody waits for all of them. Everything runs where
the caller puts it (a worker thread); nothing that is served is touched.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.index import Index
from bot.answering.model import (
    NEW,
    Answer,
    AnswerWith,
    Comparison,
    Conversation,
    Mode,
    Question,
    RedirectReply,
    Reply,
    Support,
    Target,
)
from bot.answering.phrasings import REDIRECT, names_of
from bot.answering.pipeline import Answerer
from bot.answering.protocol import kind_of, to_row
from bot.answering.reading import Reading
from bot.answering.replies import Setting
from bot.evaluation.rows import QuestionRow, Turn
from bot.evaluation.scoring import START, outcome
from bot.knowledge.model import Entry, Facet, Knowledge

Build = Callable[[Knowledge], Answerer]
_CLOSE: Final = 0.6
"""A target that is so much less like a question than the likeliest may still be its answer."""
_STIRRED: Final = 0.03
_UNHEARD_OF: Final = -9.0
_MOST_TOLD: Final = 7
_PREVIEW: Final = "This is a quick preview: published, a few answers may turn out otherwise."


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a question lands: the kind of reply, and its first entry or redirect if there is one."""

    kind: str
    target: str = ""

    def __str__(self) -> str:
        return self.target or {"choices": "asking back", "unknown": "no answer"}.get(self.kind, self.kind)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the baseline: its turn, and how it is read."""

    row: QuestionRow
    place: int
    sent: bool
    """Whether a member sent it to the editors (otherwise it is a trial)."""
    reading: Reading = field(repr=False)

    @property
    def turn(self) -> Turn:
        """The labelled question."""
        return self.row.turns[self.place]


@dataclass(frozen=True, slots=True)
class Told:
    """How a question is answered, and the conversation after it."""

    landing: Landing
    outcome: str
    after: Conversation = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Every question as what is served reads it, and how it is answered. Made once for each knowledge served."""

    answerer: Answerer = field(repr=False)
    asked: tuple[Asked, ...]
    likeness: npt.NDArray[np.float16] = field(repr=False, compare=False)
    """How like each question is to each of the targets."""
    vectors: npt.NDArray[np.float32] = field(repr=False, compare=False)
    """What each question means, put into figures: an index that shares ``whiten`` gives the same."""
    _told: dict[int, tuple[Told, ...]] = field(default_factory=dict, repr=False, compare=False)
    """How the turns of trials are answered, as far as they were asked; never of a question that a member sent."""

    @property
    def revision(self) -> str:
        """Names the knowledge that is served."""
        return self.answerer.revision

    def told(self, one: Asked) -> Told:
        """How one of the questions is answered now."""
        found = self._told.get(id(one.row))
        if found is None:
            found = tuple(_told(self.answerer, one.row))
            if not one.sent:
                self._told[id(one.row)] = found
        return found[one.place]

    def ask_more(self, most: int) -> bool:
        """Look up how so many more of the trials are answered, ahead of need; whether any were left."""
        left = (one for one in self.asked if not one.place and not one.sent and id(one.row) not in self._told)
        some = tuple(islice(left, most))
        for one in some:
            self.told(one)
        return bool(some)

    def joined(self, other: Baseline) -> Baseline:
        """This one with the questions of another, of the same answerer."""
        likeness = np.concatenate((self.likeness, other.likeness))
        vectors = np.concatenate((self.vectors, other.vectors))
        return Baseline(self.answerer, (*self.asked, *other.asked), likeness, vectors, self._told)


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
    """What a draft changes, of how many questions that it could reach."""

    changed: tuple[Changed, ...]
    reached: int
    total: int
    build_seconds: float
    ask_seconds: float
    is_preview: bool
    """Whether the draft was measured on an index derived from the served one: nearly what a full build gives."""

    def count(self, turnout: Turnout) -> int:
        """How many trials turn out so."""
        return sum(one.turnout is turnout and not one.sent for one in self.changed)

    @property
    def sentences(self) -> tuple[str, ...]:
        """For the review card, the gravest first."""
        found = tuple(_sentences(self)) or ("Changes no answer to a test question or to a recent unanswered one.",)
        return (*found[:_MOST_TOLD], _PREVIEW) if self.is_preview else found


def baseline(answerer: Answerer, trials: Iterable[QuestionRow], sent: Sequence[str] = ()) -> Baseline:
    """Read everything once. ``sent`` are questions that members sent to the editors."""
    rows = [(row, False) for row in trials]
    rows += [(QuestionRow((Turn(text, (), None),), "sent"), True) for text in sent]
    index = answerer.mind.index
    asked = tuple(
        Asked(row, place, is_sent, index.reader.read(turn.text))
        for row, is_sent in rows
        for place, turn in enumerate(row.turns)
    )
    vectors = _vectors(index, asked)
    return Baseline(answerer, asked, _likeness(index, asked, vectors).astype(np.float16), vectors)


def impact(before: Baseline, draft: Answerer, build_seconds: float = 0.0, is_preview: bool = False) -> Impact:
    """Compare ``draft`` with the baseline, over the questions that its changes can reach."""
    began = time.perf_counter()
    changed: list[Changed] = []
    reached = 0
    pairs = zip(before.asked, _moved(before, draft).tolist(), strict=True)
    for _, turns in groupby(pairs, key=lambda pair: id(pair[0].row)):
        row = list(turns)
        first = next((place for place, (_, moved) in enumerate(row) if moved), len(row))
        again = [one for one, _ in row[first:]]
        reached += len(again)
        changed += _changed(before, draft, again) if again else ()
    seconds = time.perf_counter() - began
    return Impact(tuple(changed), reached, len(before.asked), build_seconds, seconds, is_preview)


def assess(before: Baseline, draft: Knowledge, build: Build) -> tuple[Impact, Answerer]:
    """Derive the draft's answerer from the served one, or build it, and compare; for a worker thread."""
    began = time.perf_counter()
    derived = before.answerer.preview(draft)
    answerer = build(draft) if derived is None else derived
    seconds = time.perf_counter() - began
    return impact(before, answerer, seconds, derived is not None), answerer


class Assessor:
    """Measures drafts against what is served; keeps the baseline of the last knowledge. Safe to use from threads.

    Of the questions that members sent nothing is kept: they are asked each time.
    """

    def __init__(self, trials: Iterable[QuestionRow], build: Build) -> None:
        self.trials = tuple(trials)
        self._build = build
        self._turn = threading.Lock()
        self._known: Baseline | None = None

    def warm(self, answerer: Answerer) -> Baseline:
        """The baseline of what is served; worth calling ahead, so that the first editor need not wait."""
        with self._turn:
            if self._known is None or self._known.revision != answerer.revision:
                self._known = baseline(answerer, self.trials)
            return self._known

    def assess(self, answerer: Answerer, draft: Knowledge, sent: Sequence[str] = ()) -> tuple[Impact, Answerer]:
        """What ``draft`` would change against what ``answerer`` serves, and the draft's own answerer."""
        known = self.warm(answerer)
        return assess(known.joined(baseline(known.answerer, (), sent)), draft, self._build)


def promises(texts: Sequence[str], entry: str | None) -> tuple[QuestionRow, ...]:
    """Questions that an edit took on, as trials; ``None`` for those that are not to be answered."""
    return tuple(QuestionRow((Turn(text, (entry,) if entry else (), None),), "editors") for text in texts)


def promised(answerer: Answerer, texts: Sequence[str], entry: str) -> tuple[str, ...]:
    """Those questions that a draft promises to answer with ``entry`` and does not."""
    rows = promises(texts, entry)
    landings = ((row, _landing(reply)) for row in rows for reply, _ in _replies(answerer, row))
    return tuple(row.turns[0].text for row, landing in landings if landing.target != entry)


def rendering(served: Answerer, draft: Knowledge, entry: str, now: datetime) -> tuple[Reply, ...]:
    """The replies that members will get for an entry of ``draft``, one for each facet, exactly as they will be
    composed; ``served`` answers from the knowledge that the draft was made of."""
    composer = served.composer_of(draft)
    setting = Setting(None, now.date(), frozenset())
    facets: tuple[Facet, ...] = tuple(draft.entries[entry].facets) if entry in draft.entries else ()
    return tuple(composer.answer(AnswerWith((Target(entry, facet),), 1.0), setting, ()) for facet in facets)


# --- inside ------------------------------------------------------------------------------------------------------


def _replies(
    answerer: Answerer, row: QuestionRow, first: int = 0, conversation: Conversation = NEW
) -> Iterator[tuple[Reply, Conversation]]:
    """The replies from the ``first`` turn on, and the conversation after each; ``conversation`` is what went before."""
    for place, turn in islice(enumerate(row.turns), first, None):
        question = Question(turn.text, START + timedelta(minutes=place), Mode(row.mode))
        reply, conversation = answerer.reply(question, conversation)
        yield reply, conversation


def _told(answerer: Answerer, row: QuestionRow, first: int = 0, conversation: Conversation = NEW) -> Iterator[Told]:
    for place, (reply, after) in enumerate(_replies(answerer, row, first, conversation), first):
        found = outcome(row.turns[place], to_row(reply, answerer.revision), row.style)
        yield Told(_landing(reply), found, after)


def _landing(reply: Reply) -> Landing:
    kind = kind_of(reply)
    match reply:
        case Answer(passages=passages):
            return Landing(kind, passages[0].entry)
        case Comparison(entries=links):
            return Landing(kind, " and ".join(link.entry for link in links))
        case RedirectReply(redirect=key):
            return Landing(kind, key)
        case Support(answer=Answer(passages=passages)):
            return Landing(kind, passages[0].entry)
        case _:
            return Landing(kind)


def _vectors(index: Index, asked: Sequence[Asked]) -> npt.NDArray[np.float32]:
    return index.vectors([one.reading.spoken for one in asked])


def _likeness(index: Index, asked: Sequence[Asked], vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if not asked:
        return np.zeros((0, len(index.targets)), dtype=np.float32)
    return index.likeness([one.reading for one in asked], vectors)


def _moved(before: Baseline, draft: Answerer) -> npt.NDArray[np.bool_]:
    """The questions that what changes can reach by itself."""
    served, index = before.answerer.mind.index, draft.mind.index
    then = after = before.likeness.astype(np.float32)
    if index.phrasings is not served.phrasings:
        vectors = before.vectors if index.whiten is served.whiten else _vectors(index, before.asked)
        after = _likeness(index, before.asked, vectors)
    targets, names = _reach(before.answerer.knowledge, draft.knowledge)
    close, closest = _close(then), _close(after)
    near = [close[:, served.numbers[target]] for target in targets if target in served.numbers]
    near += [closest[:, index.numbers[target]] for target in targets if target in index.numbers]
    spoken = [
        one.sent
        or any(not targets.isdisjoint(hit.entries) for hit in one.reading.covered)
        or any(name <= set(one.reading.words.words) for name in names)
        for one in before.asked
    ]
    known = [served.numbers.get(target, -1) for target in index.targets]
    unheard = np.full((len(after), 1), _UNHEARD_OF, dtype=np.float32)
    stirred = np.abs(after - np.concatenate((then, unheard), axis=1)[:, known]) > _STIRRED
    likely = closest | np.concatenate((close, unheard > 0), axis=1)[:, known]
    return np.asarray(np.logical_or.reduce([(likely & stirred).any(axis=1), np.asarray(spoken, dtype=np.bool_), *near]))


def _close(likeness: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """The targets that may be the answer, for each question."""
    return np.asarray(likeness > likeness.max(axis=1, initial=_UNHEARD_OF, keepdims=True) - _CLOSE)


def _reach(served: Knowledge, draft: Knowledge) -> tuple[frozenset[str], frozenset[frozenset[str]]]:
    """The targets that change, and the words of each name that comes or goes."""
    targets: set[str] = set()
    names: set[frozenset[str]] = set()
    for key in served.entries.keys() | draft.entries.keys():
        old, new = served.entries.get(key), draft.entries.get(key)
        if old is not new and not _is_bereft(old, new, draft):
            targets.add(key)
            names |= _names(old) ^ _names(new)
    redirects = served.redirects.keys() | draft.redirects.keys()
    targets |= {f"{REDIRECT}{key}" for key in redirects if served.redirects.get(key) != draft.redirects.get(key)}
    return frozenset(targets), frozenset(names)


def _is_bereft(old: Entry | None, new: Entry | None, draft: Knowledge) -> bool:
    """Whether a page is as it was, and at most points no more at one that is gone."""
    if old is None or new is None:
        return False
    return old.model_copy(update={"related": tuple(key for key in old.related if key in draft.entries)}) == new


def _names(page: Entry | None) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(name.words) for name in names_of(page)) if page is not None else frozenset()


def _changed(before: Baseline, draft: Answerer, again: Sequence[Asked]) -> Iterator[Changed]:
    """Which of these turns of a row, its last ones, are answered otherwise: what went before them is as it was."""
    row, first = again[0].row, again[0].place
    lead = before.told(replace(again[0], place=first - 1)).after if first else NEW
    for one, new in zip(again, _told(draft, row, first, lead), strict=True):
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
