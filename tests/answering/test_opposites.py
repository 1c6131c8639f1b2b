"""Questions that differ by one word which turns the answer round: they never share an answer by accident."""

from __future__ import annotations

import pytest

from bot.answering.pipeline import Answerer
from tests.talk import ask

OPPOSITES = [
    ("can i just stop taking my antidepressant", "do i have to keep taking my antidepressant now i feel better"),
    ("can i stop venlafaxine cold turkey", "how long should people stay on venlafaxine once they are well"),
    ("can i take st johns wort with sertraline", "can i take st johns wort instead of sertraline"),
    ("how long after stopping an ssri can an maoi be started", "how long does an maoi take to work"),
    ("is lithium safe with ibuprofen", "is lithium safe in pregnancy"),
    ("adding lithium to my antidepressant", "switching from my antidepressant to something else"),
    ("what is withdrawal from paroxetine like", "what is starting paroxetine like"),
    ("my mum is 80, are antidepressants safe at her age", "my son is 15, are antidepressants safe at his age"),
    ("how do i help someone who is depressed", "how do i find a doctor who knows about this"),
    ("antidepressants while pregnant", "antidepressants while breastfeeding"),
    ("can i drink on mirtazapine", "can i drive on mirtazapine"),
    ("i missed a dose of sertraline", "i want to stop sertraline"),
    ("why did my antidepressant stop working", "how long do antidepressants take to work"),
    ("does sertraline cause weight gain", "how do i lose the weight from sertraline"),
    ("does tms hurt", "does tms work"),
    ("can ketamine be addictive", "are antidepressants addictive"),
]


@pytest.mark.parametrize(("one", "other"), OPPOSITES)
def test_opposite_questions_get_different_answers(answerer: Answerer, one: str, other: str) -> None:
    replies = [ask(answerer, text) for text in (one, other)]
    shown = [(row["kind"], row["entries"], row["facet"], row["choices"]) for row in replies]
    assert shown[0] != shown[1]
    assert any(row["kind"] in {"answer", "comparison"} for row in replies), "at least one of the two is answered"
