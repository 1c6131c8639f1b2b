"""Killed at random moments during edit traffic: nothing that was acknowledged is lost, nothing is half there."""

from __future__ import annotations

from pathlib import Path

from tests.soak.edits_crash import soak

KILLS = 20


def test_no_kill_loses_or_halves_an_edit(tmp_path: Path) -> None:
    steps, wrong = soak(KILLS, tmp_path)
    assert wrong == []
    assert steps > KILLS, "the children hardly got to work"
