"""Locating: the folder named, else the variable, else the copy that came along."""

from __future__ import annotations

from pathlib import Path

from bot.knowledge.loading import load_knowledge
from bot.knowledge.locating import locate, packaged


def test_the_folder_named_wins_over_the_variable_over_the_packaged_copy() -> None:
    environ = {"NEXTSTEP_KNOWLEDGE": "/elsewhere"}
    assert locate("named", environ) == Path("named")
    assert locate(None, environ) == Path("/elsewhere")
    assert locate(None, {"NEXTSTEP_KNOWLEDGE": " "}) == locate("", {}) == packaged()


def test_the_packaged_copy_can_be_loaded() -> None:
    assert "treatment-resistant-depression" in load_knowledge(packaged()).knowledge.entries
