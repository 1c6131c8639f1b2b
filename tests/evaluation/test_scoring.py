"""Scoring: what a member got, and the shares and curves drawn from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.answering.pipeline import Answerer
from bot.errors import UsageError
from bot.evaluation.intervals import Share, wilson
from bot.evaluation.rows import QuestionRow, SafetyRow, Turn, read_rows
from bot.evaluation.scoring import COMPARE, Judged, judge, outcome, score


def reply(kind: str, entries: list[str] | None = None, **more: Any) -> dict[str, Any]:
    row = {"kind": kind, "entries": entries or [], "choices": [], "facet": None, "also": [], "confidence": 0.5}
    return {**row, **more}


IN = Turn("q", ("lithium", "ect"), None)
OUT = Turn("q", (), None)


@pytest.mark.parametrize(
    ("turn", "got", "style", "wanted"),
    [
        (IN, reply("answer", ["lithium"]), "plain", "right"),
        (IN, reply("answer", ["tms"]), "plain", "wrong"),
        (IN, reply("answer", ["tms", "lithium"]), "plain", "wrong"),
        (IN, reply("choices", choices=["tms", "ect"]), "plain", "offered"),
        (IN, reply("choices", choices=["tms"]), "plain", "declined"),
        (IN, reply("unknown"), "plain", "declined"),
        (IN, reply("support"), "plain", "declined"),
        (IN, reply("support", ["lithium"]), "plain", "right"),
        (IN, reply("comparison", ["ect", "lithium"]), COMPARE, "right"),
        (IN, reply("comparison", ["ect", "tms"]), COMPARE, "wrong"),
        (OUT, reply("answer", ["lithium"]), "plain", "answered"),
        (OUT, reply("choices", choices=["lithium"]), "plain", "asked"),
        (OUT, reply("redirect"), "plain", "declined"),
        (OUT, reply("silence"), "plain", "declined"),
        (OUT, reply("support"), "plain", "declined"),
    ],
)
def test_what_a_member_got(turn: Turn, got: dict[str, Any], style: str, wanted: str) -> None:
    assert outcome(turn, got, style) == wanted


def judged(turn: Turn, got: dict[str, Any], style: str = "plain", place: int = 0) -> Judged:
    return Judged(turn, style, place, outcome(turn, got, style), got)


def test_everything_is_counted() -> None:
    facet = Turn("q", ("lithium",), None)
    found = score(
        [
            judged(facet, reply("answer", ["lithium"], confidence=0.95)),
            judged(facet, reply("answer", ["tms"], confidence=0.85), place=1),
            judged(facet, reply("unknown"), style="typo"),
            judged(OUT, reply("answer", ["tms"], confidence=0.25)),
            judged(OUT, reply("unknown")),
        ]
    )
    assert {name: share.hits for name, share in found.in_scope.items()} == {
        "right": 1, "offered": 0, "wrong": 1, "declined": 1,
    }  # fmt: skip
    assert found.out_of_scope["answered"].value == 0.5
    assert (found.follow_ups.hits, found.follow_ups.total) == (0, 1)
    assert found.styles["typo"]["declined"].value == 1
    assert found.calibration_error == pytest.approx((0.05 + 0.85 + 0.25) / 3)
    assert [risk for _, risk, _ in found.curve] == pytest.approx([0, 1 / 2, 2 / 3])
    assert [coverage for coverage, *_ in found.curve] == pytest.approx([0.2, 0.4, 0.6])
    assert len(found.misses) == 3
    assert json.loads(json.dumps(found.data()))["in_scope"]["right"]["hits"] == 1


def test_nothing_to_count_is_no_fault() -> None:
    found = score([])
    assert (found.calibration_error, found.in_scope["right"].interval) == (0.0, (0.0, 1.0))


def test_the_interval_is_wilsons() -> None:
    """The textbook figures for 8 of 10 (Wilson 1927)."""
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(10, 10)
    assert low > 0.7
    assert high == pytest.approx(1.0)
    assert str(Share(8, 10)).startswith("0.800 (8/10")


def test_turns_of_a_conversation_are_asked_one_after_the_other(answerer: Answerer) -> None:
    turns = (Turn("what is tms", ("tms",), None), Turn("side effects?", ("tms",), None))
    found = list(judge(answerer, [QuestionRow(turns, "follow-up")]))
    assert [(one.place, one.outcome) for one in found] == [(0, "right"), (1, "right")]


def test_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"text": "a", "expect": ["x"], "facet": "cost" , "style": "plain"}\n'.replace('"cost" ', '"access"')
        + '\n{"turns": [{"text": "a", "expect": []}, {"text": "b", "expect": ["y"]}], "style": "follow-up"}\n'
        + '{"text": "c", "level": "crisis"}\n'
    )
    one, two, three = read_rows([path])
    assert isinstance(one, QuestionRow)
    assert one.turns[0].facet == "access"
    assert isinstance(two, QuestionRow)
    assert [turn.expect for turn in two.turns] == [(), ("y",)]
    assert three == SafetyRow("c", "crisis")


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('nonsense\n{"text": "a"}\n{"text": "a", "expect": [], "facet": "colour"}\n7\n')
    with pytest.raises(UsageError) as caught:
        read_rows([path])
    assert [place for place in range(1, 5) if f"rows.jsonl:{place}" not in str(caught.value)] == []
    with pytest.raises(UsageError, match=r"nowhere\.jsonl"):
        read_rows([tmp_path / "nowhere.jsonl"])


def test_a_row_that_is_a_list_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("[]\n")
    with pytest.raises(UsageError, match=r"rows\.jsonl:1"):
        read_rows([path])
