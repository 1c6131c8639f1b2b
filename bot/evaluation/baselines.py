"""How questions are answered by what is served, so that a draft can be held against it; and which it can reach.

A change reaches questions for which what changes is among the likely targets or is named, that have a name which comes
or goes, or whose likeness to one of their likely targets changes; and what is said after them. How questions are
answered is looked up when it is needed, once, so that nobody waits for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice, takewhile
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.index import Index
from bot.answering.model import NEW, Answer, Comparison, Conversation, Mode, Question, RedirectReply, Reply, Support
from bot.answering.phrasings import REDIRECT, names_of
from bot.answering.pipeline import Answerer
from bot.answering.protocol import kind_of, to_row
from bot.answering.reading import Reading
from bot.evaluation.rows import QuestionRow, Turn
from bot.evaluation.scoring import START, outcome
from bot.knowledge.model import Entry, Knowledge

_CLOSE: Final = 0.6
"""A target that is so much less like a question than the likeliest may still be its answer."""
_STIRRED: Final = 0.03
_UNHEARD_OF: Final = -9.0
_EVERYWHERE: Final = ("vocabulary", "look_alikes", "families", "combinations")


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
    _carried: dict[int, tuple[Told, ...]] = field(default_factory=dict, repr=False, compare=False)
    """How others were answered by what was served before, which the change does not reach: until they are asked."""

    @property
    def revision(self) -> str:
        """Names the knowledge that is served."""
        return self.answerer.revision

    def told(self, one: Asked) -> Told:
        """How one of the questions is answered now."""
        found = self._told.get(id(one.row)) or self._carried.get(id(one.row))
        if found is None:
            found = tuple(told_by(self.answerer, one.row))
            if not one.sent:
                self._told[id(one.row)] = found
        return found[one.place]

    def ask_more(self, most: int) -> bool:
        """Look up how so many more of the trials are answered, ahead of need; whether any were left."""
        left = (one for one in self.asked if not one.place and not one.sent and id(one.row) not in self._told)
        some = tuple(islice(left, most))
        for one in some:
            self._carried.pop(id(one.row), None)
            self.told(one)
        return bool(some)

    def following(self, before: Baseline) -> Baseline:
        """This one, with the answers of what was served ``before`` where the change since does not reach: without any
        when more than pages changed."""
        if _differ_beside_pages(before.answerer.knowledge, self.answerer.knowledge):
            return self
        pairs = zip(before.asked, self.asked, strict=False)
        same = [(old, new) for old, new in takewhile(lambda pair: pair[0].row == pair[1].row, pairs)]
        after = self.likeness[: len(same)].astype(np.float32)
        moved = moved_by(self.answerer, before, after).tolist()
        reached = {id(new.row) for (_, new), is_moved in zip(same, moved, strict=True) if is_moved}
        known = before._carried | before._told
        rows = {id(new.row): id(old.row) for old, new in same if id(new.row) not in reached}
        return replace(self, _carried={new: known[old] for new, old in rows.items() if old in known})

    def likeness_in(self, index: Index) -> npt.NDArray[np.float32]:
        """How like the questions are to the targets of another index."""
        served = self.answerer.mind.index
        if index.phrasings is served.phrasings:
            return self.likeness.astype(np.float32)
        vectors = self.vectors if index.whiten is served.whiten else _vectors(index, self.asked)
        return _likeness(index, self.asked, vectors)

    def joined(self, other: Baseline) -> Baseline:
        """This one with the questions of another, of the same answerer."""
        likeness = np.concatenate((self.likeness, other.likeness))
        vectors = np.concatenate((self.vectors, other.vectors))
        return Baseline(self.answerer, (*self.asked, *other.asked), likeness, vectors, self._told, self._carried)


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


def moved_by(
    draft: Answerer, before: Baseline, after: npt.NDArray[np.float32], most_stirred: int | None = None
) -> npt.NDArray[np.bool_]:
    """The questions that what changes can reach by itself; ``after`` says how like the first of them are to the
    targets of the draft. Of those whose likenesses are only stirred, the ``most_stirred``."""
    count = len(after)
    served, index = before.answerer.mind.index, draft.mind.index
    then = before.likeness[:count].astype(np.float32)
    targets, names = _reach(before.answerer.knowledge, draft.knowledge)
    close, closest = _close(then), _close(after)
    near = [close[:, served.numbers[target]] for target in targets if target in served.numbers]
    near += [closest[:, index.numbers[target]] for target in targets if target in index.numbers]
    spoken = [
        one.sent
        or any(not targets.isdisjoint(hit.entries) for hit in one.reading.covered)
        or any(name <= set(one.reading.words.words) for name in names)
        for one in before.asked[:count]
    ]
    known = [served.numbers.get(target, -1) for target in index.targets]
    unheard = np.full((len(after), 1), _UNHEARD_OF, dtype=np.float32)
    likely = closest | np.concatenate((close, unheard > 0), axis=1)[:, known]
    changes = np.abs(after - np.concatenate((then, unheard), axis=1)[:, known])
    stirs = np.where(likely, changes, 0).max(axis=1, initial=0)
    met = np.logical_or.reduce([np.asarray(spoken, dtype=np.bool_), *near])
    stirs[met] = 0
    stirred = np.argsort(-stirs, kind="stable")[:most_stirred]
    met[stirred[stirs[stirred] > _STIRRED]] = True
    return np.asarray(met)


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


def _differ_beside_pages(one: Knowledge, other: Knowledge) -> bool:
    """Whether something differs that may reach any question."""
    return any(getattr(one, part) != getattr(other, part) for part in _EVERYWHERE)


def _is_bereft(old: Entry | None, new: Entry | None, draft: Knowledge) -> bool:
    """Whether a page is as it was, and at most points no more at one that is gone."""
    if old is None or new is None:
        return False
    return old.model_copy(update={"related": tuple(key for key in old.related if key in draft.entries)}) == new


def _names(page: Entry | None) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(name.words) for name in names_of(page)) if page is not None else frozenset()


def replies_to(
    answerer: Answerer, row: QuestionRow, first: int = 0, conversation: Conversation = NEW
) -> Iterator[tuple[Reply, Conversation]]:
    """The replies from the ``first`` turn on, and the conversation after each; ``conversation`` is what went before."""
    for place, turn in islice(enumerate(row.turns), first, None):
        question = Question(turn.text, START + timedelta(minutes=place), Mode(row.mode))
        reply, conversation = answerer.reply(question, conversation)
        yield reply, conversation


def told_by(answerer: Answerer, row: QuestionRow, first: int = 0, conversation: Conversation = NEW) -> Iterator[Told]:
    """How the turns of a row are answered from the ``first`` on."""
    for place, (reply, after) in enumerate(replies_to(answerer, row, first, conversation), first):
        found = outcome(row.turns[place], to_row(reply, answerer.revision), row.style)
        yield Told(landing_of(reply), found, after)


def landing_of(reply: Reply) -> Landing:
    """Where a reply leads."""
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
