"""/gaps: from a question without an answer to the answer that the next member gets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.answering.model import Answer, Question
from bot.editing.exporting import export, export_changes
from bot.editing.model import Place, Subject
from bot.editing.states import State
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

    await home.discord.until(lambda: any("Publish" in one.labels() for one in home.room), 10)
    review = next(one for one in home.room if "Publish" in one.labels())
    assert "+ " in review.text()
    assert "squeak" in review.text()
    refused = await home.discord.press(review, "Publish", by=home.anna)
    await home.discord.until(lambda: "somebody else has to decide" in refused.text(), 10)
    assert not answers(home, SECOND)

    await home.discord.press(review, "Publish", by=home.ben)
    await home.discord.until(lambda: answers(home, SECOND), 20, "the new pages")
    assert f"### {home.served().entries['tms'].title}" in await asked(home, "my budgerigar squeaks at every wardrobe")
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


def answers(home: House, text: str) -> bool:
    """Whether the pages that are served answer a question."""
    return isinstance(home.bot.desk.answerer.reply(Question(text, home.clock()))[0], Answer)
