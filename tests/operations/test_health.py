"""The health file: who writes what, and when the bot counts as well."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app
from bot.operations.health import Health, Heart, check_health, judge, write_health


def test_a_bot_that_was_heard_lately_is_well(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    write_health(path, Health(at=1000.0, latency=0.05, ticks=3))
    assert check_health(path, 1044.0).well
    assert not check_health(path, 1046.0).well
    assert [file.name for file in tmp_path.iterdir()] == ["health.json"]


def test_reconnecting_is_borne_for_two_minutes() -> None:
    assert judge(Health(1000.0, None, away=119.0), 1001.0).well
    assert not judge(Health(1000.0, None, away=121.0), 1001.0).well


def test_one_closed_connection_counts_as_away() -> None:
    assert not judge(Health(1000.0, 0.05, shards_closed=1, away=300.0), 1001.0).well
    assert judge(Health(1000.0, 0.05, shards_closed=1, away=20.0), 1001.0).well


def test_a_clock_set_back_an_hour_is_said_until_the_next_beat() -> None:
    before = Health(at=10_000.0, latency=0.05)
    assert "set back" in judge(before, 6400.0).said
    assert judge(Health(at=6405.0, latency=0.05), 6410.0).well


def test_the_heart_counts_how_long_discord_is_away_by_a_clock_that_nobody_sets() -> None:
    clock, wall = iter([0.0, 15.0, 30.0, 45.0, 60.0]), iter([9000.0, 5400.0, 5415.0, 5430.0])
    heart = Heart(clock=lambda: next(clock), now=lambda: next(wall))
    beats = [heart.beat(0.04, 0), heart.beat(math.nan, 0), heart.beat(math.inf, 1), heart.beat(0.04, 0)]
    assert [beat.away for beat in beats] == [0.0, 15.0, 30.0, 0.0]
    assert [beat.ticks for beat in beats] == [1, 2, 3, 4]
    assert [beat.connected for beat in beats] == [True, False, False, True]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "{}", '{"at": 1}', '{"at": "x"}', '{"at": NaN, "latency": null}', "[" * 9999]
)
def test_a_file_that_is_no_health_file_is_not_well(tmp_path: Path, content: str) -> None:
    path = tmp_path / "health.json"
    path.write_text(content)
    assert not check_health(path, 1000.0).well


@given(st.binary(max_size=200))
def test_any_bytes_are_judged_without_a_fault(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(content)
    assert not check_health(path, 1000.0).well


def test_the_command_ends_with_0_1_or_a_setting_to_make(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    path.write_text(json.dumps({"at": 1.0, "latency": 0.1, "shards_closed": 0, "ticks": 1, "away": 0}))
    old = CliRunner().invoke(app, ["health", str(path)])
    assert (old.exit_code, "seconds ago" in old.stdout) == (1, True)
    write_health(path, Heart().beat(0.1, 0))
    assert CliRunner().invoke(app, ["health"], env={"NEXTSTEP_HEALTH_FILE": str(path)}).exit_code == 0
    unset = CliRunner().invoke(app, ["health"], env={"NEXTSTEP_HEALTH_FILE": ""})
    assert "NEXTSTEP_HEALTH_FILE" in str(unset.exception)
