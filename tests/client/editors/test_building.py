"""No index is built twice, and none is kept that would understand a message otherwise."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering.model import Answer
from bot.answering.pipeline import Answerer
from bot.answering.plain import plain
from bot.client.editors.building import Builder
from bot.editing.drafts import EntryForm, change_entry, signed
from bot.editing.model import Snapshot
from bot.editing.overlay import as_drafted
from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Facet, Knowledge, Reviewer
from bot.knowledge.safety import load_safety
from tests.client.editors.house import some_pages

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_pages(tmp_path_factory.mktemp("some") / "knowledge", ("lithium", "ect"))


@pytest.fixture(scope="module")
def serving(folder: Path) -> Answerer:
    return Answerer(load_knowledge(folder).knowledge, load_safety(folder / "safety"))


def changed(knowledge: Knowledge) -> Snapshot:
    form = EntryForm(facets={Facet.OVERVIEW: "Lithium is a salt that some people take [@nice-ng222]."})
    drafted = change_entry(knowledge.entries["lithium"], form, knowledge, NOW.date())
    assert drafted.snapshot is not None
    return drafted.snapshot


def test_what_was_measured_is_served_with_its_signature(folder: Path, serving: Answerer) -> None:
    builder = Builder(folder, serving)
    snapshot = changed(serving.knowledge)
    draft = builder.draft(as_drafted(serving.knowledge, snapshot))
    assert draft.mind is not serving.mind
    final = signed(snapshot, serving.knowledge.entries["lithium"], Reviewer.CLINICIAN, NOW.date())
    published = builder.build(as_drafted(serving.knowledge, final))
    assert published.mind is draft.mind, "nothing is built again"
    reply, _ = published.show("lithium", Facet.OVERVIEW, NOW)
    assert isinstance(reply, Answer)
    assert "some people take" in plain(reply)
    assert "clinician" in plain(reply).lower()
    assert published.revision != draft.revision


def test_another_way_of_asking_is_built_anew(folder: Path, serving: Answerer) -> None:
    builder = Builder(folder, serving)
    form = EntryForm(asks="\n".join((*serving.knowledge.entries["ect"].asks, "does a budgerigar squeak")))
    drafted = change_entry(serving.knowledge.entries["ect"], form, serving.knowledge, NOW.date())
    assert drafted.snapshot is not None
    assert builder.build(as_drafted(serving.knowledge, drafted.snapshot)).mind is not serving.mind


def test_changed_safety_data_are_built_anew(folder: Path, serving: Answerer, tmp_path: Path) -> None:
    assert Builder(folder, serving).build(serving.knowledge).mind is serving.mind
    shutil.copytree(folder / "safety", tmp_path / "safety")
    path = tmp_path / "safety" / "lines.yaml"
    path.write_text(path.read_text("utf-8").replace("988", "989"), encoding="utf-8")
    assert Builder(tmp_path, serving).build(serving.knowledge).mind is not serving.mind
