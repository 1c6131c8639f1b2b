"""Loading: sound entries are kept, broken ones named with file and line, nothing raised."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.knowledge.loading import Loaded, load_knowledge, revise
from bot.knowledge.strict_yaml import LARGEST_FILE, parse
from tests.knowledge.examples import ENTRY, Folder

STAKES = ENTRY.partition("stakes:")[0].count("\n") + 1


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "knowledge")


def codes(loaded: Loaded) -> list[tuple[str, int, str]]:
    return [(problem.path, problem.line, problem.code) for problem in loaded.problems]


def test_a_sound_folder_loads_without_problems(folder: Folder) -> None:
    loaded = load_knowledge(folder.path)
    assert loaded.problems == ()
    assert list(loaded.knowledge.entries) == ["adding-lithium", "lithium"]
    assert loaded.knowledge.entries["lithium"].review.on is None
    assert loaded.knowledge.sources["nice-ng222"].year == 2022


def test_a_broken_entry_is_left_out_and_named_and_the_rest_serves(folder: Folder) -> None:
    folder.write("definitions/lithium.yaml", ENTRY.replace("stakes: high", "stakes: hihg"))
    loaded = load_knowledge(folder.path)
    assert list(loaded.knowledge.entries) == ["adding-lithium"]
    (problem,) = loaded.problems
    assert str(problem).startswith(
        f"knowledge/definitions/lithium.yaml:{STAKES} K06 'stakes' must be one of: 'low', 'medium'"
    )


@pytest.mark.parametrize(
    ("change", "lower", "code", "hint"),
    [
        ((b"title: Lithium", b"title: Lith\xffium"), 0, "K01", "UTF-8"),
        ((b"title: Lithium", b"title: Lith\xe2\x80\xaeium"), 0, "K01", "U+202E"),
        ((b"title: Lithium", b"title: Lith\x00ium"), 0, "K01", "U+0000"),
        ((b"title: Lithium", b'title: "Lith\\u202eium"'), 0, "K01", "escape"),
        ((b"title: Lithium", b"title: Lithium\t"), 0, "K02", "tab"),
        ((b"title: Lithium", b"title: Lithium: a salt"), 0, "K02", "quotes"),
        ((b"title: Lithium", b"title: &name Lithium"), 0, "K03", "anchor"),
        ((b"title: Lithium", b"title: *name"), 0, "K03", "alias"),
        ((b"title: Lithium", b"title: !!str Lithium"), 0, "K03", "tag"),
        ((b"title: Lithium", b"[a, b]: Lithium"), 0, "K03", "key"),
        ((b"title: Lithium", b"title: " + b"[" * 40 + b"]" * 40), 0, "K03", "nested"),
        ((b"title: Lithium", b"title: Lithium\ntitle: Salt"), 1, "K04", "first in line 4"),
        ((b"title: Lithium", b"titel: Lithium"), 0, "K05", "did you mean 'title'"),
        ((b"  overview:", b"  overveiw:"), 0, "K05", "did you mean 'overview'"),
        ((b"stakes: high\n", b""), -STAKES + 2, "K06", "'stakes' is missing"),
        ((b"written: 2026-11-23", b"written: 1795392000"), 0, "K06", "must be a day"),
        ((b"written: 2026-11-23", b"written: 2026-13-23"), 0, "K06", "must be a day"),
        ((b"aliases: [lithium carbonate, Priadel]", b"aliases: Priadel"), 0, "K06", "must be a list"),
        ((b"id: lithium", b"id: Lithium"), 0, "K06", "small letters"),
        ((b"kind: definition", b"kind: faq"), -1, "K08", "faqs/lithium.yaml"),
        ((b"id: lithium", b"id: lithium-salt"), 0, "K08", "definitions/lithium-salt.yaml"),
    ],
)
def test_every_problem_says_where_and_what_to_do(
    folder: Folder, change: tuple[bytes, bytes], lower: int, code: str, hint: str
) -> None:
    before, after = change
    line = ENTRY.encode().partition(before)[0].count(b"\n") + 1 + lower
    assert before in ENTRY.encode()
    folder.write("definitions/lithium.yaml", ENTRY.encode().replace(before, after, 1))
    loaded = load_knowledge(folder.path)
    assert ("knowledge/definitions/lithium.yaml", line, code) in codes(loaded)
    assert hint in " ".join(problem.message for problem in loaded.problems)
    assert "lithium" not in loaded.knowledge.entries


def test_all_problems_of_all_files_come_in_one_run(folder: Folder) -> None:
    folder.write(
        "definitions/lithium.yaml", ENTRY.replace("stakes: high", "stakes: x").replace("title: Lithium", "title: L")
    )
    folder.write("definitions/zinc.yaml", "- no entry\n")
    folder.write("definitions/note.txt", "hello")
    folder.write("source.yaml", "{}")
    folder.write("vocabulary.yaml", "facets: {overview: oops}\nlabels: {}\n")
    assert codes(load_knowledge(folder.path)) == [
        ("knowledge/definitions/lithium.yaml", 4, "K06"),
        ("knowledge/definitions/lithium.yaml", STAKES, "K06"),
        ("knowledge/definitions/note.txt", 1, "K08"),
        ("knowledge/definitions/zinc.yaml", 1, "K06"),
        ("knowledge/source.yaml", 1, "K08"),
        ("knowledge/vocabulary.yaml", 1, "K06"),
    ]


def test_broken_items_of_a_shared_file_leave_the_others(folder: Folder) -> None:
    folder.write("families.yaml", "- [lithium, adding-lithium]\n- [Not An Id]\n- [lithium]\n")
    folder.append("sources.yaml", "half:\n  title: Only a title\n")
    loaded = load_knowledge(folder.path)
    assert loaded.knowledge.families == (("lithium", "adding-lithium"), ("lithium",))
    assert "nice-ng222" in loaded.knowledge.sources
    assert "half" not in loaded.knowledge.sources
    assert {code for _, _, code in codes(loaded)} == {"K06"}


@pytest.mark.parametrize("missing", ["sources.yaml", "vocabulary.yaml", "look-alikes.yaml", "families.yaml"])
def test_a_missing_shared_file_is_a_problem_and_entries_still_serve(folder: Folder, missing: str) -> None:
    (folder.path / missing).unlink()
    loaded = load_knowledge(folder.path)
    assert codes(loaded) == [(f"knowledge/{missing}", 1, "K01")]
    assert "lithium" in loaded.knowledge.entries


@pytest.mark.parametrize("name", ["nowhere", "sources.yaml", "\0"])
def test_no_folder_is_an_empty_base_and_a_problem(folder: Folder, name: str) -> None:
    loaded = load_knowledge(folder.path / name)
    assert loaded.knowledge.entries == {}
    assert [problem.code for problem in loaded.problems] == ["K01"]
    assert "NEXTSTEP_KNOWLEDGE" in loaded.problems[0].message


def test_odd_things_in_the_place_of_files_are_problems(folder: Folder) -> None:
    os.mkfifo(folder.path / "definitions" / "pipe.yaml")
    (folder.path / "definitions" / "folder.yaml").mkdir()
    (folder.path / "definitions" / "dangling.yaml").symlink_to("nowhere.yaml")
    folder.write("definitions/huge.yaml", "x" * (LARGEST_FILE + 1))
    folder.write("definitions/empty.yaml", "")
    found = {path.rpartition("/")[2]: code for path, _, code in codes(load_knowledge(folder.path))}
    assert found == {
        "pipe.yaml": "K01",
        "folder.yaml": "K01",
        "dangling.yaml": "K01",
        "huge.yaml": "K01",
        "empty.yaml": "K06",
    }


def test_scalars_stay_what_was_written() -> None:
    text = b"on: off\nyes: no\nn: 1e3\nday: 2026-11-23\nnothing: null\nempty:\nhex: 0x1F\ntime: 12:30\n"
    assert parse(text, "x").value == {
        "on": "off",
        "yes": "no",
        "n": "1e3",
        "day": "2026-11-23",
        "nothing": "null",
        "empty": "",
        "hex": "0x1F",
        "time": "12:30",
    }


def test_deep_nesting_is_refused_quickly() -> None:
    document = parse(b"[" * 200_000, "x")
    assert document.problem is not None
    assert document.problem.code == "K03"


def test_the_revision_names_the_content_alone(folder: Folder) -> None:
    before = load_knowledge(folder.path).knowledge
    folder.write(
        "definitions/lithium.yaml",
        ENTRY.replace("kind: definition\ntitle: Lithium\n", "title:   'Lithium'\nkind: definition\n"),
    )
    assert load_knowledge(folder.path).knowledge.revision == before.revision
    folder.write("definitions/lithium.yaml", ENTRY.replace("title: Lithium", "title: Lithium salts"))
    changed = load_knowledge(folder.path).knowledge
    assert changed.revision != before.revision
    assert revise(changed.model_copy(update={"entries": before.entries})).revision == before.revision


def test_facets_stand_in_the_order_that_members_see(folder: Folder) -> None:
    entry = load_knowledge(folder.path).knowledge.entries["lithium"]
    assert [facet.value for facet in entry.facets] == ["overview", "evidence", "side-effects"]


def yaml_like() -> st.SearchStrategy[bytes]:
    """Text that is nearly an entry: its lines dropped, doubled, reordered, and cut."""
    return (
        st.lists(st.sampled_from(ENTRY.splitlines()), max_size=30)
        .map("\n".join)
        .flatmap(lambda text: st.integers(0, len(text)).map(lambda cut: text[:cut].encode()))
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode), yaml_like()))
def test_no_content_raises(folder: Folder, content: bytes) -> None:
    folder.write("definitions/lithium.yaml", content)
    folder.write("families.yaml", content)
    loaded = load_knowledge(folder.path)
    assert "adding-lithium" in loaded.knowledge.entries
