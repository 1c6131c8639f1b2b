"""Wiring: answerers from folders, and the bounded memory of conversations."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.answering.model import NEW, Answer, Question, Support, Unknown
from bot.app import Conversations, build, serve
from tests.small import make_folder
from tests.talk import NOW, ask


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_small_folder_is_served(tmp_path: Path) -> None:
    served = serve(make_folder(tmp_path / "knowledge").path)
    row = ask(served.answerer, "does lithium make your hands shake")
    assert (row["kind"], row["entries"]) == ("answer", ["lithium"])
    assert served.folder == tmp_path / "knowledge"


def test_a_compiled_copy_answers_alike(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "knowledge").path
    first, again = serve(folder), serve(folder)
    assert len(list((tmp_path / "cache" / "nextstep").glob("*.pickle"))) == 1
    for text in ("what is lithium", "lithium and ibuprofen", "no idea", "hello"):
        assert ask(first.answerer, text) == ask(again.answerer, text)


def test_a_copy_made_of_an_equal_folder_elsewhere_does_not_lead_there(tmp_path: Path) -> None:
    serve(make_folder(tmp_path / "before").path)
    shutil.move(tmp_path / "before", tmp_path / "after")
    assert serve(tmp_path / "after").folder == tmp_path / "after"
    assert len(list((tmp_path / "cache" / "nextstep").glob("*.pickle"))) == 1


def test_a_broken_entry_is_left_out_and_named(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "knowledge")
    folder.write("definitions/tms.yaml", "id: tms\nkind: definition\ntitle: [")
    served = build(folder.path)
    assert ask(served.answerer, "what is lithium")["entries"] == ["lithium"]
    assert [problem for problem in served.problems if "definitions/tms.yaml" in problem]


def test_a_folder_that_does_not_exist_still_answers_a_crisis(tmp_path: Path) -> None:
    served = serve(tmp_path / "nowhere")
    assert served.problems
    assert isinstance(served.answerer.reply(Question("i want to end it tonight", NOW))[0], Support)
    assert isinstance(served.answerer.reply(Question("what is lithium", NOW))[0], Unknown)


def test_a_hidden_entry_is_not_answered(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "knowledge")
    folder.write("hidden.yaml", "- {subject: entry, key: lithium, since: 2026-11-23, why: wrong}\n")
    answerer = build(folder.path).answerer
    assert set(answerer.knowledge.entries) == {"adding-lithium"}
    assert ask(answerer, "what is lithium")["entries"] != ["lithium"]


def test_conversations_are_kept_apart_and_bounded(tmp_path: Path) -> None:
    answerer = serve(make_folder(tmp_path / "knowledge").path).answerer
    kept = Conversations(limit=2)
    assert isinstance(kept.reply(answerer, Question("what is lithium", NOW), "ann"), Answer)
    kept.reply(answerer, Question("hello", NOW), "bob")
    assert kept.get("ann").topics == ("lithium",)
    assert kept.get("bob").topics == ()
    kept.reply(answerer, Question("hello", NOW), "cem")
    assert len(kept) == 2
    assert kept.get("ann") == NEW
    kept.forget("bob")
    kept.forget("bob")
    assert len(kept) == 1


def test_without_a_name_nothing_is_remembered(tmp_path: Path) -> None:
    answerer = serve(make_folder(tmp_path / "knowledge").path).answerer
    kept = Conversations()
    kept.reply(answerer, Question("what is lithium", NOW), None)
    assert len(kept) == 0
