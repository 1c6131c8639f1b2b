"""Learning when a message compares: what each figure of a proposal is worth, from labelled messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.comparing import proposals
from bot.answering.model import NEW, Mode, Question
from bot.answering.text import words_of
from bot.answering.thinking import Case, Mind, think
from bot.evaluation.rows import QuestionRow
from bot.evaluation.scoring import COMPARE, START
from bot.evaluation.tuning import folds, logistic

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_PARTS: Final = 5
_EVEN: Final = 0.5


def learn_comparing(mind: Mind, rows: Sequence[QuestionRow]) -> tuple[Floats, str]:
    """The weights of :data:`~bot.answering.matching.COMPARING`, and a report by cross-validation.

    Of each lone message every proposal is a lesson: right when it is labelled a comparison of those sides. Figures are
    brought to one scale while learning, so that shrinkage treats them alike.
    """
    lone = [row for row in rows if len(row.turns) == 1 and row.turns[0].expect]
    found = [(number, *one) for number, row in enumerate(lone) for one in _lessons(mind, row)]
    owners = np.asarray([number for number, _, _ in found])
    figures = np.stack([one for _, one, _ in found]).astype(np.float64)
    right = np.asarray([one for _, _, one in found], dtype=np.float64)
    assigned = folds(len(lone), _PARTS)[owners]
    judged = np.zeros(len(found))
    for part in range(_PARTS):
        judged[assigned == part] = figures[assigned == part] @ _fit(figures[assigned != part], right[assigned != part])
    report = _report(lone, owners, 1 / (1 + np.exp(-judged)), right)
    return _fit(figures, right).astype(np.float32), report


def _lessons(mind: Mind, row: QuestionRow) -> Iterator[tuple[Floats, bool]]:
    turn = row.turns[0]
    case = Case(mind, Question(turn.text, START, Mode.ADDRESSED), NEW, think(mind, words_of(turn.text), NEW))
    for one in proposals(case):
        yield one.figures, row.style == COMPARE and len(set(one.sides) & set(turn.expect)) >= min(2, len(turn.expect))


def _fit(figures: Doubles, right: Doubles) -> Doubles:
    middle, spread = figures.mean(axis=0), figures.std(axis=0) + 1e-6
    middle[0], spread[0] = 0.0, 1.0
    theta = logistic((figures - middle) / spread, right, np.ones(len(right)))
    scaled = theta / spread
    scaled[0] -= float((theta * middle / spread)[1:].sum())
    return np.asarray(scaled)


def _report(rows: Sequence[QuestionRow], owners: npt.NDArray[np.int64], judged: Doubles, right: Doubles) -> str:
    """How many comparisons are recognised with both sides, and how many other messages are taken for one."""
    chosen = {int(one): int(np.flatnonzero(owners == one)[judged[owners == one].argmax()]) for one in set(owners)}
    compared = [number for number, row in enumerate(rows) if row.style == COMPARE]
    sure = {number for number, at in chosen.items() if judged[at] >= _EVEN}
    recognised = sum(number in sure and bool(right[chosen[number]]) for number in compared)
    others = [number for number, row in enumerate(rows) if row.style != COMPARE]
    mistaken = sum(number in sure for number in others)
    return (
        f"comparisons recognised by cross-validation: {recognised} of {len(compared)}; "
        f"others taken for one: {mistaken} of {len(others)}"
    )
