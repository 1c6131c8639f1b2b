from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.editing.drafts import EntryForm, RedirectForm, SourceForm, change_redirect, retire
from bot.editing.exporting import Change, export, export_changes, proven, write_changes
from bot.editing.publisher import Publisher
from bot.errors import EditError
from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Facet
from bot.knowledge.problems import Gravity
from bot.knowledge.rules import check
from bot.knowledge.writing import format_folder
from tests.editing.room import ADDING, ANNA, BEN, DOSE, LITHIUM, Room

TODAY = date(2026, 11, 24)


async def changes(room: Room) -> tuple[Change, ...]:
    return export_changes(room.files.path, await room.edits.standing(), await room.edits.lifted())


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.yaml")}


def errors(folder: Path) -> list[str]:
    return [str(one) for one in check(folder, TODAY) if one.severity is Gravity.ERROR]


async def test_only_changed_entries_are_written_and_pass_the_check(room: Room) -> None:
    format_folder(room.files.path)
    file = room.files.path / "definitions/lithium.yaml"
    file.write_text(file.read_text().replace("json\n", "json\n# kept by hand\n", 1))
    await room.publisher.reload()
    before = contents(room.files.path)
    await room.published()
    export(room.files.path, await changes(room), TODAY)
    after = contents(room.files.path)
    assert [path for path in after if after[path] != before.get(path)] == ["definitions/lithium.yaml"]
    assert "# kept by hand" in after["definitions/lithium.yaml"]
    assert errors(room.files.path) == []
    assert format_folder(room.files.path, write=False) == ()
    assert load_knowledge(room.files.path).knowledge.entries == room.served.entries
    assert await changes(room) == ()


async def test_new_sources_and_promised_questions_go_along(room: Room) -> None:
    source = SourceForm("Lithium in later life", "A. Author", "Age Journal", "2024")
    form = EntryForm(facets={Facet.TIMELINE: "Lithium takes two weeks [@age-journal-2024]."}, sources=(source,))
    trials = ["how soon is the salt felt", "how soon is the salt felt"]
    edit = await room.desk.submit(room.draft(form), ANNA, trials=trials)
    await room.desk.approve(edit, BEN, read=True)
    found = await changes(room)
    assert {one.path for one in found} == {"definitions/lithium.yaml", "sources.yaml", "trials/editors.jsonl"}
    export(room.files.path, found, TODAY)
    (row,) = (room.files.path / "trials/editors.jsonl").read_text().splitlines()
    assert json.loads(row) == {"text": trials[0], "expect": ["lithium"], "facet": None, "style": "editors"}
    assert errors(room.files.path) == []
    assert await changes(room) == ()


async def test_retired_entries_leave_no_loose_ends(room: Room) -> None:
    room.files.write("families.yaml", "# kept\n- [lithium, adding-lithium]\n")
    synonyms = "synonyms:\n  salty: [lithium, salt]\n"
    nicknames = "nicknames:\n  adding-lithium: [the add on]\n"
    room.files.append("vocabulary.yaml", f"{synonyms}ambiguous:\n  the salt: [lithium, adding-lithium]\n")
    room.files.append("vocabulary.yaml", f"{nicknames}  lithium: [the metal]\n")
    near = "known_not_covered:\n  - {name: valproate, aka: [Depakote], what: a mood stabilizer, nearest: lithium}\n"
    room.files.write("look-alikes.yaml", near)
    await room.publisher.reload()
    edit = await room.desk.submit(retire(LITHIUM, room.desk.knowledge, TODAY), ANNA)
    await room.desk.approve(edit, BEN, read=False)
    export(room.files.path, await changes(room), TODAY)
    files = contents(room.files.path)
    assert "definitions/lithium.yaml" not in files
    assert "related:" not in files["strategies/adding-lithium.yaml"]
    assert "related:" not in files["redirects/personal-dose.yaml"]
    assert files["families.yaml"] == "# kept\n[]\n"
    assert files["look-alikes.yaml"] == near.replace("nearest: lithium", "nearest: null")
    assert "the salt" not in files["vocabulary.yaml"]
    assert files["vocabulary.yaml"].endswith(nicknames)
    assert synonyms in files["vocabulary.yaml"], "words that are no pages stay"
    assert errors(room.files.path) == []
    assert load_knowledge(room.files.path).knowledge.entries == room.served.entries


