"""The repository itself: versions, one published text a place, and what is left after a refusal."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from bot.editing.model import NOTHING, Actor, Deed, Edit, Ground, Place, Snapshot, Subject
from bot.editing.states import Role, State, Step
from bot.errors import EditError, StorageError
from bot.knowledge.model import Redirect
from bot.storage.database import Database
from bot.storage.edits import Edits

PLACE = Place(Subject.REDIRECT, "prices")
ANNA, BEN = Actor("anna", Role.EDITOR), Actor("ben", Role.EDITOR)


def words(said: str) -> Snapshot:
    return Snapshot(PLACE, Redirect(id="prices", title="Prices", asks=("what does it cost",), text=said))


@pytest.fixture
def edits(database: Database) -> Edits:
    return Edits(database)


async def proposed(edits: Edits, said: str, base: str = NOTHING) -> Edit:
    edit = await edits.begin(words(said), Ground(base, NOTHING), Deed(ANNA, 1, "new"), trials=("how dear",))
    return await edits.take(edit, Step.PROPOSE, Deed(ANNA, 2))


async def test_an_edit_comes_back_as_it_was_stored(edits: Edits) -> None:
    edit = await edits.begin(words("a"), Ground("b", "f"), Deed(ANNA, 7, "why" * 300), trials=("é", "b"))
    assert await edits.of(edit.id) == edit
    assert (edit.snapshot, edit.ground, edit.trials) == (words("a"), Ground("b", "f"), ("é", "b"))
    assert (edit.state, edit.version, edit.writers, len(edit.why)) == (State.DRAFT, 1, frozenset({"anna"}), 400)
    with pytest.raises(EditError, match="no edit 99"):
        await edits.of(99)


async def test_twenty_at_once_publish_one(edits: Edits) -> None:
    waiting = [await proposed(edits, f"text {number}") for number in range(20)]
    results = await asyncio.gather(
        *(edits.publish(edit, Deed(BEN, 3), edit.content(), NOTHING) for edit in waiting), return_exceptions=True
    )
    assert sum(isinstance(one, Edit) for one in results) == 1
    assert sum(isinstance(one, EditError) for one in results) == 19
    assert len(await edits.standing()) == 1
    assert len(await edits.open()) == 19


async def test_a_refused_publish_leaves_nothing_behind(edits: Edits) -> None:
    first = await proposed(edits, "first")
    await edits.publish(first, Deed(BEN, 3), first.content(), NOTHING)
    second = await proposed(edits, "second")
    with pytest.raises(EditError, match="older text"):
        await edits.publish(second, Deed(BEN, 4), second.content(), NOTHING)
    assert await edits.of(second.id) == second
    assert [one.step for one in await edits.steps(second.id)] == [Step.BEGIN, Step.PROPOSE]
    (standing,) = await edits.standing()
    assert standing.id == first.id


async def test_who_acts_on_an_old_version_is_told(edits: Edits) -> None:
    edit = await proposed(edits, "first")
    await edits.take(edit, Step.DECLINE, Deed(BEN, 3, "no"))
    for step in (Step.REQUEST_CHANGES, Step.DECLINE):
        with pytest.raises(EditError, match="faster: edit 1 of prices is declined now"):
            await edits.take(edit, step, Deed(BEN, 3, "no"))
    with pytest.raises(EditError, match="its own form"):
        await edits.take(edit, Step.APPROVE, Deed(BEN, 3))


async def test_whoever_wrote_any_of_it_cannot_approve(edits: Edits) -> None:
    edit = await proposed(edits, "first")
    async with edits.database.writing() as connection:
        await connection.execute(text("UPDATE edit_steps SET actor = 'ben' WHERE step = 'begin'"))
    with pytest.raises(EditError, match="You wrote this edit"):
        await edits.publish(await edits.of(edit.id), Deed(BEN, 3), edit.content(), NOTHING)


async def test_the_database_itself_refuses_two_published_texts_of_one_place(edits: Edits) -> None:
    for said in ("first", "second"):
        await proposed(edits, said)
    with pytest.raises(StorageError):
        async with edits.database.writing() as connection:
            await connection.execute(text("UPDATE edits SET state = 'published'"))


async def test_a_stored_text_of_another_version_is_named_not_served(edits: Edits) -> None:
    edit = await proposed(edits, "first")
    async with edits.database.writing() as connection:
        await connection.execute(text("""UPDATE edits SET snapshot = '{"value": {"odd": 1}, "sources": {}}'"""))
    strange = await edits.of(edit.id)
    assert strange.snapshot is None
    with pytest.raises(EditError, match="cannot read"):
        strange.content()


async def test_retiring_and_reverting_bring_back_what_was_there(edits: Edits) -> None:
    first = await proposed(edits, "first")
    first = await edits.publish(first, Deed(BEN, 3), first.content(), NOTHING)
    gone = await edits.begin(Snapshot(PLACE, None), Ground(first.content().hash, NOTHING), Deed(ANNA, 4))
    gone = await edits.take(gone, Step.PROPOSE, Deed(ANNA, 4))
    gone = await edits.publish(gone, Deed(BEN, 5), gone.content(), NOTHING)
    assert (await edits.of(first.id)).state is State.RETIRED
    await edits.revert(gone, Deed(BEN, 6, "needed"))
    assert [(edit.id, edit.state) for edit in await edits.standing()] == [(first.id, State.PUBLISHED)]
    assert [edit.state for edit in await edits.history(PLACE)] == [State.REVERTED, State.PUBLISHED]
    assert (await edits.steps(first.id))[-1].why == "edit 2 was reverted"


async def test_what_was_promised_stays_promised_by_the_next_text(edits: Edits) -> None:
    first = await proposed(edits, "a")
    first = await edits.publish(first, Deed(BEN, 3), first.content(), NOTHING)
    second = await edits.begin(words("b"), Ground(words("a").hash, NOTHING), Deed(ANNA, 4), trials=("what price",))
    second = await edits.take(second, Step.PROPOSE, Deed(ANNA, 5))
    second = await edits.publish(second, Deed(BEN, 6), second.content(), NOTHING)
    assert second.trials == ("how dear", "what price")
    await edits.revert(second, Deed(BEN, 7, "no"))
    assert (await edits.of(first.id)).trials == ("how dear",)
