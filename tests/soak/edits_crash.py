"""Kills a process at random moments while it edits, and looks at what is left.

``python -m tests.soak.edits_crash 200`` does it two hundred times. The child says each step only after the call gave
back; whatever it said must be there afterwards, nothing may be half there, and what is served must be what the
database says.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.editing.drafts import EntryForm, retire
from bot.editing.model import Actor, Edit, Place, value_in
from bot.editing.overlay import overlay
from bot.editing.states import Role, State, Step, after
from bot.errors import EditError
from bot.knowledge.loading import load_knowledge
from bot.storage.database import Database, open_database
from bot.storage.edits import Edits
from tests.editing.room import ADDING, LITHIUM, Room, knowledge_folder
from tests.knowledge.examples import Folder

_MOST_STEPS = 6
AUTHOR, EDITOR = Actor("author", Role.EDITOR), Actor("editor", Role.EDITOR)


# --- the child: edits without end, and says what was acknowledged -----------------------------------------------------


async def traffic(home: Path, seed: int) -> None:
    """Edit at random until killed."""
    chance = random.Random(seed)
    database = await open_database(home / "bot.db")
    room = Room(_existing(home), database)
    await room.publisher.start()
    say("ready", 0, "", "")
    while True:
        place = chance.choice((LITHIUM, ADDING))
        try:
            await _one_edit(room, place, chance)
        except EditError:
            continue


async def _one_edit(room: Room, place: Place, chance: random.Random) -> None:
    desk = room.desk
    if place.key not in desk.knowledge.entries:
        await _brought_back(room, place)
    asks = desk.knowledge.entries[place.key].asks
    number = chance.randrange(10**9)
    form = EntryForm(asks="\n".join((*asks[:14], f"what about {number} of {place.key}")))
    edit = told(await desk.begin(room.draft(form, place.key), AUTHOR))
    edit = told(await desk.propose(edit, AUTHOR))
    match chance.randrange(9):
        case 0:
            told(await desk.decline(edit, EDITOR, "no"))
        case 1:
            told(await desk.take_back(edit, AUTHOR))
        case 2:
            hidden = told(await desk.hide(place, EDITOR, "wrong"))
            told(await desk.show(hidden, EDITOR))
        case 3:
            edit = told(await desk.approve(edit, EDITOR, read=True))
            told(await desk.revert(edit, EDITOR, "worse"))
        case 4:
            told(await desk.decline(edit, EDITOR, "it goes"))
            gone = told(await desk.submit(retire(place, desk.knowledge, room.clock().date()), AUTHOR, "sold"))
            told(await desk.approve(gone, EDITOR, read=False))
        case _:
            told(await desk.approve(edit, EDITOR, read=True))


async def _brought_back(room: Room, place: Place) -> None:
    """A page that was taken out, as it was before."""
    (gone,) = [one for one in await room.desk.store.standing() if one.place == place and one.state is State.PUBLISHED]
    told(await room.desk.revert(gone, EDITOR, "missed"))


def told(edit: Edit) -> Edit:
    """Say that a step was acknowledged."""
    say(edit.state.value, edit.id, edit.content().hash, str(edit.version))
    return edit


def say(state: str, number: int, content: str, version: str) -> None:
    os.write(1, (json.dumps([state, number, content, version]) + "\n").encode())


# --- the parent: kills, and looks ---------------------------------------------------------------------------------


def kill_once(home: Path, seed: int) -> list[list[Any]]:
    """Let a child take some steps and work on for a random time, kill it, and give back what it said."""
    reading, writing = os.pipe()
    child = multiprocessing.get_context("fork").Process(target=_child, args=(home, seed, writing))
    child.start()
    os.close(writing)
    with os.fdopen(reading) as said:
        first = said.readline()
        assert json.loads(first)[0] == "ready", first
        chance = random.Random(seed)
        some = [said.readline() for _ in range(chance.randrange(_MOST_STEPS))]
        time.sleep(chance.uniform(0.0, 0.05))
        child.kill()
        rest = [*some, *said.read().splitlines(keepends=True)]
    child.join()
    return [json.loads(line) for line in rest if line.endswith("]\n")]


def _child(home: Path, seed: int, pipe: int) -> None:
    os.dup2(pipe, 1)
    asyncio.run(traffic(home, seed))


async def problems_after(home: Path, said: list[list[Any]]) -> list[str]:
    """What is wrong with the database after a kill; opening it is the restart."""
    database = await open_database(home / "bot.db")
    try:
        return [*await _lost(database, said), *await _half(database), *await _not_served(home, database)]
    finally:
        await database.close()


async def _lost(database: Database, said: list[list[Any]]) -> list[str]:
    """Acknowledged steps must be in the history, with the text that was acknowledged."""
    edits, lost = Edits(database), []
    for state, number, content, version in said:
        steps = await edits.steps(number)
        edit = await edits.of(number)
        if len(steps) < int(version) or steps[int(version) - 1].after.value != state:
            lost.append(f"edit {number} lost its step to {state}")
        if edit.version == int(version) and edit.content().hash != content:
            lost.append(f"edit {number} has another text")
    return lost


async def _half(database: Database) -> list[str]:
    """Every history must be a walk through the table, ending in the stored state, with one step a version."""
    edits, wrong = Edits(database), []
    for edit in await edits.latest(100_000):
        state: State | None = None
        steps = await edits.steps(edit.id)
        for one in steps:
            own = one.step in (Step.BEGIN, Step.SAVE, Step.PROPOSE, Step.TAKE_BACK)
            if one.before is not state or after(state, one.step, one.role, own) is not one.after:
                wrong.append(f"edit {edit.id} jumps at {one.step}")
            state = one.after
        if state is not edit.state or len(steps) != edit.version:
            wrong.append(f"edit {edit.id} is {edit.state} with {len(steps)} steps")
    standing = [(edit.place, edit.state) for edit in await edits.standing()]
    if len(standing) != len(set(standing)):
        wrong.append("two texts of one place are published")
    return wrong


async def _not_served(home: Path, database: Database) -> list[str]:
    """What a restarted bot serves must be what the database says."""
    edits = Edits(database)
    room = Room(_existing(home), database)
    served = (await room.publisher.start()).answerer
    standing = await edits.standing()
    files = load_knowledge(home / "knowledge").knowledge
    wrong = [] if served == overlay(files, standing).knowledge else ["what is served is not what the database says"]
    hidden = {edit.place for edit in standing if edit.state is State.HIDDEN}
    for edit in standing:
        published = None if edit.place in hidden else edit.content().value
        if edit.state is State.PUBLISHED and _unlinked(value_in(served, edit.place)) != _unlinked(published):
            wrong.append(f"{edit.place.key} is not served as published")
    return wrong


def _unlinked(value: Any) -> Any:
    """Without links, which hidden entries lose."""
    return value and value.model_copy(update={"related": ()})


def _existing(home: Path) -> Folder:
    folder = Folder.__new__(Folder)
    folder.path = home / "knowledge"
    return folder


def prepare(home: Path) -> None:
    """A folder and a database to start from."""
    knowledge_folder(home / "knowledge")
    asyncio.run(_create(home))


async def _create(home: Path) -> None:
    await (await open_database(home / "bot.db")).close()


def soak(times: int, home: Path, seed: int = 0) -> tuple[int, list[str]]:
    """Kill ``times`` times in a row on one database; gives the acknowledged steps and all problems."""
    prepare(home)
    steps, wrong = 0, []
    for turn in range(times):
        said = kill_once(home, seed + turn)
        steps += len(said)
        wrong += [f"turn {turn}: {one}" for one in asyncio.run(problems_after(home, said))]
    return steps, wrong


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as home:
        steps, wrong = soak(times, Path(home), seed=time.time_ns() % 10**6)
    sys.stdout.write("\n".join([*wrong, f"{times} kills, {steps} acknowledged steps, {len(wrong)} problems"]) + "\n")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
