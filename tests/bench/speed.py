"""One answer, the index, and the knowledge read from its files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from bot.answering.index import build_index
from bot.answering.model import NEW, Mode, Question
from bot.answering.pipeline import Answerer
from bot.collector import uncollected
from bot.evaluation.rows import QuestionRow
from bot.evaluation.scoring import START
from bot.knowledge.loading import load_knowledge
from tests.bench.questions import Ground
from tests.bench.table import quantiles

T = TypeVar("T")
Line = tuple[str, float, str, str]


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` gives, and its seconds."""
    start = time.perf_counter()
    made = work()
    return made, time.perf_counter() - start


def replies(answerer: Answerer, rows: Sequence[QuestionRow]) -> list[float]:
    """Seconds of every reply, conversations turn after turn; each row in the better of two rounds."""
    return [min(pair) for pair in zip(_round(answerer, rows), _round(answerer, rows), strict=True)]


def _round(answerer: Answerer, rows: Sequence[QuestionRow]) -> list[float]:
    seconds: list[float] = []
    for row in rows:
        conversation = NEW
        for place, turn in enumerate(row.turns):
            question = Question(turn.text, START + timedelta(minutes=place), Mode(row.mode))
            start = time.perf_counter()
            _, conversation = answerer.reply(question, conversation)
            seconds.append(time.perf_counter() - start)
    return seconds


def rows(ground: Ground, answerer: Answerer, build: float) -> tuple[Line, ...]:
    """The lines of the table: what, figure, unit, bar."""
    knowledge = ground.knowledge
    with uncollected():  # as the program starts
        _, loading = timed(lambda: load_knowledge(ground.folder))
        index, indexing = timed(lambda: build_index(knowledge))
    seconds = replies(answerer, ground.rows)
    middle, late = quantiles(seconds)
    stored = len(index.phrasings.labels)
    size = f"{len(knowledge.entries)} entries, {stored:,} phrasings"
    return (
        (f"answer, p50 ({size}; {len(seconds):,} replies)", 1e3 * middle, "ms", "≤ 0.5"),
        ("answer, p99", 1e3 * late, "ms", "≤ 2"),
        ("index, a phrasing with vectors", 1e6 * indexing / max(stored, 1), "µs", "≤ 60"),
        ("index and all else that an answer needs", build, "s", ""),
        ("knowledge from its YAML files", loading, "s", ""),
    )
