"""What a draft would change: which trials and recent unanswered questions would be answered differently.

The draft's index is derived from the served one where that is possible (:mod:`bot.answering.previewing`): a preview,
in about a second; otherwise it is built in full. Asking every question again would take longer still, so only those are
asked that the change can reach: questions for which the entry was a candidate before, that have a name which comes or
goes, or whose likeness to one of their likeliest targets changes. Everything runs where the caller puts it (a worker
thread); nothing that is served is touched.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.index import Index
from bot.answering.model import (
    NEW,
    Answer,
    AnswerWith,
    Choices,
    Comparison,
    Link,
    Mode,
    Question,
    RedirectReply,
    Reply,
    Support,
    Target,
)
from bot.answering.phrasings import names_of
from bot.answering.pipeline import Answerer
from bot.answering.protocol import kind_of, to_row
from bot.answering.reading import Reading
from bot.answering.replies import Composer, Setting
from bot.evaluation.rows import QuestionRow, Turn
from bot.evaluation.scoring import START, outcome
from bot.knowledge.model import Entry, Facet, Knowledge, Redirect

Build = Callable[[Knowledge], Answerer]
_LIKELIEST: Final = 6
"""So many targets are likely enough for a question that a change of its likeness to them may change its answer."""
_STIRRED: Final = 0.05
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
    """One question of the baseline: its turn, how it was answered, and what else came near."""

    row: QuestionRow
    place: int
    sent: bool
    """Whether a member sent it to the editors (otherwise it is a trial)."""
    landing: Landing
    outcome: str
    near: frozenset[str]
    reading: Reading = field(repr=False)

    @property
    def turn(self) -> Turn:
        """The labelled question."""
        return self.row.turns[self.place]


@dataclass(frozen=True, slots=True)
class Baseline:
    """How every question is answered now. Computed once for each knowledge that is served."""

    revision: str
    asked: tuple[Asked, ...]
    targets: tuple[str, ...] = field(repr=False)
    likeness: npt.NDArray[np.float16] = field(repr=False, compare=False)
    """How like each question is to each of the targets."""
    vectors: npt.NDArray[np.float32] = field(repr=False, compare=False)
    """What each question means, put into figures by ``whiten``: an index that shares it gives the same."""
    whiten: npt.NDArray[np.float32] = field(repr=False, compare=False)

    def joined(self, other: Baseline) -> Baseline:
        """This one with the questions of another, of the same knowledge."""
        likeness = np.concatenate((self.likeness, other.likeness))
        vectors = np.concatenate((self.vectors, other.vectors))
        return Baseline(self.revision, (*self.asked, *other.asked), self.targets, likeness, vectors, self.whiten)


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


def baseline(
    answerer: Answerer, trials: Iterable[QuestionRow], sent: Sequence[str] = (), tick: Callable[[], None] = lambda: None
) -> Baseline:
    """Ask everything once. ``sent`` are questions that members sent to the editors."""
    rows = [(row, False) for row in trials]
    rows += [(QuestionRow((Turn(text, (), None),), "sent"), True) for text in sent]
    asked: list[Asked] = []
    for row, is_sent in rows:
        for place, reply in enumerate(_replies(answerer, row)):
            reading = answerer.mind.index.reader.read(row.turns[place].text)
            found = _outcome(row, place, reply, answerer.revision)
            asked.append(Asked(row, place, is_sent, _landing(reply), found, _near(reply), reading))
        tick()
    index = answerer.mind.index
    vectors = _vectors(index, asked)
    likeness = _likeness(index, asked, vectors).astype(np.float16)
    return Baseline(answerer.revision, tuple(asked), index.targets, likeness, vectors, index.whiten)


def impact(
    before: Baseline, draft: Answerer, served: Knowledge, build_seconds: float = 0.0, is_preview: bool = False
) -> Impact:
    """Compare ``draft`` with the baseline of ``served``, over the questions that its changes can reach."""
    began = time.perf_counter()
    targets, names = _reach(served, draft.knowledge)
    stirred = _stirred(before, draft.mind.index)
    rows = {
        id(one.row)
        for one, moved in zip(before.asked, stirred, strict=True)
        if moved or one.sent or one.near & targets or any(name <= set(one.reading.words.words) for name in names)
    }
    reached = [one for one in before.asked if id(one.row) in rows]
    changed = [one for one in map(_compared(draft), reached) if one is not None]
    seconds = time.perf_counter() - began
    return Impact(tuple(changed), len(reached), len(before.asked), build_seconds, seconds, is_preview)


def assess(before: Baseline, served: Answerer, draft: Knowledge, build: Build) -> tuple[Impact, Answerer]:
    """Derive the draft's answerer from the served one, or build it, and compare; for a worker thread."""
    began = time.perf_counter()
    derived = served.preview(draft)
    answerer = build(draft) if derived is None else derived
    seconds = time.perf_counter() - began
    return impact(before, answerer, served.knowledge, seconds, derived is not None), answerer


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
        before = self.warm(answerer).joined(baseline(answerer, (), sent))
        return assess(before, answerer, draft, self._build)


