"""The batch protocol: rows in, rows out."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.model import Mode, Silence
from bot.answering.pipeline import Answerer
from bot.answering.protocol import question_from, to_row
from bot.errors import UsageError
from tests.talk import NOW, ask

KEYS = {
    "kind", "entries", "facet", "confidence", "choices", "also", "level", "category", "lines", "text", "sources",
    "notices", "why", "revision",
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["text", "mode", "country", "conversation", "at"])


def test_only_the_text_is_needed() -> None:
    question, name = question_from({"text": "hi"}, NOW)
    assert (question.text, question.now, question.mode, question.country, name) == (
        "hi",
        NOW,
        Mode.ADDRESSED,
        None,
        None,
    )


def test_everything_may_be_said() -> None:
    data = {"text": "hi", "conversation": "c1", "country": "gb", "mode": "overheard", "at": "2026-11-23T10:00:00Z"}
    question, name = question_from(data, datetime(2000, 1, 1, tzinfo=UTC))
    assert (question.now, question.mode, question.country, name) == (NOW, Mode.OVERHEARD, "GB", "c1")


def test_a_time_without_a_zone_is_utc() -> None:
    question, _ = question_from({"text": "hi", "at": "2026-11-23T10:00:00"}, NOW)
    assert question.now == NOW


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ([], "text"),
        (None, "text"),
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": "x", "mode": "loud"}, "mode"),
        ({"text": "x", "mode": ["addressed"]}, "mode"),
        ({"text": "x", "country": "GBR"}, "country"),
        ({"text": "x", "country": 44}, "country"),
        ({"text": "x", "conversation": 1}, "conversation"),
        ({"text": "x", "at": "soon"}, "at"),
        ({"text": "x", "at": 5}, "at"),
    ],
)
def test_a_bad_row_is_told_what_is_wrong(data: Any, named: str) -> None:
    with pytest.raises(UsageError, match=f'"{named}"'):
        question_from(data, NOW)


@given(data=JSON | st.dictionaries(FIELDS, JSON).map(lambda row: {"text": "x", **row}))
def test_any_row_is_a_question_or_a_usage_error(data: Any) -> None:
    with suppress(UsageError):
        question, name = question_from(data, NOW)
        assert isinstance(question.text, str)
        assert question.now.tzinfo is not None
        assert name is None or isinstance(name, str)


@pytest.mark.parametrize("text", ["what is lithium", "tms or ect", "hi", "i want to end it tonight", "zzz", ""])
def test_every_reply_has_the_same_keys(answerer: Answerer, text: str) -> None:
    row = ask(answerer, text)
    assert set(row) == KEYS
    assert row["revision"] == answerer.revision


def test_silence_says_nothing() -> None:
    row = to_row(Silence(reason="overheard"), "r")
    assert (row["kind"], row["text"], row["entries"], row["level"]) == ("silence", "", [], "none")
