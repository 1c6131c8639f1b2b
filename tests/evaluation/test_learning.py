"""Learning: what labelled rows say of the pages."""

from __future__ import annotations

from bot.evaluation.learning import twins
from bot.evaluation.rows import QuestionRow, Turn
from bot.evaluation.scoring import COMPARE


def row(*expected: tuple[str, ...], style: str = "plain") -> QuestionRow:
    return QuestionRow(tuple(Turn("q", expect, None) for expect in expected), style)


def test_pages_that_answer_the_same_questions_are_twins_both_ways() -> None:
    found = twins([row(("ect", "try-ect")), row(("try-ect", "ect"), ("ect",)), row(("ect",), ("tms",))])
    assert found == {"ect": {"try-ect": 0.67}, "try-ect": {"ect": 0.67}}


def test_the_sides_of_a_comparison_are_no_twins() -> None:
    assert twins([row(("ect", "tms"), style=COMPARE)]) == {}


def test_pages_that_seldom_answer_the_same_are_no_twins() -> None:
    apart = [row(("ect",)), row(("tms",))] * 20
    assert twins([*apart, row(("ect", "tms"))]) == {}
