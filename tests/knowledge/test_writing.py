"""Writing: one canonical form, stable byte for byte, that loses nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import KnowledgeError
from bot.knowledge.model import Certainty, Entry, Facet, Kind, Review, Reviewer, Stakes
from bot.knowledge.reading import read_entry
from bot.knowledge.writing import entry_text, format_folder, format_text
from tests.knowledge.examples import ENTRY, SOURCES, STRATEGY, Folder

WORDS = st.text(
    st.sampled_from(list("ab Zé9.:#-'\"\\[]{},&*!|>%@`?~=…🙂\n")) | st.characters(categories=["L", "N", "P", "S"]),
    max_size=60,
).map(str.strip)
NAMES = WORDS.map(lambda text: text.replace("\n", " ")).filter(lambda text: 2 <= len(text) <= 60)
IDS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)
TRICKY = st.sampled_from(
    ["null", "no", "on", "1e3", "0x1F", "2026-11-23", "- a", "a: b", "a #b", "'", '"', "---", "a\nb", "a  b", "x " * 90]
)
PROSE = (WORDS | TRICKY | st.lists(NAMES, min_size=1, max_size=30).map(" ".join)).map(str.strip).filter(bool)
DAYS = st.dates(date(2000, 1, 1), date(2099, 1, 1))
ENTRIES = st.builds(
    Entry,
    id=IDS,
    kind=st.sampled_from(Kind),
    title=NAMES,
    aliases=st.lists(NAMES | st.sampled_from(["no", "1e3", "null"]), max_size=8).map(tuple),
    asks=st.lists(NAMES | TRICKY.map(str.strip), max_size=5).map(tuple),
    facets=st.dictionaries(st.sampled_from(Facet), PROSE, max_size=4),
    certainty=st.none() | st.sampled_from(Certainty),
    regions=st.dictionaries(st.sampled_from(["US", "GB", "NO"]), PROSE, max_size=2),
    notices=st.lists(IDS, max_size=3).map(tuple),
    stakes=st.sampled_from(Stakes),
    related=st.lists(IDS, max_size=12).map(tuple),
    written=DAYS,
    review=st.builds(Review, by=st.sampled_from(Reviewer), on=st.none() | DAYS, due=DAYS),
)


@settings(max_examples=150, deadline=None)
@given(entry=ENTRIES)
def test_an_entry_survives_writing_and_reading(entry: Entry) -> None:
    text = entry_text(entry)
    again, problems = read_entry(text, "x")
    assert problems == ()
    assert again == entry
    assert entry_text(again) == text
    assert format_text(text, "definitions/x.yaml") == text


@pytest.mark.parametrize(("text", "path"), [(STRATEGY, "strategies/a.yaml"), ("# a note\n" + SOURCES, "sources.yaml")])
def test_formatting_twice_changes_nothing_more(text: str, path: str) -> None:
    once = format_text(text, path)
    assert format_text(once, path) == once


def test_the_form_is_readable() -> None:
    lines = format_text(ENTRY, "definitions/lithium.yaml").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../schema/entry.json"
    assert lines[4] == "aliases: [lithium carbonate, Priadel]"
    assert lines[6] == "  - isn't lithium only for bipolar?"
    assert "  overview: >-\n    Lithium is" in "\n".join(lines)
    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line.startswith("  ") and line.endswith(">-")] == [
        "  overview: >-",
        "  evidence: >-",
        "  side-effects: >-",
        "  GB: >-",
    ]
    assert "notices" not in "".join(lines)


def test_comments_at_the_top_stay_and_others_go() -> None:
    text = "# kept\n" + SOURCES.replace("  year: 2022", "  # gone\n  year: 2022")
    assert format_text(text, "knowledge/sources.yaml").splitlines()[:3] == [
        "# yaml-language-server: $schema=schema/sources.json",
        "# kept",
        "nhs-lithium:",
    ]
    assert "gone" not in format_text(text, "knowledge/sources.yaml")


def test_lists_and_prose_of_shared_files() -> None:
    pairs = "pairs:\n- {between: [maoi, ssri], severity: contraindicated, text: 'Not together [@a].'}\n"
    combinations = pairs + "members: {ssri: [sertraline]}\n"
    assert format_text(combinations, "combinations.yaml").splitlines()[1:] == [
        "members:",
        "  ssri: [sertraline]",
        "pairs:",
        "  - between: [maoi, ssri]",
        "    severity: contraindicated",
        "    text: >-",
        "      Not together [@a].",
    ]
    notices = "- {id: a-b, title: A, text: B, facets: [overview]}\n"
    assert format_text(notices, "notices.yaml").splitlines()[1:] == [
        "- id: a-b",
        "  title: A",
        "  text: >-",
        "    B",
        "  facets: [overview]",
    ]


def test_a_broken_file_is_named_and_not_touched() -> None:
    with pytest.raises(KnowledgeError, match=r"definitions/lithium\.yaml:4 K05 'titel'"):
        format_text(ENTRY.replace("title:", "titel:"), "knowledge/definitions/lithium.yaml")


def test_files_laid_out_by_hand_are_left_alone() -> None:
    assert format_text("a:   b", "knowledge/vocabulary.yaml") == "a:   b"


def test_a_folder_is_formatted_and_broken_files_are_named(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "knowledge")
    folder.write("definitions/zinc.yaml", "id: zinc")
    folder.write("definitions/latin.yaml", b"title: \xff")
    loose = folder.path / "strategies/adding-lithium.yaml"
    folder.write("strategies/adding-lithium.yaml", STRATEGY.replace("kind: strategy\n", "kind:   'strategy'\n"))
    with pytest.raises(KnowledgeError, match=r"latin\.yaml:1 K01(.|\n)*zinc\.yaml:1 K06"):
        format_folder(folder.path, write=False)
    assert loose.read_text() != STRATEGY
    with pytest.raises(KnowledgeError):
        format_folder(folder.path)
    assert loose.read_text() == STRATEGY
    (folder.path / "definitions/zinc.yaml").unlink()
    (folder.path / "definitions/latin.yaml").unlink()
    assert format_folder(folder.path) == ()


def test_the_pages_of_combinations_stay_when_they_are_formatted() -> None:
    text = "names:\n  zinc: [zinc]\npages:\n  zinc: lithium\n"
    assert text in format_text(text, "combinations.yaml")
