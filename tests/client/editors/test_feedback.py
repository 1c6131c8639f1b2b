"""What members tell the editors: counted without names, sent without names, told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.editing.model import Actor, Deed, Ground, Place, Snapshot, Subject
from bot.editing.states import Role, Step
from bot.storage import Database
from bot.storage.tables import METADATA, answer_notes, sent_questions
from tests.client.editors.house import House, house, some_pages
from tests.discord_server import Interaction, User

STRANGE = "why does my budgerigar squeak at wardrobes"


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(database, some_pages(tmp_path / "knowledge")) as made:
        yield made


async def rated(home: House, reason: str, by: User | None = None) -> Interaction:
    """Press “Not helpful” under the page on lithium and choose a reason."""
    asked = await home.discord.slash("ask", question="what is lithium?", by=by)
    assert asked.original is not None
    opened = await home.discord.press(asked.original, "Not helpful", by=by)
    assert opened.original is not None
    return await home.discord.choose(opened.original, "Choose a reason", [reason], by=by)


async def counts(home: House) -> dict[tuple[str, str], int]:
    return {(one.what, one.name): one.count for one in await home.bot.desk.feedback.months()}


async def rows(database: Database, table: str) -> list[dict[str, object]]:
    async with database.reading() as connection:
        return [dict(row._mapping) for row in await connection.execute(select(METADATA.tables[table]))]


# --- ratings ---------------------------------------------------------------------------------------------------------


async def test_a_reason_is_counted_once_and_the_question_may_be_sent(home: House) -> None:
    chosen = await rated(home, "unclear")
    assert (await counts(home))["unclear", "lithium/overview"] == 1
    thanked = chosen.source
    assert thanked is not None
    assert "The editors see the count, not you" in thanked.text()
    opened = await home.discord.press(thanked, "Send to the editors, no name")
    sent = await home.discord.submit(opened, {"text": "does lithium make hands shake"})
    assert "Sent, without your name" in sent.text()
    (kept,) = await home.bot.desk.gaps.waiting()
    assert (kept.text, kept.nearest) == ("does lithium make hands shake", "lithium")
    assert home.room == [], "only upsetting pages are told at once"


async def test_an_upsetting_page_is_told_to_the_editors_at_once_and_once_a_day(home: House) -> None:
    for person in (home.discord.alice, home.discord.bob):
        chosen = await rated(home, "upsetting", by=person)
        assert chosen.source is not None
        assert "/help-lines" in chosen.source.text()
    await home.discord.until(lambda: home.room)
    await home.discord.settled()
    (note,) = home.room
    assert "Someone found a page upsetting to read:** Lithium, “What it is”" in note.text()
    for person in (home.discord.alice, home.discord.bob):
        assert str(person.id) not in str(note.body)
    assert (await counts(home))["upsetting", "lithium/overview"] == 2
    home.clock.later(hours=25)
    await rated(home, "upsetting", by=home.anna)
    await home.discord.until(lambda: len(home.room) == 2)


async def test_forged_ratings_count_nothing(home: House) -> None:
    for forged in ("ns1:up:no-such-page:overview", "ns1:down:lithium:no-such-facet", "ns1:up:lithium"):
        asked = await home.discord.slash("ask", question="what is lithium?")
        assert asked.original is not None
        control = next(one for one in asked.original.controls() if one["label"] == "Helpful")
        control["custom_id"] = forged
        pressed = await home.discord.press(asked.original, "Helpful")
        assert "has been changed or taken out" in pressed.text() or "earlier version" in pressed.text()
    assert not {what for what, _ in await counts(home)} & {"helpful", "unclear", "wrong-topic"}


async def test_one_person_counts_once_a_message(home: House) -> None:
    asked = await home.discord.slash("ask", question="what is lithium?")
    assert asked.original is not None
    await home.discord.press(asked.original, "Helpful")
    assert "already" in (await home.discord.press(asked.original, "Helpful")).text()
    assert "already" in (await home.discord.press(asked.original, "Not helpful")).text()
    assert (await counts(home))["helpful", "lithium/overview"] == 1


# --- sending a question ----------------------------------------------------------------------------------------------


async def test_only_what_was_sent_is_kept_scrubbed_and_of_nobody(home: House, database: Database) -> None:
    opened = await home.unanswered(STRANGE)
    assert await rows(database, "sent_questions") == [], "asking and opening the form keep nothing"
    text = f"{STRANGE}, says <@{home.discord.bob.id}>, my name is Marjorie Wetherby, 0161 496 0000"
    await home.discord.submit(opened, {"text": text})
    (kept,) = await rows(database, "sent_questions")
    for personal in ("Marjorie", "Wetherby", "0161", str(home.discord.bob.id), str(home.discord.alice.id)):
        assert personal not in str(kept)
    assert set(kept) == {"id", "text", "nearest", "at"}
    assert await rows(database, "answer_notes") == [], "nobody waits who did not ask to"


async def test_the_form_shows_nothing_from_longer_ago_than_a_conversation(home: House) -> None:
    asked = await home.discord.slash("ask", question=STRANGE)
    assert asked.original is not None
    home.clock.later(minutes=16)
    opened = await home.discord.press(asked.original, "Send to the editors, no name")
    assert opened.modal is not None
    assert "budgerigar" not in str(opened.modal)
    await home.bot.rounds.turn()
    assert len(home.bot.desk.talks) == 0


async def test_who_is_in_danger_gets_support_and_is_not_put_in_a_queue(home: House) -> None:
    opened = await home.unanswered(STRANGE)
    helped = await home.discord.submit(opened, {"text": "i am going to kill myself tonight"})
    assert "Sent" not in helped.text()
    assert helped.ephemeral
    assert home.bot.desk.interface.say("tell-button") not in (helped.original.labels() if helped.original else [])
    assert await home.bot.desk.gaps.waiting() == ()
    assert "988" in helped.text() or "findahelpline" in helped.text() or "emergency" in helped.text().lower()


async def test_nothing_but_signs_is_nothing_to_send(home: House) -> None:
    opened = await home.unanswered(STRANGE)
    assert "nothing to send" in (await home.discord.submit(opened, {"text": "?? 🙂"})).text()


# --- being told ------------------------------------------------------------------------------------------------------


async def answered(home: House, questions: tuple[int, ...], key: str = "tms") -> None:
    """Publish an edit that answers some questions."""
    value = home.served().entries.get(key) or home.served().redirects[key]
    place = Place(Subject.ENTRY if key in home.served().entries else Subject.REDIRECT, key)
    file = home.bot.office.desk.publisher.now.file_hash(place)
    anna, at = Actor("anna", Role.EDITOR), home.bot.desk.moment()
    snapshot = Snapshot(place, value)
    edit = await home.edits.begin(snapshot, Ground(file, file), Deed(anna, at), questions=questions)
    edit = await home.edits.take(edit, Step.PROPOSE, Deed(anna, at))
    await home.edits.publish(edit, Deed(Actor("ben", Role.EDITOR), at), snapshot, file)


async def waits(home: House, by: User | None = None, text: str = STRANGE) -> int:
    """Send a question and ask to be told."""
    sent = await home.send(text, by=by)
    assert sent.original is not None
    pressed = await home.discord.press(sent.original, "Tell me when there is an answer", by=by)
    assert pressed.source is not None
    assert "I will write to you once" in pressed.source.text()
    return (await home.bot.desk.gaps.waiting())[0].id


async def test_who_wanted_to_know_is_told_once_and_forgotten(home: House, database: Database) -> None:
    question = await waits(home)
    assert "answer (1)" in (await home.discord.slash("privacy show")).text()
    assert await home.bot.voices.tell_waiting() == 0
    await answered(home, (question,))
    assert await home.bot.voices.tell_waiting() == 1
    (note,) = home.discord.sent(home.discord.world.direct(home.discord.alice))
    assert "there is an answer now" in note.text()
    assert "budgerigar" not in note.text(), "a phone shows it to whoever holds it"
    read = await home.discord.press(note, "Read it")
    assert "### " in read.text()
    assert await home.bot.voices.tell_waiting() == 0
    for table in (answer_notes, sent_questions):
        async with database.reading() as connection:
            assert (await connection.execute(select(func.count()).select_from(table))).scalar() == 0


async def test_two_questions_with_one_answer_are_one_note(home: House) -> None:
    first = await waits(home)
    second = await waits(home, text="my budgerigar squeaks at every wardrobe")
    await answered(home, (first, second))
    await home.bot.voices.tell_waiting()
    assert len(home.discord.sent(home.discord.world.direct(home.discord.alice))) == 1
    assert await home.bot.desk.gaps.due_notes() == ()


async def test_a_redirect_is_told_in_its_own_words(home: House) -> None:
    await answered(home, (await waits(home),), key="personal-dose")
    await home.bot.voices.tell_waiting()
    (note,) = home.discord.sent(home.discord.world.direct(home.discord.alice))
    assert home.served().redirects["personal-dose"].title in note.text()


async def test_who_cannot_be_written_to_is_forgotten_and_trouble_is_tried_again(home: House) -> None:
    await answered(home, (await waits(home), await waits(home, by=home.discord.bob)))
    home.discord.fail("POST", f"/channels/{home.discord.world.direct(home.discord.bob).id}/messages", 403, times=9)
    home.discord.fail("POST", f"/channels/{home.discord.world.direct(home.discord.alice).id}/messages", 400)
    await home.bot.voices.tell_waiting()
    (left,) = await home.bot.desk.gaps.due_notes()
    assert left.user_id == home.discord.alice.id
    await home.bot.voices.tell_waiting()
    assert len(home.discord.sent(home.discord.world.direct(home.discord.alice))) == 1
    assert await home.bot.desk.gaps.due_notes() == ()


async def test_a_question_that_is_gone_cannot_be_waited_for(home: House) -> None:
    sent = await home.send(STRANGE)
    home.clock.later(days=31)
    await home.bot.housekeeping.clean()
    assert sent.original is not None
    pressed = await home.discord.press(sent.original, "Tell me when there is an answer")
    assert pressed.source is not None
    assert "no longer kept" in pressed.source.text()


async def test_a_person_may_take_the_wish_back(home: House) -> None:
    await answered(home, (await waits(home),))
    await home.discord.slash("privacy delete")
    assert await home.bot.voices.tell_waiting() == 0
    assert home.discord.sent(home.discord.world.direct(home.discord.alice)) == []