def promises(texts: Sequence[str], entry: str | None) -> tuple[QuestionRow, ...]:
    """Questions that an edit took on, as trials; ``None`` for those that are not to be answered."""
    return tuple(QuestionRow((Turn(text, (entry,) if entry else (), None),), "editors") for text in texts)


def promised(answerer: Answerer, texts: Sequence[str], entry: str) -> tuple[str, ...]:
    """Those questions that a draft promises to answer with ``entry`` and does not."""
    rows = promises(texts, entry)
    return tuple(row.turns[0].text for row in rows if _landing(_replies(answerer, row)[0]).target != entry)


def rendering(knowledge: Knowledge, entry: str, now: datetime, country: str | None = None) -> tuple[Reply, ...]:
    """The replies that members will get for an entry, one for each facet, exactly as they will be composed."""
    composer = Composer(knowledge)
    setting = Setting(country, now.date(), frozenset())
    facets: tuple[Facet, ...] = tuple(knowledge.entries[entry].facets) if entry in knowledge.entries else ()
    return tuple(composer.answer(AnswerWith((Target(entry, facet),), 1.0), setting, ()) for facet in facets)


# --- inside ------------------------------------------------------------------------------------------------------


def _replies(answerer: Answerer, row: QuestionRow) -> list[Reply]:
    conversation, replies = NEW, []
    for place, turn in enumerate(row.turns):
        question = Question(turn.text, START + timedelta(minutes=place), Mode(row.mode))
        reply, conversation = answerer.reply(question, conversation)
        replies.append(reply)
    return replies


def _outcome(row: QuestionRow, place: int, reply: Reply, revision: str) -> str:
    return outcome(row.turns[place], to_row(reply, revision), row.style)


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


def _near(reply: Reply) -> frozenset[str]:
    """Every entry and redirect that had a part in a reply, by its reasons and by what it offers."""
    found = {one.removeprefix("redirect:") for reason in reply.why for one in reason.ids}
    offered: tuple[Link, ...] = reply.options if isinstance(reply, Choices) else ()
    return frozenset(found | {link.entry for link in offered} | set(_landing(reply).target.split(" ")))


def _vectors(index: Index, asked: Sequence[Asked]) -> npt.NDArray[np.float32]:
    return index.vectors([one.reading.spoken for one in asked])


def _likeness(index: Index, asked: Sequence[Asked], vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if not asked:
        return np.zeros((0, len(index.targets)), dtype=np.float32)
    return index.likeness([one.reading for one in asked], vectors)


def _stirred(before: Baseline, index: Index) -> npt.NDArray[np.bool_]:
    """The questions whose likeness to one of their likeliest targets, of then or of now, is not what it was."""
    vectors = before.vectors if index.whiten is before.whiten else _vectors(index, before.asked)
    after = _likeness(index, before.asked, vectors)
    columns = {target: column for column, target in enumerate(before.targets)}
    known = [columns.get(target, -1) for target in index.targets]
    then = np.concatenate((before.likeness, np.full((len(after), 1), _UNHEARD_OF)), axis=1)[:, known]
    likely = _likely(after) | _likely(then)
    return np.asarray((likely & (np.abs(after - then) > _STIRRED)).any(axis=1))


def _likely(likeness: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    count = min(_LIKELIEST, likeness.shape[1])
    if not count:
        return np.zeros(likeness.shape, dtype=np.bool_)
    return np.asarray(likeness >= np.partition(likeness, -count, axis=1)[:, -count, None])


def _reach(served: Knowledge, draft: Knowledge) -> tuple[frozenset[str], frozenset[frozenset[str]]]:
    """The entries and redirects that change, and the words of each name that comes or goes."""
    targets: set[str] = set()
    names: set[frozenset[str]] = set()
    pages: tuple[tuple[Mapping[str, Entry | Redirect], Mapping[str, Entry | Redirect]], ...]
    pages = ((served.entries, draft.entries), (served.redirects, draft.redirects))
    for old, new in pages:
        for key in old.keys() | new.keys():
            before, after = old.get(key), new.get(key)
            if before != after:
                targets.add(key)
                names |= _names(before) ^ _names(after)
    return frozenset(targets), frozenset(names)


def _names(page: Entry | Redirect | None) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(name.words) for name in names_of(page)) if isinstance(page, Entry) else frozenset()


def _compared(draft: Answerer) -> Callable[[Asked], Changed | None]:
    known: dict[int, list[Reply]] = {}

    def compare(one: Asked) -> Changed | None:
        if id(one.row) not in known:
            known[id(one.row)] = _replies(draft, one.row)
        reply = known[id(one.row)][one.place]
        landing = _landing(reply)
        after = _outcome(one.row, one.place, reply, draft.revision)
        if landing == one.landing and after == one.outcome:
            return None
        return Changed(one.turn.text, one.sent, one.landing, landing, _turnout(one, after))

    return compare


_WORTH: Final[Mapping[str, int]] = {"right": 3, "offered": 2, "declined": 1, "asked": 1, "wrong": 0, "answered": 0}


def _turnout(one: Asked, after: str) -> Turnout:
    if one.sent:
        return Turnout.OTHER
    worth = {**_WORTH, "declined": 3} if not one.turn.expect else _WORTH
    gain = worth[after] - worth[one.outcome]
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
