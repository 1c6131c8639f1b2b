"""Questions, notes, counts and their end: everything with a clock."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from bot.editing.model import NOTHING, Actor, Deed, Edit, Ground, Place, Snapshot, Subject
from bot.editing.scrubbing import Familiar
from bot.editing.states import Role, State, Step
from bot.editing.upkeep import Verdict
from bot.errors import EditError
from bot.knowledge.model import Redirect
from bot.storage import Alert, Alerts, Member, Members, tables
from bot.storage.database import Database
from bot.storage.edits import Edits
from bot.storage.feedback import Feedback
from bot.storage.gaps import Gaps
from bot.storage.replies import DAY
from bot.storage.retention import forget_in_time, forget_person, kept_about, opaque_id, privacy_table
from bot.storage.tables import METADATA

KNOWN = Familiar(frozenset({"lithium"}), frozenset({"does", "help", "with", "what", "is"}))
START = 1_795_000_000
"""In November 2026."""
PLACE = Place(Subject.REDIRECT, "prices")
PRICES = Snapshot(PLACE, Redirect(id="prices", title="Prices", asks=("what does it cost",), text="Ask a pharmacist."))


async def answered(database: Database, questions: tuple[int, ...], author: Actor, at: int = START) -> Edit:
    edits = Edits(database)
    edit = await edits.begin(PRICES, Ground(NOTHING, NOTHING), Deed(author, at), questions=questions)
    edit = await edits.take(edit, Step.PROPOSE, Deed(author, at))
    return await edits.publish(edit, Deed(Actor("ben", Role.EDITOR), at), PRICES, NOTHING)


async def test_nothing_unscrubbed_can_be_kept(database: Database) -> None:
    sent = await Gaps(database).send("does lithium help with Boris 0161 496 0000 <@12>", "lithium", START, KNOWN)
    assert sent.text == "does lithium help with [name] [number] [number] [number] [someone]"
    (kept,) = await Gaps(database).waiting()
    assert kept == sent
    with pytest.raises(EditError, match="no words left"):
        await Gaps(database).send("🙂 !!", "", START, KNOWN)


async def test_an_answer_is_told_once_and_the_question_forgotten(database: Database) -> None:
    gaps = Gaps(database)
    first = await gaps.send("what is lithium", "lithium", START, KNOWN)
    second = await gaps.send("does it help", "lithium", START + 1, KNOWN)
    assert await gaps.remind(first.id, 42, START)
    assert await gaps.remind(first.id, 42, START), "twice is once"
    assert not await gaps.remind(999, 42, START)
    edits = Edits(database)
    anna = Deed(Actor("anna", Role.EDITOR), START)
    edit = await edits.begin(PRICES, Ground(NOTHING, NOTHING), anna, questions=(first.id,))
    assert await gaps.waiting() == (second,)
    assert await gaps.due_notes() == ()
    edit = await edits.take(edit, Step.PROPOSE, Deed(Actor("anna", Role.EDITOR), START))
    await edits.publish(edit, Deed(Actor("ben", Role.EDITOR), START), PRICES, NOTHING)
    (note,) = await gaps.due_notes()
    assert (note.user_id, note.entry) == (42, "prices")
    assert await gaps.of((first.id, second.id)) == (second,)
    await gaps.told(note.id)
    assert await gaps.due_notes() == ()


async def test_questions_of_a_declined_edit_wait_again(database: Database) -> None:
    gaps, edits = Gaps(database), Edits(database)
    sent = await gaps.send("what is lithium", "lithium", START, KNOWN)
    anna, ben = Deed(Actor("anna", Role.EDITOR), START), Deed(Actor("ben", Role.EDITOR), START, "no")
    edit = await edits.begin(PRICES, Ground(NOTHING, NOTHING), anna, questions=(sent.id,))
    assert await gaps.waiting() == ()
    edit = await edits.take(edit, Step.PROPOSE, anna)
    await edits.take(edit, Step.DECLINE, ben)
    assert await gaps.waiting() == (sent,)


async def test_a_count_that_was_seen_to_begins_anew(database: Database) -> None:
    gaps = Gaps(database)
    for reason, nearest in (("not-found", "lithium"), ("outside", "lithium"), ("not-found", "tms")):
        await gaps.miss(reason, nearest, START)
    assert await gaps.set_aside("lithium") == 2
    assert [(one.nearest, one.count) for one in await gaps.misses()] == [("tms", 1)]
    assert await gaps.set_aside("lithium") == 0


async def test_questions_that_are_seen_to_leave_the_counts_one_by_one(database: Database) -> None:
    gaps = Gaps(database)
    for reason in ("not-found", "not-found", "outside"):
        await gaps.miss(reason, "lithium", START)
    await gaps.miss("not-found", "", START)
    sent = [await gaps.send("what is lithium", "lithium", START, KNOWN) for _ in range(2)]
    sent.append(await gaps.send("what is lithium", "", START, KNOWN))
    await gaps.uncount([one.id for one in sent])
    assert {(one.reason, one.nearest): one.count for one in await gaps.misses()} == {
        ("outside", "lithium"): 1,
        ("not-found", ""): 1,
    }


async def test_dismissed_questions_go_with_their_notes(database: Database) -> None:
    gaps = Gaps(database)
    sent = await gaps.send("what is lithium", "lithium", START, KNOWN)
    await gaps.remind(sent.id, 42, START)
    assert await gaps.dismiss([sent.id, 999]) == 1
    assert (await kept_about(database, 42)).notes == ()


async def test_counts_hold_no_text_and_no_person(database: Database) -> None:
    gaps, feedback = Gaps(database), Feedback(database)
    await gaps.miss("not-found", "lithium", START)
    await gaps.miss("not-found", "lithium", START)
    await feedback.rate("lithium", "overview", Verdict.UPSETTING, START)
    await feedback.replied("answer", ("lithium", "lithium", "tms"), START)
    await feedback.false_alarm(("r1",), START)
    assert [(one.nearest, one.count) for one in await gaps.misses()] == [("lithium", 2)]
    counts = {(one.month, one.what, one.name): one.count for one in await feedback.months()}
    assert counts == {
        ("2026-11", "miss", "lithium"): 2,
        ("2026-11", "upsetting", "lithium/overview"): 1,
        ("2026-11", "reply", "answer"): 1,
        ("2026-11", "topic", "lithium"): 1,
        ("2026-11", "topic", "tms"): 1,
        ("2026-11", "false-alarm", "r1"): 1,
    }
    assert await feedback.months("2026-12") == ()


async def test_counts_survive_a_step_that_is_refused_right_after(database: Database) -> None:
    await Gaps(database).miss("not-found", "lithium", START)
    with pytest.raises(EditError):
        await Edits(database).hide(PLACE, Deed(Actor("max", Role.MEMBER), START))
    edit = await answered(database, (), Actor("anna", Role.EDITOR))
    await Gaps(database).miss("not-found", "lithium", START)
    with pytest.raises(EditError, match="faster"):
        await Edits(database).revert(replace(edit, version=0), Deed(Actor("ben", Role.EDITOR), START))
    assert [one.count for one in await Gaps(database).misses()] == [2]


async def fill(database: Database) -> None:
    """One row in every table that forgets by age."""
    gaps = Gaps(database)
    sent = await gaps.send("what is lithium", "lithium", START, KNOWN)
    await gaps.remind(sent.id, 42, START)
    row = {"message_id": 1, "channel_id": 2, "asker_id": 42, "kind": "", "entries": "", "at": START}
    async with database.writing() as connection:
        await connection.execute(tables.replies.insert().values(row))
        await connection.execute(tables.seen.insert().values(name="thread", at=START))
    await Alerts(database).add(Alert(1, 2, 3, ("r1",), START))
    await Feedback(database).replied("answer", (), START)
    edits = Edits(database)
    draft = await edits.begin(PRICES, Ground(NOTHING, NOTHING), Deed(Actor("anna", Role.EDITOR), START))
    await edits.take(draft, Step.TAKE_BACK, Deed(Actor("anna", Role.EDITOR), START))
    await answered(database, (), Actor("anna", Role.EDITOR))
    hidden = await edits.hide(PLACE, Deed(Actor("anna", Role.EDITOR), START, "x"))
    await edits.take(hidden, Step.SHOW, Deed(Actor("anna", Role.EDITOR), START))


async def test_each_thing_ends_at_its_time_and_not_before(database: Database) -> None:
    await fill(database)
    assert await forget_in_time(database, START + 8 * DAY) == {}
    assert await forget_in_time(database, START + 8 * DAY + 1) == {"alerts": 1}
    assert await forget_in_time(database, START + 30 * DAY) == {}
    month = {"replies": 1, "seen": 1, "answer_notes": 1, "sent_questions": 1}
    assert await forget_in_time(database, START + 30 * DAY + 1) == month
    assert await forget_in_time(database, START + 90 * DAY) == {}
    assert await forget_in_time(database, START + 90 * DAY + 1) == {"edits": 1}
    assert await forget_in_time(database, START + 365 * DAY) == {}
    assert await forget_in_time(database, START + 430 * DAY) == {"monthly": 1}
    states = [edit.state for edit in await Edits(database).latest()]
    assert sorted(states) == [State.PUBLISHED, State.TAKEN_BACK], "history and lifted tombstones stay"
    async with database.reading() as connection:
        for table in ("edit_questions", "answer_notes", "sent_questions", "replies"):
            assert (await connection.execute(select(func.count()).select_from(METADATA.tables[table]))).scalar() == 0


async def test_words_of_a_question_do_not_outlive_it_in_an_edit_that_was_turned_down(database: Database) -> None:
    edits, anna, ben = Edits(database), Actor("anna", Role.EDITOR), Actor("ben", Role.EDITOR)
    numbers = []
    for trials, step in (((), Step.DECLINE), (("is it loud",), Step.DECLINE), (("is it loud",), Step.REQUEST_CHANGES)):
        draft = await edits.begin(PRICES, Ground(NOTHING, NOTHING), Deed(anna, START), trials)
        proposed = await edits.take(draft, Step.PROPOSE, Deed(anna, START))
        numbers.append((await edits.take(proposed, step, Deed(ben, START, "no"))).id)
    without, declined, open_still = numbers
    assert await forget_in_time(database, START + 30 * DAY) == {}
    assert await forget_in_time(database, START + 30 * DAY + 1) == {"edits": 1}
    assert {edit.id for edit in await edits.latest()} == {without, open_still}, "somebody may still work on the last"
    assert await forget_in_time(database, START + 90 * DAY + 1) == {"edits": 2}
    with pytest.raises(EditError):
        await edits.of(declined)


async def test_no_table_that_has_an_end_outlives_it(database: Database) -> None:
    await fill(database)
    (sent,) = await Gaps(database).waiting()
    anna = Deed(Actor("anna", Role.EDITOR), START)
    await Edits(database).begin(PRICES, Ground(NOTHING, NOTHING), anna, questions=(sent.id,))
    ending = [
        one.name
        for one in METADATA.sorted_tables
        if re.search(r"\d+ (days|months)", str(one.info["kept"])) and "history" not in str(one.info["kept"])
    ]
    assert len(ending) >= 7

    async def filled() -> list[str]:
        async with database.reading() as connection:
            counts = {
                name: await connection.execute(select(func.count()).select_from(METADATA.tables[name]))
                for name in ending
            }
        return [name for name, count in counts.items() if count.scalar()]

    assert await filled() == ending, "a table with an end has a row here, so that its end is shown"
    await forget_in_time(database, START + 500 * DAY)
    assert await filled() == []


async def test_a_person_sees_and_deletes_all_that_is_kept(database: Database) -> None:
    actor = Actor(await opaque_id(database, 42), Role.EDITOR)
    assert actor.id == await opaque_id(database, 42) != await opaque_id(database, 43)
    assert "42" not in actor.id[:2] or len(actor.id) == 24
    await fill(database)
    await Members(database).save(Member(42, country="GB"))
    waiting = await Edits(database).begin(PRICES, Ground(NOTHING, NOTHING), Deed(actor, START))
    kept = (await kept_about(database, 42)).data()
    assert kept["preferences"]["country"] == "GB"
    assert [len(kept[name]) for name in ("replies", "waiting_for_an_answer", "steps_on_edits")] == [1, 1, 1]
    assert await forget_person(database, 42) == 6
    kept = (await kept_about(database, 42)).data()
    assert kept == {"preferences": None, "replies": [], "waiting_for_an_answer": [], "steps_on_edits": []}
    gone = await Edits(database).of(waiting.id)
    assert (gone.state, gone.author) == (State.TAKEN_BACK, "forgotten")
    async with database.reading() as connection:
        rows = (await connection.execute(text("SELECT * FROM edits, edit_steps"))).all()
    assert not any(actor.id in map(str, row) for row in rows)


def test_every_stored_column_says_why_and_for_how_long() -> None:
    table = privacy_table()
    for one in METADATA.sorted_tables:
        for column in one.columns:
            (row,) = [line for line in table.splitlines() if line.startswith(f"| `{one.name}.{column.name}` |")]
            _, _, why, kept, _ = row.split("|")
            assert len(why.strip()) > 3, row
            assert len(kept.strip()) > 3, row
