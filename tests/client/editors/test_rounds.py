"""What happens by the clock, over the wire: the weekly digest, overdue pages, a month in figures, forgetting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.editing.upkeep import Verdict
from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Stakes
from bot.knowledge.writing import file_text
from bot.storage import Alert, Database
from bot.storage.tables import METADATA
from tests.client.editors.desk import SALT, asked, panel, published, typed
from tests.client.editors.house import House, house, some_pages
from tests.discord_server import Interaction

STRANGE = "why does my budgerigar squeak at wardrobes"
DIGEST = "What the pages need this week"


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(database, some_pages(tmp_path / "knowledge", ("lithium", "ect", "tms"))) as made:
        made.clock.until(monday(made) - timedelta(hours=1))
        yield made


def monday(home: House) -> datetime:
    """The next Monday at nine: a digest's week begins."""
    today = home.clock().date()
    return datetime.combine(today + timedelta(days=7 - today.weekday()), time(9), UTC)


def digests(home: House) -> list[str]:
    return [one.text() for one in home.room if DIGEST in one.text()]


# --- the weekly digest -----------------------------------------------------------------------------------------------


async def test_the_digest_comes_once_a_week_and_says_what_needs_somebody(home: House, database: Database) -> None:
    await home.bot.rounds.turn()
    assert digests(home) == [], "a bot that is new here begins with the next week"
    await published(home)
    path = home.folder / "definitions/lithium.yaml"
    entry = load_knowledge(home.folder).knowledge.entries["lithium"]
    path.write_text(file_text(entry.model_copy(update={"title": "Lithium salts"})), encoding="utf-8")
    await home.discord.until(lambda: bool(home.bot.office.desk.flags()), 20)
    await typed(home, await panel(home, "ect"), "overview", {"text": SALT})
    await home.send(STRANGE)
    for _ in range(5):
        await home.bot.desk.feedback.rate("ect", "overview", Verdict.UNCLEAR, home.bot.desk.moment())
    await home.bot.desk.alerts.add(Alert(1, 2, 3, ("a-rule",), home.bot.desk.moment()))
    await home.bot.desk.alerts.count_false_alarm(("a-rule",))

    home.clock.until(monday(home) + timedelta(days=7, minutes=1))
    await home.bot.rounds.turn()
    (said,) = digests(home)
    assert "Edit 2 of ect: draft" in said
    assert "Edit 1 (entry lithium) was published, and its file was changed since" in said
    assert "0 % helpful of 5 ratings, mostly “It is hard to understand”" in said
    assert "a-rule: 1 of 1 alerts" in said
    assert "**What members did not get most**" in said
    assert "budgerigar" not in said, "what stands in a channel would outlive its thirty days"
    await home.bot.rounds.turn()
    home.clock.later(days=6)
    await home.bot.rounds.turn()
    assert len(digests(home)) == 1
    home.clock.later(days=1)
    await home.bot.rounds.turn()
    assert len(digests(home)) == 2


async def test_a_quiet_week_has_no_digest_and_a_closed_channel_is_tried_again(home: House) -> None:
    await home.bot.rounds.turn()
    home.clock.later(days=7)
    await home.bot.rounds.turn()
    assert digests(home) == [], "nothing to say"
    await typed(home, await panel(home, "ect"), "overview", {"text": SALT})
    home.clock.later(days=14)
    home.discord.fail("POST", f"/channels/{home.discord.mod_room.id}/messages", 403)
    await home.bot.rounds.turn()
    assert digests(home) == []
    home.clock.later(minutes=61)
    await home.bot.rounds.turn()
    assert len(digests(home)) == 1


async def test_pages_come_due_are_overdue_and_then_show_their_sources_only(home: House) -> None:
    entry = home.served().entries["lithium"]
    assert entry.stakes is Stakes.HIGH
    due = datetime.combine(entry.review.due, time(12), UTC)
    await home.bot.rounds.turn()
    for days, in_digest, in_reply in (
        (-7, "Lithium (high stakes): in", ""),
        (7, "days overdue", "It was due to be read again in"),
        (98, "days overdue; only its sources are shown", "only its sources are shown"),
    ):
        home.clock.until(due + timedelta(days=days))
        await home.bot.rounds.turn()
        assert in_digest in digests(home)[-1]
        reply = await asked(home)
        assert in_reply in reply
        assert ("simple salt" in reply) == (days < 98)


# --- a month in figures ----------------------------------------------------------------------------------------------


async def month(home: House, month: str | None = None) -> Interaction:
    shown = await home.discord.slash("insights", by=home.anna, month=month)
    await home.discord.until(lambda: shown.text() != "", 20, "the figures")
    return shown


async def test_a_month_is_a_picture_with_its_text_beside_it_and_hides_small_counts(home: House) -> None:
    desk = home.bot.desk
    for kind, entries, count in (("answer", ("lithium",), 40), ("answer", ("ect",), 4), ("unknown", (), 3)):
        for _ in range(count):
            await desk.feedback.replied(kind, entries, desk.moment())
    for _ in range(6):
        await desk.feedback.rate("lithium", "overview", Verdict.HELPFUL, desk.moment())
    await desk.feedback.rate("lithium", "overview", Verdict.UPSETTING, desk.moment())
    shown = await month(home)
    (message,) = shown.followups or [shown.shown]
    assert message.ephemeral
    (picture,) = message.attachments
    assert picture["filename"].endswith(".png")
    assert picture["description"] == " ".join(message.content.split())
    assert "at least 44 questions" in message.content
    assert "no answer fewer than 5" in message.content
    assert "Lithium (40)" in message.content
    assert "ECT" not in message.content
    assert "helpful 6, not helpful fewer than 5" in message.content
    assert "%" not in message.content, "a share would tell the small count"


async def test_another_month_and_what_is_none(home: House) -> None:
    await home.bot.desk.feedback.replied("answer", (), home.bot.desk.moment())
    lately = await home.discord.autocomplete("insights", "month", "", by=home.ben)
    assert [len(one["value"]) for one in lately] == [7] * 13
    assert "0 questions" in (await month(home, month=lately[1]["value"])).text()
    for wrong in ("2026-13", "2026-1", "x"):
        assert "Write the month like" in (await month(home, month=wrong)).text()


# --- forgetting ------------------------------------------------------------------------------------------------------


async def test_after_thirty_days_nothing_of_a_question_is_left(home: House, database: Database) -> None:
    await home.send(STRANGE)
    board = await home.discord.slash("gaps", by=home.anna)
    assert "budgerigar" in board.text()
    home.clock.later(days=30, seconds=5)
    await home.bot.housekeeping.clean()
    board = await home.discord.slash("gaps", by=home.anna)
    assert "budgerigar" not in board.text()
    async with database.reading() as connection:
        for name in ("sent_questions", "answer_notes", "replies", "seen"):
            count = await connection.execute(select(func.count()).select_from(METADATA.tables[name]))
            assert count.scalar() == 0, name
