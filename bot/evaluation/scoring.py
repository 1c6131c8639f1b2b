"""How good the answers are: labelled rows through the whole pipeline, counted by what a member would have got.

In scope, a turn is *right* (an accepted entry is answered first; for a comparison both sides), *offered* (an accepted
entry is among the choices), *wrong* (another entry was answered) or *declined*. Out of scope, it is *answered*
(bad), *asked* back, or *declined* (good: unknown, redirect, small talk or silence).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.answering.model import NEW, Mode, Question, Reply
from bot.answering.pipeline import Answerer
from bot.answering.protocol import to_row
from bot.evaluation.intervals import Share
from bot.evaluation.rows import QuestionRow, Turn

START: Final = datetime(2026, 11, 23, 10, tzinfo=UTC)
"""The clock of every evaluation, so that two runs agree."""
_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """One turn with its outcome. ``reply`` is the row of the batch protocol."""

    turn: Turn
    style: str
    place: int
    outcome: str
    reply: dict[str, Any]

    @property
    def in_scope(self) -> bool:
        """Whether some entry would have been right."""
        return bool(self.turn.expect)


COMPARE: Final = "compare"
_ANSWERS: Final = frozenset({"answer", "comparison"})


def outcome(turn: Turn, reply: dict[str, Any], style: str) -> str:
    """What a member got (see the module's docstring)."""
    answered = reply["kind"] in _ANSWERS or (reply["kind"] == "support" and reply["entries"])
    if not turn.expect:
        return "answered" if answered else "asked" if reply["kind"] == "choices" else "declined"
    if answered:
        return "right" if _accepted(turn, reply, style) else "wrong"
    if reply["kind"] == "choices" and set(reply["choices"]) & set(turn.expect):
        return "offered"
    return "declined"


def _accepted(turn: Turn, reply: dict[str, Any], style: str) -> bool:
    """Both sides of a comparison; for anything else the first entry."""
    if style == COMPARE:
        return sum(entry in turn.expect for entry in reply["entries"]) >= min(2, len(turn.expect))
    return bool(reply["entries"]) and reply["entries"][0] in turn.expect


def judge(
    answerer: Answerer, rows: Iterable[QuestionRow], mode: Mode | None = None, tick: Callable[[], None] = lambda: None
) -> Iterator[Judged]:
    """Ask every row, turn after turn, and judge each reply."""
    for row in rows:
        conversation = NEW
        for place, turn in enumerate(row.turns):
            question = Question(turn.text, START + timedelta(minutes=place), mode or Mode(row.mode))
            reply, conversation = answerer.reply(question, conversation)
            yield _judged(turn, row.style, place, reply, answerer.revision)
        tick()


def _judged(turn: Turn, style: str, place: int, reply: Reply, revision: str) -> Judged:
    row = to_row(reply, revision)
    return Judged(turn, style, place, outcome(turn, row, style), row)


@dataclass(frozen=True, slots=True)
class Score:
    """All figures of one evaluation."""

    in_scope: dict[str, Share]
    out_of_scope: dict[str, Share]
    styles: dict[str, dict[str, Share]]
    facets: Share
    follow_ups: Share
    comparisons: Share
    calibration_error: float
    curve: tuple[tuple[float, float, float], ...]
    """(share answered, share of the answered that is wrong, bar) along all bars."""
    reliability: tuple[tuple[float, float, int], ...]
    """(mean confidence, share right, count) by tenths."""
    misses: tuple[Judged, ...] = field(repr=False, default=())

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "in_scope": {name: share.data() for name, share in self.in_scope.items()},
            "out_of_scope": {name: share.data() for name, share in self.out_of_scope.items()},
            "styles": {
                style: {name: share.data() for name, share in shares.items()} for style, shares in self.styles.items()
            },
            "facets": self.facets.data(),
            "follow_ups": self.follow_ups.data(),
            "comparisons": self.comparisons.data(),
            "expected_calibration_error": round(self.calibration_error, 4),
            "reliability": [list(row) for row in self.reliability],
        }


IN_SCOPE: Final = ("right", "offered", "wrong", "declined")
OUT_OF_SCOPE: Final = ("answered", "asked", "declined")


def score(judged: Sequence[Judged]) -> Score:
    """Count everything."""
    inside = [one for one in judged if one.in_scope]
    outside = [one for one in judged if not one.in_scope]
    styles = sorted({one.style for one in judged})
    asked_facet = [one for one in inside if one.outcome == "right" and one.turn.facet and one.style != COMPARE]
    later = [one for one in inside if one.place > 0]
    compared = [one for one in inside if one.style == COMPARE]
    reliability = _reliability(judged)
    return Score(
        in_scope=_shares(inside, IN_SCOPE),
        out_of_scope=_shares(outside, OUT_OF_SCOPE),
        styles={style: _style_shares([one for one in judged if one.style == style]) for style in styles},
        facets=Share(sum(_facet_right(one) for one in asked_facet), len(asked_facet)),
        follow_ups=Share(sum(one.outcome == "right" for one in later), len(later)),
        comparisons=Share(sum(one.outcome == "right" for one in compared), len(compared)),
        calibration_error=_calibration_error(reliability),
        curve=_curve(judged),
        reliability=reliability,
        misses=tuple(
            one for one in judged if one.outcome not in ("right",) and (one.in_scope or one.outcome != "declined")
        ),
    )


def _facet_right(one: Judged) -> bool:
    facets = [one.reply["facet"], *(also["facet"] for also in one.reply["also"])]
    return one.turn.facet is not None and one.turn.facet.value in facets


def _shares(judged: Sequence[Judged], names: Sequence[str]) -> dict[str, Share]:
    counts = Counter(one.outcome for one in judged)
    return {name: Share(counts[name], len(judged)) for name in names}


def _style_shares(judged: Sequence[Judged]) -> dict[str, Share]:
    return _shares(judged, IN_SCOPE if any(one.in_scope for one in judged) else OUT_OF_SCOPE)


def _reliability(judged: Sequence[Judged]) -> tuple[tuple[float, float, int], ...]:
    """By tenths of confidence, how often an answer with it was right (Guo et al. 2017)."""
    rows: list[tuple[float, float, int]] = []
    sure = [(one.reply["confidence"], one.outcome == "right") for one in judged if one.reply["kind"] in _ANSWERS]
    for part in range(_BINS):
        inside = [
            (confidence, right)
            for confidence, right in sure
            if part / _BINS <= confidence < (part + 1) / _BINS or (part == _BINS - 1 and confidence >= 1)
        ]
        if inside:
            count = len(inside)
            rows.append((sum(c for c, _ in inside) / count, sum(r for _, r in inside) / count, count))
    return tuple(rows)


def _calibration_error(reliability: Sequence[tuple[float, float, int]]) -> float:
    total = sum(count for *_, count in reliability)
    return sum(abs(confidence - right) * count for confidence, right, count in reliability) / total if total else 0.0


def _curve(judged: Sequence[Judged]) -> tuple[tuple[float, float, float], ...]:
    """Risk and coverage at every bar (El-Yaniv & Wiener 2010)."""
    sure = sorted(
        ((one.reply["confidence"], one.outcome) for one in judged if one.reply["kind"] in _ANSWERS), reverse=True
    )
    points: list[tuple[float, float, float]] = []
    wrong = 0
    for place, (confidence, result) in enumerate(sure, 1):
        wrong += result in ("wrong", "answered")
        points.append((place / len(judged), wrong / place, confidence))
    return tuple(points)
