"""The bot over a real wire: REST and gateway of the local Discord, every body checked."""

from __future__ import annotations

import asyncio
import zlib

import discord
import pytest

from bot.client.interface import Interface
from bot.client.memory import Pace
from bot.client.running import Options, build_bot, start
from bot.client.seam import point_at
from bot.client.syncing import fingerprint, sync_when_changed
from bot.errors import ConfigError
from bot.storage import Database
from tests.client import small
from tests.client.conftest import Serve, running
from tests.discord_server import LocalDiscord


async def test_a_mention_is_answered_with_a_card(serve: Serve) -> None:
    async with serve() as s:
        message = await s.discord.mention("what is lithium?")
        reply = await s.discord.reply_to(message)
        assert "### Lithium" in reply.text()
        assert "Remove" in reply.labels()
        assert reply.content == ""
        assert reply.mentions == []


class Inflated:
    """discord.py's own context for zlib, which it defines only where zstandard is not installed."""

    COMPRESSION_TYPE = "zlib-stream"

    def __init__(self) -> None:
        self._context, self._waiting = zlib.decompressobj(), bytearray()

    def decompress(self, data: bytes, /) -> str | None:
        self._waiting += data
        if not data.endswith(b"\x00\x00\xff\xff"):
            return None
        text = self._context.decompress(self._waiting).decode()
        self._waiting.clear()
        return text


