"""/gaps: from a question without an answer to the answer that the next member gets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.answering.model import Answer, Question
from bot.editing.drafts import with_asks
from bot.editing.exporting import export, export_changes
from bot.editing.model import Actor, Place, Subject
from bot.editing.states import Role, State
from bot.editing.upkeep import Verdict
from bot.evaluation.checking import check_everything
from bot.evaluation.rows import QuestionRow, read_rows
from bot.storage import Database
from bot.storage.tables import METADATA
from tests.client.editors.house import House, house, some_pages
from tests.discord_server import Interaction, Message, User

FIRST = "why does my budgerigar squeak at wardrobes, says Marjorie Wetherby"
SECOND = "my budgerigar squeaks at every wardrobe"
OTHER = "who won the football"
PAGES = ("ect", "tms", "quetiapine", "sertraline")


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(database, some_pages(tmp_path / "knowledge", PAGES)) as made:
        yield made


def shown(interaction: Interaction) -> Message:
    """The message that an interaction gave, or changed."""
    found = interaction.original if interaction.original is not None else interaction.source
    assert found is not None
    return found


async def board(home: House, by: User | None = None) -> Message:
    return shown(await home.discord.slash("gaps", by=by or home.anna, channel=home.discord.mod_room))


async def opened(home: House, holds: str = "budgerigar") -> Message:
    """The card of the group whose questions hold a word."""
    page = await board(home)
    section = next(
        one
        for one in page.components[0]["components"]
        if one["type"] == 9 and any(holds in part["content"] for part in one["components"])
    )
    return await pressed(home, page, section["accessory"]["custom_id"])


async def pressed(home: House, message: Message, label: str, by: User | None = None) -> Message:
    """The message after a button was pressed in it."""
    return shown(await home.discord.press(message, label, by=by or home.anna))


async def planned(home: House, card: Message, page: str = "tms", by: User | None = None) -> Message:
    """The card once a page was chosen and what it changes was measured."""
    chosen = await home.discord.choose(card, "Answer with …", [page], by=by or home.anna)
    await home.discord.until(lambda: "Propose" in card.labels() or "Reword and propose" in card.labels(), 10)
    return shown(chosen)


async def rows(database: Database, table: str) -> list[dict[str, object]]:
    async with database.reading() as connection:
        return [dict(row._mapping) for row in await connection.execute(select(METADATA.tables[table]))]


async def asked(home: House, text: str) -> str:
    """What another member gets for a question."""
    return (await home.discord.slash("ask", question=text, by=home.discord.bob)).text()


# --- the walk --------------------------------------------------------------------------------------------------------


async def test_a_question_becomes_the_answer_of_the_next_member_and_a_regression_question(
    home: House, database: Database
) -> None:
    assert "budgerigar" not in (await board(home)).text()
    sent = await home.send(FIRST)
    await home.discord.press(shown(sent), "Tell me when there is an answer")
    await home.send(SECOND, by=home.discord.bob)
    await home.send(OTHER, by=home.discord.bob)
    assert len(await rows(database, "sent_questions")) == 3

    page = await board(home)
    assert "Groups: 2. Questions that members sent: 3." in page.text()
    assert "Marjorie" not in page.text()
    card = await opened(home)
    assert "Sent: 2. Only counted: 0." in card.text()
    assert "football" not in card.text()
    plan = await planned(home, card)
    assert "Answer with “" in plan.text()
    assert "answers 2 recent unanswered questions" in plan.text()
    assert "Would still not lead there" not in plan.text()
    assert await home.edits.open() == (), "nothing is proposed by looking"

    await pressed(home, plan, "Propose")
    await home.discord.until(lambda: "Proposed as edit" in plan.text(), 10)
    (edit,) = await home.edits.open()
    assert (edit.state, edit.place) == (State.PROPOSED, Place(Subject.ENTRY, "tms"))
    assert len(edit.trials) == 2
    assert "[" not in "".join(edit.trials)
    assert not any("squeak" in one.text for one in await home.bot.desk.gaps.waiting())
    assert "budgerigar" not in (await board(home)).text(), "what somebody works on is not offered twice"

    review = await reviewed(home)
    assert "+ " in review.text()
    assert "squeak" in review.text()
    await home.discord.until(lambda: "answers 2 recent unanswered questions" in review.text(), 20, "the impact")
    refused = await home.discord.press(review, "Publish", by=home.anna)
    await home.discord.until(lambda: "somebody else has to decide" in refused.text(), 10)
    assert not answers(home, SECOND)

    await home.discord.press(review, "Publish", by=home.ben)
    await home.discord.until(lambda: answers(home, SECOND), 20, "the new pages")
    assert f"### {home.served().entries['tms'].title}" in await asked(home, "my budgerigar squeaks at each wardrobe")
    await home.bot.office.settled()
    (note,) = home.discord.sent(home.discord.world.direct(home.discord.alice))
    assert "there is an answer now" in note.text()
    assert [one["text"] for one in await rows(database, "sent_questions")] == [OTHER]
    assert await rows(database, "answer_notes") == []
    assert [one["state"] for one in await rows(database, "edits")] == ["published"]

    today = home.clock().date()
    export(home.folder, export_changes(home.folder, await home.edits.standing()), today)
    trials = read_rows([home.folder / "trials/editors.jsonl"])
    questions = [row for row in trials if isinstance(row, QuestionRow)]
    assert [row.turns[0].expect for row in questions] == [("tms",), ("tms",)]
    assert len(questions) == len(trials)
    assert check_everything(home.folder, today).errors == ()
    assert "squeak" in (home.folder / home.served().entries["tms"].kind.folder / "tms.yaml").read_text("utf-8")
    for personal in ("Marjorie", "Wetherby", str(home.discord.alice.id)):
        assert personal not in json.dumps([row.turns[0].text for row in questions])


# --- the other ways --------------------------------------------------------------------------------------------------


async def test_what_is_not_ours_becomes_a_redirects_ask(home: House) -> None:
    await home.send(SECOND)
    card = await opened(home)
    await home.discord.choose(card, "Not for us: let a redirect take it …", ["personal-dose"], by=home.anna)
    await home.discord.until(lambda: "Propose" in card.labels(), 20, "what it changes")
    await pressed(home, card, "Propose")
    review = await reviewed(home)
    await home.discord.press(review, "Publish", by=home.cora)
    await home.discord.until(lambda: SECOND in home.served().redirects["personal-dose"].asks, 20, "the new redirect")
    assert home.served().redirects["personal-dose"].title in await asked(home, SECOND)


async def test_an_entry_is_written_from_a_gap_and_answers_its_questions(home: House, database: Database) -> None:
    await home.send(FIRST)
    card = await opened(home)
    form = await home.discord.press(card, "Write a page", by=home.anna)
    asks = [*field(form, "asks").splitlines(), *(f"what about birds in wardrobes, number {n}" for n in range(13))]
    text = "A squeaking bird is a thing that some people live with [practice]."
    page = {"title": "Squeaking birds", "kind": ["faq"], "asks": "\n".join(asks), "text": text}
    made = await home.discord.submit(form, page, by=home.anna)
    assert made.original is not None
    (edit,) = await home.edits.open()
    assert edit.place == Place(Subject.ENTRY, "squeaking-birds")
    assert [row["edit_id"] for row in await rows(database, "edit_questions")] == [edit.id]
    assert len(edit.trials) == 1
    assert "budgerigar" not in (await board(home)).text(), "what somebody works on is not offered twice"
    await pressed(home, made.original, "Throw away")
    assert "budgerigar" in (await board(home)).text(), "it waits again"


async def test_dismissing_asks_once_more_and_deletes(home: House, database: Database) -> None:
    sent = await home.send(FIRST)
    await home.discord.press(shown(sent), "Tell me when there is an answer")
    card = await opened(home)
    await pressed(home, card, "Dismiss")
    assert len(await rows(database, "sent_questions")) == 1
    await pressed(home, card, "Yes, dismiss")
    assert await rows(database, "sent_questions") == []
    assert await rows(database, "answer_notes") == []


async def test_another_page_by_name_and_asks_put_better(home: House) -> None:
    await home.send(FIRST)
    card = await opened(home)
    form = await home.discord.press(card, "Another page", by=home.anna)
    unknown = await home.discord.submit(form, {"page": "zzzz"}, by=home.anna)
    assert "I know no page by that name" in unknown.text()
    form = await home.discord.press(card, "Another page", by=home.anna)
    await home.discord.submit(form, {"page": "Sertraline"}, by=home.anna)
    await home.discord.until(lambda: "Reword and propose" in card.labels(), 20, "what it changes")
    form = await home.discord.press(card, "Reword and propose", by=home.anna)
    await home.discord.submit(form, {"asks": "does sertraline make a budgerigar squeak"}, by=home.anna)
    review = await reviewed(home)
    assert "+ does sertraline make a budgerigar squeak" in review.text()
    (edit,) = await home.edits.open()
    assert (edit.place.key, edit.trials) == ("sertraline", ("does sertraline make a budgerigar squeak",))


async def test_nobody_proposes_or_deletes_what_they_did_not_see(home: House, database: Database) -> None:
    await home.send(FIRST)
    card = await opened(home)
    await planned(home, card)
    await home.send(SECOND, by=home.discord.bob)
    late = await home.discord.press(card, "Propose", by=home.anna)
    await home.discord.until(lambda: "came or went" in late.text(), 10)
    assert await home.edits.open() == ()
    assert "Sent: 2." in card.text(), "drawn anew"
    other = await opened(home)
    await pressed(home, other, "Dismiss", by=home.ben)
    await pressed(home, other, "Yes, dismiss", by=home.ben)
    gone = await home.discord.press(card, "Dismiss", by=home.anna)
    await home.discord.until(lambda: "seen to that one already" in gone.text(), 10)
    assert len(await rows(database, "sent_questions")) == 0


async def test_what_another_edit_answers_meanwhile_is_closed_and_told(home: House, database: Database) -> None:
    sent = await home.send(SECOND)
    await home.discord.press(shown(sent), "Tell me when there is an answer")
    assert "By now" not in (await opened(home)).text()
    desk = home.bot.office.desk
    drafted = with_asks(desk.knowledge.entries["tms"], [SECOND], desk.knowledge, home.clock().date())
    edit = await desk.submit(drafted, Actor("somebody", Role.EDITOR), "seen in the channel")
    await desk.approve(edit, Actor("somebody else", Role.EDITOR), read=False)
    card = await opened(home)
    assert "answers this** (1 of 1)" in card.text()
    await pressed(home, card, "That is the answer: close it")
    await home.bot.office.settled()
    (note,) = home.discord.sent(home.discord.world.direct(home.discord.alice))
    assert "there is an answer now" in note.text()
    assert await rows(database, "sent_questions") == await rows(database, "answer_notes") == []
    assert "Nothing waits" in card.text()


async def test_of_many_long_questions_whole_ones_are_offered(home: House) -> None:
    longest = [f"budgerigar wardrobe squeak {'and squeak again ' * 21}number {letter}" for letter in "abcdefghijklmn"]
    for text in longest:
        await home.bot.desk.gaps.send(text, "tms", home.bot.desk.moment(), await home.bot.desk.known())
    card = await opened(home)
    form = await home.discord.press(card, "Write a page", by=home.anna)
    offered = field(form, "asks").splitlines()
    assert set(offered) <= set(longest)
    assert 5 < len(offered) < len(longest), "as many as fit into the form"
    plan = await planned(home, card)
    assert "Reword and propose" in plan.labels(), "however much there is to say"


async def test_signs_without_end_do_not_keep_a_group_from_being_opened(home: House) -> None:
    for letter in "abcdefghij":
        text = f"budgerigar wardrobe squeak {letter} {'*_~`' * 90}"
        await home.bot.desk.gaps.send(text, "tms", home.bot.desk.moment(), await home.bot.desk.known())
    card = await opened(home)
    assert "Dismiss" in card.labels()
    assert "Propose" in (await planned(home, card)).labels()


async def test_what_was_only_counted_has_no_words_and_counts_by_page(home: House) -> None:
    for _ in range(3):
        await home.bot.desk.gaps.miss("not-found", "ect", home.bot.desk.moment())
    await home.bot.desk.gaps.miss("language", "", home.bot.desk.moment())
    page = await board(home)
    assert "Groups: 1. Questions that members sent: 0." in page.text()
    assert home.served().entries["ect"].title in page.text()
    for _ in range(5):
        await home.bot.desk.feedback.rate("tms", "overview", Verdict.OUT_OF_DATE, home.bot.desk.moment())
    page = await board(home)
    assert page.text().index(home.served().entries["tms"].title) < page.text().index("ECT"), "it rises"


async def reviewed(home: House) -> Message:
    """The review card, once it can be decided on."""
    await home.discord.until(lambda: any("Publish" in one.labels() for one in home.room), 20, "a review card")
    return next(one for one in home.room if "Publish" in one.labels())


def field(opened: Interaction, key: str) -> str:
    assert opened.modal is not None, opened.text()
    found = (one["component"] for one in opened.modal["components"])
    return str(next(one["value"] for one in found if one["custom_id"] == key))


def answers(home: House, text: str) -> bool:
    """Whether the pages that are served answer a question."""
    return isinstance(home.bot.desk.answerer.reply(Question(text, home.clock()))[0], Answer)
