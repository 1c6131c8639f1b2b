"""What is stored comes back, counts add up, and everything ends in time."""

from __future__ import annotations

from sqlalchemy import event

from bot.storage import (
    Alert,
    Alerts,
    Database,
    GuildSettings,
    Member,
    Members,
    Replies,
    Settings,
    Staffed,
)
from bot.storage.replies import DAY

FULL = GuildSettings(
    guild_id=5,
    plain=True,
    country="GB",
    moderator_role=1,
    editor_role=2,
    clinician_role=3,
    alert_channel=4,
    alert_role=6,
    staffed=Staffed(1320, 360, "Europe/London"),
    paused=True,
    answer_in=frozenset({10, 11}),
    watch_in=frozenset({11, 12}),
)


async def test_settings_survive_a_restart_as_a_whole(database: Database) -> None:
    await Settings(database).save(FULL)
    fresh = Settings(database)
    await fresh.load()
    assert fresh.of(5) == FULL
    assert fresh.of(6) == GuildSettings(6)


async def test_settings_are_replaced_and_forgotten_with_their_channels(database: Database) -> None:
    settings = Settings(database)
    await settings.save(FULL)
    await settings.save(GuildSettings(5, answer_in=frozenset({99})))
    await settings.load()
    assert settings.of(5) == GuildSettings(5, answer_in=frozenset({99}))
    await settings.forget(5)
    await settings.load()
    assert settings.all() == ()


async def test_preferences_come_back_and_can_be_deleted(database: Database) -> None:
    members = Members(database)
    await members.save(Member(1, country="DE", low_energy=True, introduced_at=7))
    assert await Members(database).of(1) == Member(1, country="DE", low_energy=True, introduced_at=7)
    await members.forget(1)
    assert await members.stored(1) is None
    assert await members.of(1) == Member(1)


async def test_the_cache_of_preferences_is_bounded(database: Database) -> None:
    members = Members(database, keep=10)
    for number in range(50):
        await members.of(number)
    assert len(members._known) == 10


async def test_a_message_is_claimed_once_and_found_by_both_ends(database: Database) -> None:
    replies = Replies(database)
    assert replies.claim(1, 2, 3, at=100)
    assert not replies.claim(1, 2, 3, at=101)
    later = Replies(database)
    await later.load()
    assert not later.claim(1, 2, 3, at=101)
    replies.sent(1, 9, "answer", ("lithium", "ect"))
    record = await replies.by(9)
    assert record == await replies.to(1)
    assert record is not None
    assert (record.entries, record.asker_id, record.kind) == (("lithium", "ect"), 3, "answer")
    replies.release(1)
    assert replies.claim(1, 2, 3, at=102)


async def test_notes_about_many_messages_are_written_together_and_those_about_one_in_order(database: Database) -> None:
    executed: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *said: executed.append(said[2]))
    replies = Replies(database)
    for message in range(20):
        assert replies.claim(message, 2, 3, at=100)
        replies.sent(message, 100 + message, "answer", ())
    replies.release(5)
    assert replies.claim(5, 2, 3, at=102)
    replies.sent(5, 99, "unknown", ())
    found = {record.message_id: record.reply_id for record in await replies.all_of(3)}
    assert found == {**{message: 100 + message for message in range(20)}, 5: 99}
    assert sum("replies" in said and not said.startswith("SELECT") for said in executed) <= 5


async def test_what_is_done_once_is_done_once(database: Database) -> None:
    replies = Replies(database)
    assert [await replies.first_time("thread:1", 0) for _ in range(3)] == [True, False, False]


async def test_alerts_are_counted_by_rule_and_end_after_seven_days(database: Database) -> None:
    alerts = Alerts(database)
    await alerts.add(Alert(1, 2, 3, ("plan-now", "goodbye"), at=0))
    await alerts.add(Alert(4, 2, 3, ("goodbye",), at=6 * DAY))
    await alerts.count_false_alarm(("goodbye",))
    assert [(c.rule, c.alerts, c.false_alarms) for c in await alerts.counts()] == [
        ("goodbye", 2, 1),
        ("plan-now", 1, 0),
    ]
    due = await alerts.due(now=8 * DAY)
    assert [alert.alert_id for alert in due] == [1]
    await alerts.remove(1)
    assert await alerts.of(1) is None
    assert await alerts.of(4) == Alert(4, 2, 3, ("goodbye",), 6 * DAY)
