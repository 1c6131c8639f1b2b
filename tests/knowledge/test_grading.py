"""Reading grades: syllables as spoken, marks and medicine names not held against a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.grading import grade, syllables
from bot.knowledge.prose import sentences


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1), ("people", 2), ("medicine", 3), ("helped", 1), ("treated", 2), ("sometimes", 2), ("little", 2),
        ("antidepressant", 5), ("trial", 2), ("anxiety", 4), ("serotonin", 4), ("symptoms", 2), ("side", 1),
        ("changes", 2), ("depression", 3), ("suicide", 3), ("criticism", 3), ("being", 2), ("usually", 4),
        ("rhythm", 2), ("UK", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_grade_is_flesch_and_kincaids() -> None:
    assert grade("The cat sat on the mat. The dog sat too [@a].") == pytest.approx(
        0.39 * 10 / 2 + 11.8 * 10 / 10 - 15.59
    )


def test_exempt_names_count_as_easy() -> None:
    text = "Desvenlafaxine helped [@a]."
    assert grade(text, {"desvenlafaxine"}) < grade(text)


@given(st.text(max_size=200))
def test_any_text_has_a_grade_and_sentences(text: str) -> None:
    assert isinstance(grade(text), float)
    assert "".join("".join(one.text for one in sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It helps [@a]. It can harm [practice].", 2),
        ("Dr. Lee and others, e.g. Nurses, agree [@a].", 1),
        ("In the U.S. Food and Drug law it is allowed [@a]. sertraline is common [@b].", 2),
        ("Does it help? Often [@a].", 2),
        ("It rose by 2.5 points vs. Placebo [@a].", 1),
        ("“It helped.” Some say so [@a].", 2),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, parts: int) -> None:
    assert len(sentences(text)) == parts
