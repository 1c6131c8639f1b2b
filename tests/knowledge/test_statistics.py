"""Statistics count what a reader of the files would count."""

from __future__ import annotations

from pathlib import Path

from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Knowledge
from bot.knowledge.statistics import statistics
from tests.knowledge.examples import Folder


def test_the_example_folder_is_counted(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "knowledge")
    folder.append(
        "sources.yaml",
        "spare: {title: Spare, authors: A, publisher: P, year: 2020, url: null, kind: review, checked: read}\n",
    )
    knowledge = load_knowledge(folder.path).knowledge
    found = statistics(knowledge)
    assert found.revision == knowledge.revision
    assert found.entries == {"definition": 1, "strategy": 1}
    assert (found.facets, found.sentences) == (6, 9)
    assert (round(found.cited * 9), round(found.practice * 9), found.unmarked) == (8, 1, 0)
    assert (found.sources, found.sources_used, found.sources_read, found.sources_recalled) == (3, 2, 1, 1)
    assert (found.asks, found.aliases, found.one_sided_links) == (24, 2, 0)
    assert found.reviewed == {"none": 2, "editor": 0, "clinician": 0}
    assert 0 < found.overview_grade < 9


def test_figures_and_unmarked_sentences_are_counted(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "knowledge")
    path = folder.path / "definitions/lithium.yaml"
    path.write_text(
        path.read_text().replace("small trials [@nice-ng222].", "3 trials [@nice-ng222]. About 5 in 10 felt better.")
    )
    found = statistics(load_knowledge(folder.path).knowledge)
    assert (found.figures, found.figures_cited) == (2, 0.5)
    assert round(found.unmarked * found.sentences) == 1


def test_nothing_is_counted_as_nothing() -> None:
    found = statistics(Knowledge())
    assert (found.sentences, found.cited, found.overview_grade) == (0, 1.0, 0.0)
