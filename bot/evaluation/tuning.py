"""Learning the weights of matching, and what its probabilities mean (``nextstep tune``).

Two kinds of labelled questions teach the weights: every stored ask, put to an index that was built without it, and
the labelled rows. The loss is the negative log-likelihood of the accepted targets under the conditional
logit, with a little shrinkage; it is minimised by Adam (Kingma & Ba 2015) on all rows at once, which is
deterministic. Trial rows are always judged by weights that were learned without them (k-fold cross-validation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.facets import wording_of
from bot.answering.index import Index
from bot.answering.matching import COMPARING, NOTHING, SIGNS, Weights, nothing_figures, softmax
from bot.answering.signals import CANDIDATES, SIGNALS, gather
from bot.answering.thinking import Mind, context_of

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

_STEPS: Final = 400
_RATE: Final = 0.08
_SHRINK: Final = 2e-4
_NEWTON_STEPS: Final = 25
_CALM: Final = 1.0
_IMPOSSIBLE: Final = -1e4
_NO_FIGURES: Final = np.zeros(len(COMPARING), dtype=np.float32)
_NO_SIGNS: Final = np.zeros(len(SIGNS), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What there is to learn from: rows × candidates × signals, and which candidates (or nothing) are right.

    ``candidates`` are numbers of targets; where there are fewer, the rest is not ``present``.
    """

    candidates: Ints
    figures: Floats
    nothing: Floats
    present: npt.NDArray[np.bool_]
    right: npt.NDArray[np.bool_]
    importance: Floats

    def __len__(self) -> int:
        return len(self.figures)

    def take(self, rows: npt.NDArray[np.int64]) -> Lessons:
        """Some of the rows."""
        return Lessons(
            self.candidates[rows],
            self.figures[rows],
            self.nothing[rows],
            self.present[rows],
            self.right[rows],
            self.importance[rows],
        )


def join(parts: Sequence[Lessons]) -> Lessons:
    """Several lots of lessons as one."""
    return Lessons(
        np.concatenate([part.candidates for part in parts]),
        np.concatenate([part.figures for part in parts]),
        np.concatenate([part.nothing for part in parts]),
        np.concatenate([part.present for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.importance for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled question: accepted targets (none: nothing is right) and what was talked about before."""

    text: str
    accepted: frozenset[str]
    topics: tuple[str, ...] = ()
    """What was talked about before, the latest first."""
    weight: float = 1.0


def lessons(mind: Mind, examples: Sequence[Example], importance: float) -> Lessons:
    """Evidence for each example, as ``mind`` would gather it.

    Rows whose accepted targets are not among the candidates teach nothing about weights and are left without a
    right answer; they count as misses when scored.
    """
    count, index = len(examples), mind.index
    candidates = np.zeros((count, CANDIDATES), dtype=np.int32)
    figures = np.zeros((count, CANDIDATES, len(SIGNALS)), dtype=np.float32)
    nothing = np.zeros((count, len(NOTHING)), dtype=np.float32)
    present = np.zeros((count, CANDIDATES + 1), dtype=np.bool_)
    right = np.zeros((count, CANDIDATES + 1), dtype=np.bool_)
    for row, example in enumerate(examples):
        reading = index.reader.read(example.text, has_topic=bool(example.topics))
        wording = wording_of(mind.facets, reading) if example.topics else None
        context = context_of(mind, reading, example.topics, wording) if wording else None
        evidence = gather(index, reading, context)
        size = len(evidence.candidates)
        candidates[row, :size] = evidence.candidates
        figures[row, :size] = evidence.figures
        nothing[row] = nothing_figures(evidence, reading, context)
        present[row, :size] = present[row, -1] = True
        right[row, :size] = [_is_right(index, int(number), example.accepted) for number in evidence.candidates]
        right[row, -1] = not example.accepted
    weights = np.fromiter((importance * example.weight for example in examples), dtype=np.float32, count=count)
    return Lessons(candidates, figures, nothing, present, right, weights)


def _is_right(index: Index, number: int, accepted: frozenset[str]) -> bool:
    """Whether a target is a right answer; where no page is, everything but a page is."""
    target = index.targets[number]
    return target in accepted if accepted else target not in index.knowledge.entries


def probabilities(lesson: Lessons, weights: Weights) -> Floats:
    """Rows × (candidates, then nothing): the model's probabilities."""
    utilities = np.concatenate((lesson.figures @ weights.signals, (lesson.nothing @ weights.nothing)[:, None]), axis=1)
    return softmax(np.where(lesson.present, utilities, _IMPOSSIBLE).astype(np.float32))


def learn(lesson: Lessons) -> Weights:
    """The weights that make the accepted targets likeliest."""
    usable = lesson.take(np.flatnonzero(lesson.right.any(axis=1)))
    size = len(SIGNALS)
    theta = np.zeros(size + len(NOTHING), dtype=np.float64)
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    scale = usable.importance / usable.importance.sum()
    for step in range(1, _STEPS + 1):
        weights = Weights(theta[:size].astype(np.float32), theta[size:].astype(np.float32), _NO_SIGNS, {}, _NO_FIGURES)
        model = probabilities(usable, weights)
        hit = np.where(usable.right, model, 0)
        pull = (model - hit / np.maximum(hit.sum(axis=1, keepdims=True), 1e-9)) * scale[:, None]
        slope = (
            np.concatenate((np.einsum("rc,rcs->s", pull[:, :-1], usable.figures), pull[:, -1] @ usable.nothing))
            + _SHRINK * theta
        )
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope**2
        theta -= _RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
    return Weights(theta[:size].astype(np.float32), theta[size:].astype(np.float32), _NO_SIGNS, {}, _NO_FIGURES)


def folds(count: int, parts: int) -> npt.NDArray[np.int64]:
    """Which part each row belongs to, in a fixed shuffled order."""
    order = np.random.default_rng(20261123).permutation(count)
    assigned = np.empty(count, dtype=np.int64)
    assigned[order] = np.arange(count) % parts
    return assigned


def cross_validated(own: Lessons, trials: Lessons, parts: int = 5) -> Floats:
    """The probabilities of the trial rows, each by weights learned without its fold."""
    assigned = folds(len(trials), parts)
    out = np.zeros(trials.present.shape, dtype=np.float32)
    for part in range(parts):
        weights = learn(join([own, trials.take(np.flatnonzero(assigned != part))]))
        held = np.flatnonzero(assigned == part)
        out[held] = probabilities(trials.take(held), weights)
    return out


def logistic(signs: Doubles, right: Doubles, counts: Doubles) -> Doubles:
    """Weights of a logistic regression with a little shrinkage, by Newton's method."""
    theta = np.zeros(signs.shape[1])
    for _ in range(_NEWTON_STEPS):
        model = 1 / (1 + np.exp(-signs @ theta))
        slope = signs.T @ (counts * (model - right)) + _CALM * theta
        bend = (signs * (counts * model * (1 - model))[:, None]).T @ signs + _CALM * np.eye(len(theta))
        theta -= np.linalg.solve(bend, slope)
    return theta
