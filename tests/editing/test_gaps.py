from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from bot.editing.gaps import answer_with, asks_from, not_ours, ranked
from bot.errors import EditError
from bot.knowledge.model import Entry, Redirect
from tests.editing.room import Room

TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Question:
    id: int
    text: str
    nearest: str = ""
    at: int = 0


@dataclass(frozen=True)
class Group:
    members: tuple[int, ...]
    nearest: str
    likely: float = 0.5


@dataclass(frozen=True)
class Count:
    nearest: str
    count: int


def test_gaps_are_ranked_by_what_was_sent_and_what_was_only_counted() -> None:
    sent = [Question(7, "salt and sport", "lithium"), Question(8, "magnets at home", "tms")]
    sent.append(Question(9, "salt and running", "quetiapine"))
    gaps = ranked(
        sent,
        [Group((0, 2), "lithium"), Group((1,), "tms")],
        [Count("tms", 40), Count("lithium", 2), Count("", 5), Count("ect", 9), Count("quetiapine", 1)],
    )
    assert [gap.nearest for gap in gaps] == ["tms", "ect", "lithium"]
    assert gaps[0].uncounted == 39
    assert gaps[2].questions == (7, 9)
    assert gaps[2].uncounted == 1
    assert gaps[1].questions == ()


def test_asks_lose_the_marks_of_scrubbing() -> None:
    assert asks_from(["can [name]  take it at [number] pm", "can they take it at pm"]) == ("can they take it at pm",)
    assert asks_from(["[link]"]) == ()


async def test_a_question_becomes_an_ask_of_an_entry_or_a_redirect(room: Room) -> None:
    drafted = answer_with("lithium", ["does salt in food change it"], room.desk.knowledge, TODAY)
    assert drafted.ready, drafted.complaints
    assert drafted.snapshot is not None
    assert isinstance(drafted.snapshot.value, Entry)
    assert drafted.snapshot.value.asks[-1] == "does salt in food change it"
    refused = not_ours("personal-dose", ["may we have seven at once"], room.desk.knowledge, TODAY)
    assert refused.ready, refused.complaints
    assert refused.snapshot is not None
    assert isinstance(refused.snapshot.value, Redirect)
    assert refused.snapshot.value.asks[-1] == "may we have seven at once"
    assert asks_from(["a b", "a b"]) == ("a b",)


async def test_an_ask_that_another_page_has_is_complained_about(room: Room) -> None:
    taken = answer_with("lithium", ["boosting an antidepressant"], room.desk.knowledge, TODAY)
    assert "adding-lithium" in str(taken.grave[0])
    with pytest.raises(EditError, match="no entry nowhere"):
        answer_with("nowhere", ["x"], room.desk.knowledge, TODAY)
    with pytest.raises(EditError, match="no redirect nowhere"):
        not_ours("nowhere", ["x"], room.desk.knowledge, TODAY)