@pytest.mark.parametrize("compression", ["zstd-stream", "zlib-stream"])
async def test_either_compression_of_the_gateway(
    serve: Serve, compression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if compression == "zlib-stream":
        monkeypatch.setattr("discord.utils._ActiveDecompressionContext", Inflated)
    async with serve() as s:
        assert {socket.compression for socket in s.discord.gateway.sockets} == {compression}
        for _ in range(3):
            await s.discord.reply_to(await s.discord.mention("what is lithium?"))


async def test_without_the_content_intent_calls_and_direct_messages_are_answered(serve: Serve) -> None:
    async with serve() as s:
        assert s.discord.gateway.identifies[0]["intents"] == 1 | 1 << 9 | 1 << 12
        await s.discord.say("what is lithium?")
        reply = await s.discord.reply_to(await s.discord.whisper("what is lithium?"))
        assert "### Lithium" in reply.text()
        await s.discord.settled()
        assert s.discord.sent(s.discord.general) == []


async def test_ask_is_private_and_can_be_shared(serve: Serve) -> None:
    async with serve() as s:
        asked = await s.discord.slash("ask", question="what is ECT?")
        assert asked.ephemeral
        assert "ECT" in asked.text()
        assert s.discord.sent() == []
        shared = await s.discord.press(asked.original, "Share here")
        assert not shared.ephemeral
        assert len(s.discord.sent(s.discord.general)) == 1


async def test_define_completes_and_answers(serve: Serve) -> None:
    async with serve() as s:
        choices = await s.discord.autocomplete("define", "term", "lith")
        assert choices[0] == {"name": "Lithium", "value": "lithium"}
        defined = await s.discord.slash("define", term="lithium")
        assert defined.ephemeral
        assert "### Lithium" in defined.text()


async def test_a_user_install_without_the_bot_in_the_server(serve: Serve) -> None:
    async with serve() as s:
        elsewhere = s.discord.world.guild("Elsewhere", s.discord.admin, installed=False)
        channel = s.discord.world.channel(elsewhere, "talk")
        asked = await s.discord.slash("ask", question="what is lithium?", channel=channel, user_install=True)
        assert "### Lithium" in asked.text()
        refused = await s.discord.press(asked.original, "Share here")
        assert "### Lithium" in refused.text()


async def test_in_direct_messages_commands_are_answered_openly(serve: Serve) -> None:
    async with serve() as s:
        channel = s.discord.world.direct(s.discord.alice)
        asked = await s.discord.slash("ask", question="what is lithium?", channel=channel)
        assert not asked.ephemeral
        assert "Share here" not in asked.original.labels()


@pytest.mark.parametrize("how", ["op 7", "dropped", "4000", "4009"])
async def test_a_message_during_an_outage_is_answered_once_after_the_resume(serve: Serve, how: str) -> None:
    async with serve() as s:
        if how == "op 7":
            s.discord.gateway.ask_to_reconnect()
        elif how == "dropped":
            s.discord.gateway.drop()
        else:
            await s.discord.gateway.close_all(int(how))
        message = await s.discord.mention("what is lithium?")
        await s.discord.reply_to(message)
        await s.discord.settled()
        assert len(s.discord.replies(message)) == 1


async def test_a_replayed_message_is_not_answered_twice(serve: Serve) -> None:
    async with serve() as s:
        message = s.discord.post(f"<@{s.discord.world.bot.id}> what is lithium?")
        s.discord.gateway.repeat_last()
        await s.discord.reply_to(message)
        await s.discord.settled()
        assert len(s.discord.replies(message)) == 1


async def test_a_lost_session_is_begun_anew(serve: Serve) -> None:
    async with serve() as s:
        s.bot._identified.clear()
        s.discord.gateway.invalidate()
        await s.discord.connected(times=2)
        await s.discord.reply_to(await s.discord.mention("what is lithium?"))
        assert s.discord.gateway.counts["identify"] == 2


@pytest.mark.parametrize("is_global", [False, True])
async def test_a_rate_limit_is_waited_for(serve: Serve, is_global: bool) -> None:
    async with serve() as s:
        s.discord.fail("POST", "/channels/*/messages", 429, retry_after=0.1, is_global=is_global)
        message = await s.discord.mention("what is lithium?")
        await s.discord.reply_to(message)
        assert [r.status for r in s.discord.requests if r.path.endswith("/messages")] == [429, 200]


async def test_a_server_error_is_tried_again(serve: Serve) -> None:
    async with serve() as s:
        s.discord.fail("POST", "/channels/*/messages", 502)
        await s.discord.reply_to(await s.discord.mention("what is lithium?"))


async def test_a_503_is_tried_again_too(serve: Serve) -> None:
    async with serve() as s:
        s.discord.fail("POST", "/channels/*/messages", 503)
        message = await s.discord.mention("what is lithium?")
        reply = await s.discord.reply_to(message)
        assert "### Lithium" in reply.text()


async def test_a_deleted_question_gets_no_reply(serve: Serve) -> None:
    async with serve() as s:
        message = await s.discord.mention("what is lithium?")
        await s.discord.delete(message)
        await s.discord.settled()
        assert s.discord.sent(s.discord.general) == []


async def test_a_burst_is_answered_in_order(serve: Serve) -> None:
    async with serve() as s:
        s.bot.desk.cooldowns.person = s.bot.desk.cooldowns.channel = Pace(1000, 1.0)
        people = [s.discord.world.member(s.discord.guild, f"P{number}") for number in range(10)]
        posted = [await s.discord.mention("what is lithium?", by=people[n % 10]) for n in range(40)]
        await s.discord.until(lambda: len(s.discord.sent(s.discord.general)) == 40, 10)
        assert [reply.reply_to for reply in s.discord.sent(s.discord.general)] == posted


async def test_messages_that_come_together_leave_room_for_everything_else(serve: Serve) -> None:
    async with serve() as s:
        turn = 0
        turns: list[int] = []
        loop = asyncio.get_running_loop()

        def count() -> None:
            nonlocal turn
            turn += 1
            if len(turns) < 40:
                loop.call_soon(count)

        async def heard(kind: str) -> None:
            if kind == "MESSAGE_CREATE":
                turns.append(turn)

        setattr(s.bot, "on_socket_event_type", heard)  # noqa: B010 - discord.py's way of naming a listener
        for _ in range(40):
            s.discord.post("nothing for the bot")
        count()
        await s.discord.until(lambda: len(turns) >= 40)
        assert len(set(turns)) == 40


async def test_commands_are_registered_only_when_they_changed(serve: Serve, database: Database) -> None:
    async with serve() as s:
        assert not await sync_when_changed(s.bot)
        first = fingerprint(s.bot)
    async with serve() as s:
        assert fingerprint(s.bot) == first
        assert [r for r in s.discord.requests if r.method == "PUT"] == []
        assert await sync_when_changed(s.bot, anyway=True)


async def test_all_commands_and_menus_are_there(serve: Serve) -> None:
    async with serve() as s:
        names = set(s.discord.world.commands)
        assert names == {
            "ask", "define", "compare", "help-lines", "about", "privacy", "me", "setup", "knowledge",
            "gaps", "insights",
            "Find an answer", "Why this answer?", "Remove this reply",
        }  # fmt: skip
        setup = s.discord.world.commands["setup"]
        assert setup["default_member_permissions"] == discord.Permissions(manage_guild=True).value
        assert setup["integration_types"] == [0]
        assert s.discord.world.commands["ask"]["contexts"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("code", "words"), [(4004, "DISCORD_TOKEN"), (4014, "Message Content Intent"), (4013, "Update NextStep")]
)
async def test_a_refusal_for_good_says_which_switch_to_set(
    database: Database, interface: Interface, code: int, words: str
) -> None:
    async with LocalDiscord() as local:
        local.gateway.identify_close = code
        bot = build_bot(small.answerer(), interface, database, Options())
        with pytest.raises(ConfigError, match=words):
            async with running(bot, local):
                pass


async def test_an_unknown_token_says_where_to_get_one(database: Database, interface: Interface) -> None:
    async with LocalDiscord() as local:
        await point_at(local.api_url)
        bot = build_bot(small.answerer(), interface, database, Options())
        with pytest.raises(ConfigError, match="developer portal"):
            await start(bot, "wrong.token")


async def test_an_address_where_nothing_answers_is_named() -> None:
    with pytest.raises(ConfigError, match="DISCORD_API_URL names http"):
        await point_at("http://127.0.0.1:9/api/v10")


async def test_two_shards(database: Database, interface: Interface) -> None:
    async with LocalDiscord(shards=2, max_concurrency=2) as local:
        other = local.world.guild("Second", local.admin, shard=1)
        channel = local.world.channel(other, "talk")
        bot = build_bot(small.answerer(), interface, database, Options(), guild_ready_timeout=0)
        async with running(bot, local):
            await local.reply_to(await local.mention("what is lithium?"))
            await local.reply_to(await local.mention("what is lithium?", channel=channel))


async def test_health_tells_connected_from_away(serve: Serve) -> None:
    async with serve() as s:
        assert s.bot.housekeeping.beat().connected
        s.discord.gateway.refuse = True
        await s.discord.gateway.close_all(4000)
        await s.discord.until(lambda: not s.bot.housekeeping.beat().connected)


async def test_through_drops_and_refusals_every_message_is_answered_once(serve: Serve) -> None:
    async with serve() as s:
        s.bot.desk.cooldowns.person = s.bot.desk.cooldowns.channel = Pace(1000, 1.0)
        s.discord.fail("POST", "/channels/*/messages", 429, times=1000, share=0.1, retry_after=0.01)
        s.discord.fail("POST", "/channels/*/messages", 503, times=4, share=0.1)
        posted = []
        for number in range(60):
            channel = (s.discord.general, s.discord.questions, s.discord.mod_room)[number % 3]
            posted.append(await s.discord.mention("what is lithium?", channel=channel))
            if number % 12 == 5:
                s.discord.gateway.drop()
            await asyncio.sleep(0.005)
        await s.discord.until(lambda: all(s.discord.replies(message) for message in posted), 30)
        await s.discord.settled()
        assert [len(s.discord.replies(message)) for message in posted] == [1] * 60


async def test_when_discord_is_overloaded_at_the_start_the_bot_waits_and_comes(
    database: Database, interface: Interface, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.client.patience.WAITS", (0.05,) * 10)
    async with LocalDiscord() as local:
        for method, path in (("GET", "/users/@me"), ("GET", "/gateway/bot"), ("PUT", "/applications/*")):
            local.fail(method, path, 503)
        bot = build_bot(small.answerer(), interface, database, Options(), guild_ready_timeout=0)
        async with running(bot, local):
            await local.reply_to(await local.mention("what is lithium?"))
        assert "ask" in local.world.commands


async def test_while_discord_is_away_at_the_start_the_bot_can_be_stopped(
    database: Database, interface: Interface
) -> None:
    async with LocalDiscord() as local:
        await point_at(local.api_url)
        local.fail("GET", "/users/@me", 503, times=99)
        bot = build_bot(small.answerer(), interface, database, Options())
        task = asyncio.create_task(start(bot, local.token))
        await local.until(lambda: local.requests)
        await bot.leave()
        await asyncio.wait_for(task, 5)
