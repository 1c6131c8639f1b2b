"""The safety data: they load from anywhere, fall back part by part, and complain with file and line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.answering.model import Level
from bot.answering.screening import Screen, prove
from bot.knowledge.locating import packaged
from bot.knowledge.safety import check_safety, load_safety, stale_lines
from bot.knowledge.safety_constant import LAST_RESORT
from bot.knowledge.safety_model import Weights
from tests import shipped

SHARED_LINES = Path(__file__).resolve().parents[3] / "shared" / "crisis-lines.yaml"

FEW_WEIGHTS = '{"heads": ["alarm"], "bias": [0.5], "features": {}, "limits": {"alarm": 2.0}}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(packaged() / "safety", tmp_path / "safety")
    return tmp_path


def test_the_packaged_data_are_sound() -> None:
    safety = load_safety(None)
    assert safety.problems == ()
    assert check_safety(packaged()) == ()
    assert prove(safety) == ()


def test_a_missing_folder_gives_the_packaged_copy_and_says_so(tmp_path: Path) -> None:
    safety = load_safety(tmp_path / "nowhere")
    assert safety.problems
    assert safety.rules == shipped.safety().rules
    assert safety.lines == shipped.safety().lines


@pytest.mark.parametrize(
    "name", ["words.yaml", "replies.yaml", "lines.yaml", "barriers.yaml", "rules/suicide.yaml", "weights.json"]
)
@pytest.mark.parametrize("content", ["", "[", "a: {b: [}", "level: crisis", "- 1\n- 2\n", "\x00", "&a [*a]"])
def test_a_broken_file_costs_that_part_only(folder: Path, name: str, content: str) -> None:
    (folder / "safety" / "weights.json").write_text(FEW_WEIGHTS)
    (folder / "safety" / name).write_text(content)
    safety = load_safety(folder)
    weights = shipped.safety().weights if name == "weights.json" else Weights(("alarm",), {}, (0.5,), {"alarm": 2.0})
    assert safety.model_copy(update={"problems": ()}) == shipped.safety().model_copy(update={"weights": weights})
    assert len(safety.problems) == 1
    assert any(name.rsplit("/", 1)[-1] in str(problem) for problem in check_safety(folder))


def test_the_last_resort_hears_the_plainest_words_and_knows_where_to_turn() -> None:
    assert prove(LAST_RESORT) == ()
    screen = Screen(LAST_RESORT)
    assert screen.screen("I want to kill myself").level is Level.CRISIS
    assert screen.screen("i overdosed").level is Level.EMERGENCY
    assert screen.screen("what is lithium").level is Level.NONE
    assert LAST_RESORT.lines.international


def test_complaints_name_file_line_and_remedy(folder: Path) -> None:
    path = folder / "safety" / "rules" / "suicide.yaml"
    text = path.read_text().replace("level: crisis", "level: scary", 1)
    path.write_text(text)
    (problem,) = check_safety(folder)
    assert str(problem).startswith("knowledge/safety/rules/suicide.yaml:")
    assert text.splitlines()[problem.line - 1].strip() == "level: scary"
    assert problem.code == "S02"


def test_an_unknown_group_and_a_name_twice_are_named(folder: Path) -> None:
    path = folder / "safety" / "rules" / "suicide.yaml"
    extra = "- id: kill-myself\n  level: crisis\n  category: suicide\n  hears:\n  - '{nonsense} myself'\n"
    path.write_text(path.read_text() + extra)
    codes = {problem.code for problem in check_safety(folder)}
    assert codes == {"S03", "S04", "S05"}


def test_an_example_that_does_not_fire_is_a_complaint() -> None:
    safety = shipped.safety()
    rule = safety.rules[0].model_copy(update={"fires": ("what a lovely day",), "silent": ("i want to kill myself",)})
    complaints = prove(safety.model_copy(update={"rules": (rule, *safety.rules[1:])}))
    assert len(complaints) == 2
    assert all(rule.id in complaint for complaint in complaints)


def test_numbers_are_those_of_the_listing() -> None:
    if not SHARED_LINES.exists():
        pytest.skip("the list that the lines were taken from is not here")
    listed = yaml.safe_load(SHARED_LINES.read_text())
    ours = shipped.safety().lines
    assert [land.iso for land in ours.countries] == [land["iso"] for land in listed["countries"]]
    for land, theirs in zip(ours.countries, listed["countries"], strict=True):
        assert land.emergency.number == theirs["emergency"]["number"]
        assert land.emergency.ambulance == theirs["emergency"].get("ambulance")
        assert [(line.service, line.phone, line.text, line.chat) for line in land.lines] == [
            (line["service"], line.get("phone"), line.get("text"), line.get("chat")) for line in theirs.get("lines", [])
        ]


def test_lines_grow_stale_after_180_days() -> None:
    lines = shipped.safety().lines
    assert stale_lines(lines, date(2026, 12, 1)) == ()
    assert len(stale_lines(lines, date(2027, 6, 1))) == sum(len(land.lines) for land in lines.countries)