COMBINED = """\
# yaml-language-server: $schema=schema/combinations.json
# kept
names:
  ibuprofen: [ibuprofen, Advil]
  lithium: [{names}]
pages:
  ibuprofen: adding-lithium
pairs:
  - between: [lithium, ibuprofen]
    severity: caution
    text: >-
      Ibuprofen can raise lithium in the blood [@nice-ng222].
"""


async def test_a_retired_medicine_stays_known_to_what_it_is_combined_with(room: Room) -> None:
    before = COMBINED.replace("  lithium: [{names}]\n", "")
    room.files.write("combinations.yaml", before)
    await room.publisher.reload()
    assert room.publisher.now.problems == ()
    edit = await room.desk.submit(retire(LITHIUM, room.desk.knowledge, TODAY), ANNA)
    await room.desk.approve(edit, BEN, read=False)
    names = room.served.combinations.names["lithium"]
    assert names[0] == "Lithium"
    export(room.files.path, await changes(room), TODAY)
    written = contents(room.files.path)["combinations.yaml"]
    assert written == COMBINED.replace("{names}", ", ".join(names))
    assert errors(room.files.path) == []
    assert load_knowledge(room.files.path).knowledge.combinations == room.served.combinations
    await room.publisher.reload()
    edit = await room.desk.submit(retire(ADDING, room.desk.knowledge, TODAY), ANNA)
    await room.desk.approve(edit, BEN, read=False)
    export(room.files.path, await changes(room), TODAY)
    assert "pages" not in contents(room.files.path)["combinations.yaml"]


async def test_redirects_are_exported_too(room: Room) -> None:
    redirect = room.desk.knowledge.redirects[DOSE.key]
    form = RedirectForm(asks="\n".join((*redirect.asks, "how many for me")))
    edit = await room.desk.submit(change_redirect(redirect, form, room.desk.knowledge, TODAY), ANNA)
    await room.desk.approve(edit, BEN, read=False)
    export(room.files.path, await changes(room), TODAY)
    assert "- how many for me\n" in contents(room.files.path)["redirects/personal-dose.yaml"]
    assert await changes(room) == ()


async def test_a_hidden_entry_survives_export_and_deploy(room: Room, tmp_path: Path) -> None:
    await room.desk.hide(LITHIUM, ANNA, 'says "wrong": things')
    export(room.files.path, await changes(room), TODAY)
    assert errors(room.files.path) == []

    class Empty:
        async def standing(self) -> tuple[()]:
            return ()

        async def lifted(self) -> frozenset[object]:
            return frozenset()

    elsewhere = Publisher(room.files.path, Empty(), lambda one: one)  # type: ignore[arg-type]
    await elsewhere.start()
    assert "lithium" not in elsewhere.now.answerer.entries
    (hidden,) = await room.edits.standing()
    await room.desk.show(hidden, BEN)
    export(room.files.path, await changes(room), TODAY)
    assert not (room.files.path / "hidden.yaml").exists()


async def test_what_would_not_pass_is_not_written(room: Room) -> None:
    await room.published()
    found = await changes(room)
    bad = (*found, Change("strategies/adding-lithium.yaml", "", "id: nonsense\n"))
    before = contents(room.files.path)
    assert proven(room.files.path, bad, TODAY)
    with pytest.raises(EditError, match=r"strategies/adding-lithium.yaml:.*\n(.*\n)*Nothing was written"):
        export(room.files.path, bad, TODAY)
    assert contents(room.files.path) == before
    write_changes(room.files.path, found)
    assert contents(room.files.path) != before
