from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from bot.editing.drafts import EntryForm
from bot.editing.model import Place, Subject
from bot.editing.overlay import Standing, as_drafted
from bot.editing.publisher import Publisher
from bot.knowledge.model import Knowledge
from tests.editing.room import ANNA, BEN, LITHIUM, Room


async def test_serving_starts_from_files_and_published_edits(room: Room) -> None:
    await room.published()
    fresh = room.another_publisher(lambda _: None)
    assert (await fresh.start()).overlaid == room.publisher.now.overlaid


async def test_nothing_is_built_when_nothing_changes(room: Room) -> None:
    built: list[Knowledge] = []
    publisher = Publisher(room.files.path, room.edits, lambda one: built.append(one) or one)  # type: ignore[func-returns-value]
    await publisher.start()
    await publisher.refresh()
    await publisher.reload()
    assert len(built) == 1
    await publisher.refresh(anew=True)
    assert len(built) == 2


async def test_what_was_built_is_told_of_before_it_is_served(room: Room) -> None:
    told: list[tuple[str, bool]] = []

    async def built(knowledge: Knowledge) -> None:
        told.append((knowledge.revision, knowledge.revision == room.served.revision))

    async def nothing(_: object) -> None: ...

    room.publisher.connect(room.swapped.append, nothing, nothing, built)
    await room.published()
    assert told == [(room.served.revision, False)]
    await room.publisher.refresh()
    assert len(told) == 1, "nothing was built"


async def test_a_broken_file_keeps_the_last_good_knowledge_and_is_told(room: Room) -> None:
    before = room.served
    file = room.files.path / "definitions/lithium.yaml"
    good = file.read_text()
    file.write_text(good.replace("stakes: high", "stakes: enormous"))
    await room.publisher.reload()
    assert room.served == before
    assert any(sentence.startswith("knowledge/definitions/lithium.yaml:") for sentence in room.told)
    await room.published()
    assert "some people take" in room.said(), "editing goes on meanwhile"
    file.write_text(good)
    room.told.clear()
    await room.publisher.reload()
    assert room.told == []


async def test_an_edit_equal_to_its_file_is_redundant_and_harmless(room: Room) -> None:
    from bot.knowledge.writing import file_text

    edit = await room.published()
    assert edit.snapshot is not None
    value = room.served.entries["lithium"]
    room.files.write("definitions/lithium.yaml", file_text(value))
    revision = room.served.revision
    await room.publisher.reload()
    (flag,) = room.publisher.now.overlaid.flags
    assert (flag.standing, flag.needs_a_look) == (Standing.REDUNDANT, False)
    assert room.served.revision == revision


async def test_what_impact_is_measured_on_is_what_gets_served(room: Room) -> None:
    asks = "\n".join((*room.served.entries["lithium"].asks, "is the salt a vitamin"))
    edit = await room.desk.submit(room.draft(EntryForm(asks=asks)), ANNA)
    drafted = as_drafted(room.served, edit.content())
    assert drafted.revision != room.served.revision
    await room.desk.approve(edit, BEN, read=False)
    assert room.served == drafted


async def test_a_combination_stays_known_when_its_entry_is_hidden(room: Room) -> None:
    room.files.write(
        "combinations.yaml",
        "names: {ibuprofen: [ibuprofen, Advil]}\npairs:\n  - between: [lithium, ibuprofen]\n    severity: serious\n"
        "    text: >-\n      Ibuprofen raises lithium levels [@nhs-lithium].\n",
    )
    room.files.write("families.yaml", "- [lithium, adding-lithium]\n")
    await room.publisher.reload()
    await room.desk.hide(LITHIUM, BEN, "wrong")
    assert room.served.combinations.names["lithium"][0] == "Lithium"
    assert len(room.served.combinations.pairs) == 1
    assert room.served.families == ()


async def test_a_tombstone_file_hides_until_an_editor_shows(room: Room) -> None:
    room.files.write("hidden.yaml", "- {subject: entry, key: lithium, since: 2026-11-01, why: wrong}\n")
    await room.publisher.reload()
    assert "lithium" not in room.served.entries
    assert not any("hidden.yaml" in one for one in room.told)
    hidden = await room.desk.hide(LITHIUM, BEN, "kept in the database too")
    await room.desk.show(hidden, BEN)
    assert "lithium" in room.served.entries
    assert Place(Subject.ENTRY, "lithium") not in room.publisher.now.overlaid.hidden


async def test_changed_files_are_picked_up_by_themselves(room: Room) -> None:
    stop = asyncio.Event()
    watching = asyncio.create_task(room.publisher.watch(stop))
    file: Path = room.files.path / "definitions/lithium.yaml"
    try:
        async with asyncio.timeout(10):
            while "sometimes taken" not in room.said():
                # Written again until the watcher has started.
                file.write_text(file.read_text().replace("sometimes added", "sometimes taken") + "#\n")
                await asyncio.sleep(0.3)
    finally:
        stop.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(watching, 5)
    assert room.swapped[-1] == room.served
