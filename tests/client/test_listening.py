"""Messages: one reply each, following edits and deletions, and listening only where an administrator said so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.client.interface import Interface
from bot.client.running import Options, build_bot
from bot.storage import Database, GuildSettings
from tests.client import small
from tests.client.conftest import Serve, Served
from tests.client.room import Room, read


async def allow(room: Room, **changes: Any) -> None:
    await room.bot.desk.settings.save(replace(GuildSettings(room.guild.id), **changes))


async def test_the_reply_follows_an_edit_in_its_place(room: Room) -> None:
    message = await room.mention("what is lithium?")
    before = room.reply()
    await room.alice.edit(message, f"{room.bot.user.mention} what is ECT?")
    assert room.reply().id == before.id
    assert "### ECT" in read(room.reply())


async def test_a_change_of_form_deletes_and_sends_anew(room: Room) -> None:
    message = await room.mention("what is lithium?")
    before = room.reply()
    await room.alice.edit(message, f"{room.bot.user.mention} hello there")
    assert room.reply().id != before.id
    assert read(room.reply()) == "Hello. Ask me anything."


async def test_an_edit_does_not_take_support_back(room: Room) -> None:
    message = await room.mention("i want to die")
    before = read(room.reply())
    await room.alice.edit(message, f"{room.bot.user.mention} jk what is lithium?")
    assert read(room.reply()) == before


async def test_an_edit_into_danger_brings_support(room: Room) -> None:
    message = await room.mention("what is lithium?")
    await room.alice.edit(message, f"{room.bot.user.mention} i want to die")
    assert "tap" in read(room.reply())


async def test_a_call_added_by_an_edit_is_answered(room: Room) -> None:
    message = await room.alice.send(room.general, "what is lithium?")
    assert room.replies() == []
    await room.alice.edit(message, f"{room.bot.user.mention} what is lithium?")
    assert "### Lithium" in read(room.reply())


async def test_the_reply_vanishes_with_the_question(room: Room) -> None:
    message = await room.mention("what is lithium?")
    await room.alice.delete(message)
    assert room.replies() == []


async def test_a_reply_that_was_removed_stays_removed(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    message = await room.mention("what is lithium?")
    await room.alice.click(room.reply(), label="Remove")
    await room.alice.edit(message, f"{room.bot.user.mention} what is ECT?")
    assert room.replies() == []
    await room.alice.delete(message)
    assert "event=fault" not in caplog.text


async def test_a_restarted_bot_still_deletes_and_never_answers_twice(
    room: Room, database: Database, interface: Interface
) -> None:
    message = await room.mention("what is lithium?")
    await room.env.restart_bot(
        build_bot(small.answerer(), interface, database, Options(message_content=True, shards=1))
    )
    room.bot = room.env.bot
    await room.bot.listener.message(await room.bot.get_channel(room.general.id).fetch_message(message.id))
    assert len(room.replies()) == 1
    await room.alice.delete(message)
    assert room.replies() == []


async def test_nothing_is_overheard_by_default(room: Room) -> None:
    await room.alice.send(room.general, "what is lithium?")
    await room.alice.send(room.general, "i want to die")
    assert room.replies() == []


async def test_a_channel_that_opted_in_is_answered_only_when_the_bot_is_sure(room: Room) -> None:
    await allow(room, answer_in=frozenset({room.general.id}))
    await room.alice.send(room.general, "what is lithium?")
    await room.alice.send(room.general, "not for you")
    await room.alice.send(room.quiet, "what is lithium?")
    assert "### Lithium" in read(room.reply())
    assert room.replies(room.quiet) == []


async def test_danger_is_answered_only_where_it_is_watched_for(room: Room) -> None:
    await allow(room, answer_in=frozenset({room.general.id}), watch_in=frozenset({room.quiet.id}))
    await room.alice.send(room.general, "i want to die")
    await room.alice.send(room.quiet, "i want to die")
    await room.alice.send(room.quiet, "what is lithium?")
    assert room.replies(room.general) == []
    assert "tap" in read(room.reply(room.quiet))


async def test_a_forum_post_is_answered_once(room: Room) -> None:
    await allow(room, answer_in=frozenset({room.forum.id}))
    parent = room.bot.get_channel(room.forum.id)
    made = await parent.create_thread(name="Lithium?", content="(post)")
    thread = next(one for one in room.forum.threads if one.id == made.thread.id)
    for _ in range(3):
        await room.alice.send(thread, "what is lithium?")
    assert len([reply for reply in room.replies(thread) if "### Lithium" in read(reply)]) == 1


async def opened(served: Served, **changes: Any) -> None:
    guild = served.discord.guild.id
    await served.bot.desk.settings.save(replace(GuildSettings(guild), **changes))


async def test_the_title_of_a_forum_post_is_part_of_the_question(serve: Serve) -> None:
    async with serve(message_content=True) as s:
        await opened(s, answer_in=frozenset({s.discord.help.id}), watch_in=frozenset({s.discord.help.id}))
        asked = s.discord.open_post("what is lithium?", "i start it next week and would like to know")
        assert "### Lithium" in (await s.discord.reply_to(asked)).text()
        again = await s.discord.say("what is lithium?", channel=asked.channel)
        await s.discord.settled()
        assert s.discord.replies(again) == []
        danger = s.discord.open_post("i want to die", "see above", by=s.discord.bob)
        assert "tap" in (await s.discord.reply_to(danger)).text()


async def test_vent_channels_and_posts_are_left_alone_unless_the_bot_is_called(serve: Serve) -> None:
    async with serve(message_content=True) as s:
        vent = s.discord.world.channel(s.discord.guild, "vent-here")
        s.discord.gateway.dispatch("CHANNEL_CREATE", vent.json(), shard=0)
        here = frozenset({vent.id, s.discord.help.id})
        await opened(s, answer_in=here, watch_in=frozenset({vent.id}))
        await s.discord.say("what is lithium?", channel=vent)
        s.discord.open_post("just a rant", "what is lithium?")
        await s.discord.settled()
        assert s.discord.sent() == []
        called = await s.discord.mention("what is lithium?", channel=vent)
        assert "### Lithium" in (await s.discord.reply_to(called)).text()
        danger = await s.discord.say("i want to die", channel=vent, by=s.discord.bob)
        assert "tap" in (await s.discord.reply_to(danger)).text()


async def test_other_bots_and_webhooks_are_ignored(room: Room) -> None:
    other = room.guild.add_member(room.env.create_user("other", bot=True))
    await room.mention("what is lithium?", who=other)
    hook = await room.bot.get_channel(room.general.id).create_webhook(name="hook")
    await hook.send(f"{room.bot.user.mention} what is lithium?")
    assert [one for one in room.replies() if one.reference] == []


async def test_who_opted_out_is_left_unread_unless_they_call(room: Room) -> None:
    await allow(room, answer_in=frozenset({room.general.id}))
    await room.alice.slash(room.general, "privacy opt-out")
    await room.alice.send(room.general, "what is lithium?")
    assert room.replies() == []
    await room.mention("what is lithium?")
    assert "### Lithium" in read(room.reply())


async def test_a_paused_server_is_answered_only_when_it_calls(room: Room) -> None:
    await allow(room, answer_in=frozenset({room.general.id}), paused=True)
    await room.alice.send(room.general, "what is lithium?")
    assert room.replies() == []
    await room.mention("what is lithium?")
    assert len(room.replies()) == 1


async def test_a_fault_gets_one_person_a_calm_word_and_costs_nobody_else(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.env.inject_error("POST", f"/channels/{room.general.id}/messages", status=500, times=1)
    await room.mention("what is lithium?", who=room.bob)
    await room.mention("what is ECT?")
    texts = [read(reply) for reply in room.replies()]
    assert "on my side" in texts[0]
    assert "### ECT" in texts[1]
    assert "event=fault" in caplog.text
    assert "lithium" not in caplog.text.lower()


async def test_where_the_bot_may_not_write_nothing_breaks(room: Room) -> None:
    room.env.inject_error("POST", f"/channels/{room.general.id}/messages", status=403, code=50013)
    await room.mention("what is lithium?")
    assert room.replies() == []
    await room.mention("what is ECT?")
    assert "### ECT" in read(room.reply())
