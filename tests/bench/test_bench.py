"""The bench itself: a tiny run on a small knowledge gives every table, and only ratios can fail it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench.growth import Size, grown, ratios
from tests.bench.questions import load
from tests.knowledge.examples import Folder

ROWS = [
    {"text": "does lithium make your hands shake", "expect": ["lithium"], "facet": "side-effects", "style": "plain"},
    {"text": "boosting my antidepressant", "expect": ["adding-lithium"], "facet": None, "style": "plain"},
    {"text": "who won the match", "expect": [], "facet": None, "style": "plain"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Folder(tmp_path / "knowledge")
    made.write("trials/questions.jsonl", "\n".join(map(json.dumps, ROWS)))
    return made.path


def test_a_quick_run_measures_everything(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = bench.Extent((30, 60), asked=2, asked_slowly=1, judged=9, draws=1, starts=1)
    code = bench.main(["--quick", "--json", "--knowledge", str(folder), "--png", str(tmp_path / "growth.png")], tiny)
    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert {"speed", "growth", "accuracy", "ablation", "ratios"} == set(found)
    assert all(line["measured"] > 0 for line in found["speed"])
    assert [line["method"] for line in found["growth"]] == [line["method"] for line in found["accuracy"]]
    assert found["accuracy"][0]["right"] == 1.0
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")


def test_phrasings_grow_to_the_number_asked_for_and_are_the_same_each_time(folder: Path) -> None:
    knowledge = load(folder).knowledge
    first, again = grown(knowledge, 101), grown(knowledge, 101)
    assert sum(len(entry.asks) for entry in first.entries.values()) == 101
    assert first == again
    assert set(knowledge.entries["lithium"].asks) <= set(first.entries["lithium"].asks)


@pytest.mark.parametrize(("answer", "wratio", "holds"), [(0.002, 0.2, [True, True]), (0.006, 0.2, [False, False])])
def test_only_ratios_between_the_smallest_and_the_largest_size_are_judged(
    answer: float, wratio: float, holds: list[bool]
) -> None:
    small = Size(1_000, {"NextStep": (0.001, 0.001), "WRatio": (0.001, 0.001)})
    large = Size(100_000, {"NextStep": (answer, answer), "WRatio": (wratio, wratio)})
    assert [ratio.holds for ratio in ratios((small, large))] == holds
    assert ratios((small,)) == ()
