from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from matplotlib.image import imread

from bot.editing.upkeep import MonthCount
from bot.evaluation.insights import Insights, insights, insights_picture, insights_text
from bot.knowledge.loading import load_knowledge
from tests.editing.room import knowledge_folder

COUNTS = [
    MonthCount("2026-11", "reply", "answer", 120),
    MonthCount("2026-11", "reply", "comparison", 3),
    MonthCount("2026-11", "reply", "unknown", 4),
    MonthCount("2026-11", "reply", "silence", 999),
    MonthCount("2026-11", "topic", "lithium", 40),
    MonthCount("2026-11", "topic", "adding-lithium", 4),
    MonthCount("2026-11", "miss", "not-found", 7),
    MonthCount("2026-11", "helpful", "lithium/overview", 30),
    MonthCount("2026-11", "unclear", "lithium/overview", 2),
    MonthCount("2026-11", "false-alarm", "r1", 4),
    MonthCount("2026-10", "reply", "answer", 500),
]


@pytest.fixture
def found(tmp_path: Path) -> Insights:
    knowledge = load_knowledge(knowledge_folder(tmp_path / "knowledge").path).knowledge
    return insights(COUNTS, "2026-11", knowledge, date(2027, 6, 1))


def test_a_month_is_counted_and_small_counts_are_hidden(found: Insights) -> None:
    assert found.asked == 123, "what is hidden is in no total"
    assert (found.kinds["answered"], found.kinds["no answer"], found.kinds["asked back"]) == (123, None, 0)
    assert found.topics == (("Lithium", 40),)
    assert found.gaps == (("not found", 7),)
    assert found.false_alarms is None
    assert found.stale == ("Adding lithium", "Lithium")


def test_the_text_twin_tells_no_small_count_not_even_by_subtraction(found: Insights) -> None:
    text = insights_text(found)
    assert "November 2026: at least 123 questions." in text
    assert "no answer fewer than 5" in text
    assert "Ratings: helpful 30, not helpful fewer than 5." in text
    assert not {"127", "32", "94%"} & set(text.replace(".", " ").replace(",", " ").split())
    assert "Overdue for review: Adding lithium, Lithium." in text


def test_the_picture_is_a_png_with_its_text(found: Insights, tmp_path: Path) -> None:
    path = tmp_path / "month.png"
    assert insights_picture(found, path) == insights_text(found)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert b"at least 123 questions" in data


def test_whole_counts_are_told_with_their_total_and_share(tmp_path: Path) -> None:
    knowledge = load_knowledge(knowledge_folder(tmp_path / "knowledge").path).knowledge
    counts = [MonthCount("2026-11", "reply", "answer", 10), MonthCount("2026-11", "reply", "unknown", 5)]
    counts += [MonthCount("2026-11", "helpful", "lithium/overview", 6), MonthCount("2026-11", "unclear", "x/y", 6)]
    text = insights_text(insights(counts, "2026-11", knowledge, date(2026, 11, 30)))
    assert "November 2026: 15 questions." in text
    assert "helpful 6, not helpful 6 (50% helpful)" in text
    few = insights([MonthCount("2026-11", "reply", "answer", 2)], "2026-11", knowledge, date(2026, 11, 30))
    assert "November 2026: a few questions." in insights_text(few)


def test_whatever_pages_are_called_the_picture_is_drawn(found: Insights, tmp_path: Path) -> None:
    title = r"What it costs in $\nonsense{$"
    odd = replace(found, topics=((title, 9),), gaps=((title, 9),), stale=(title,) * 7, false_alarms=12)
    assert f"Overdue for review: {title}, " in insights_picture(odd, tmp_path / "odd.png")
    assert drawn(odd, tmp_path) == drawn(odd, tmp_path)
    assert drawn(odd, tmp_path) != drawn(replace(odd, false_alarms=13), tmp_path), "what has no bars stands in words"
    assert drawn(odd, tmp_path) != drawn(replace(odd, stale=()), tmp_path)


def drawn(found: Insights, folder: Path) -> bytes:
    """What is seen in the picture."""
    insights_picture(found, folder / "month.png")
    return imread(folder / "month.png").tobytes()


def test_the_picture_can_be_drawn_into_memory(found: Insights) -> None:
    held = io.BytesIO()
    insights_picture(found, held)
    assert held.getvalue().startswith(b"\x89PNG")


def test_an_empty_month_draws_too(tmp_path: Path) -> None:
    knowledge = load_knowledge(knowledge_folder(tmp_path / "knowledge").path).knowledge
    empty = insights([], "2026-12", knowledge, date(2026, 12, 1))
    assert "December 2026: 0 questions." in insights_picture(empty, tmp_path / "empty.png")
