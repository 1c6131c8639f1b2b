"""The local Discord itself: what a real client sees of it, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord_server import LocalDiscord, OpenApi, locate
from tests.discord_server.rules import command_complaints, component_complaints, message_complaints, modal_complaints


class Echo(discord.AutoShardedClient):
    """The bare wire: answers every mention with its own text."""

    def __init__(self, shard_count: int | None = None) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(
            intents=intents,
            max_messages=None,
            guild_ready_timeout=0,
            shard_count=shard_count,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[str] = []

        @self.tree.command(name="echo", description="Says it again.")
        @app_commands.describe(text="What to say.")
        async def echo(interaction: discord.Interaction, text: str) -> None:
            await interaction.response.send_message(text, ephemeral=True)
            await interaction.followup.send("again")

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No waiting between identifies."""

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message.content)
        if not message.author.bot:
            await message.reply(message.content or "(empty)", nonce=message.id)


@asynccontextmanager
async def echoing(local: LocalDiscord, client: Echo | None = None) -> AsyncIterator[Echo]:
    client = client or Echo()
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = local.api_url, yarl.URL(local.gateway_url)
    task = asyncio.create_task(client.start(local.token))
    try:
        await local.until(lambda: task.done() or local.gateway.counts.get("ready", 0) >= local.world.shards)
        assert not task.done(), task.exception()
        await client.wait_until_ready()
        yield client
    finally:
        await client.close()
        await asyncio.gather(task, return_exceptions=True)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


async def test_a_mention_is_heard_and_replied_to() -> None:
    async with LocalDiscord() as local, echoing(local) as client:
        message = await local.mention("hello")
        reply = await local.reply_to(message)
        assert reply.content.endswith("hello")
        assert reply.mentions == []
        assert client.heard[0].endswith("hello")


async def test_without_the_content_intent_an_overheard_message_is_blank() -> None:
    async with LocalDiscord() as local, echoing(local) as client:
        message = await local.say("a private matter")
        await local.reply_to(message)
        assert "a private matter" not in client.heard


async def test_a_slash_command_has_a_private_answer_and_a_follow_up() -> None:
    async with LocalDiscord() as local, echoing(local):
        interaction = await local.slash("echo", text="hi")
        await local.until(lambda: interaction.followups)
        assert interaction.ephemeral
        assert interaction.original is not None
        assert interaction.original.content == "hi"
        assert local.sent() == [interaction.followups[0]]


@pytest.mark.parametrize("how", ["reconnect", "dropped", "4000"])
async def test_what_was_missed_is_replayed_after_a_resume(how: str) -> None:
    async with LocalDiscord() as local, echoing(local):
        if how == "reconnect":
            local.gateway.ask_to_reconnect()
        elif how == "dropped":
            local.gateway.drop()
        else:
            await local.gateway.close_all(4000)
        missed = await local.mention("are you there?")
        await local.reply_to(missed)
        assert local.gateway.counts["resumed"] == 1
        assert local.gateway.counts["identify"] == 1


async def test_a_token_that_is_not_known_is_refused() -> None:
    async with LocalDiscord(strict=False) as local:
        local.rest.token = "another"
        client = Echo()
        base = Route.BASE
        Route.BASE = local.api_url
        try:
            with pytest.raises(discord.LoginFailure):
                await client.login(local.token)
        finally:
            await client.http.close()
            Route.BASE = base


async def test_two_shards_each_hear_their_own_server() -> None:
    async with LocalDiscord(shards=2) as local:
        other = local.world.guild("Second", local.admin, shard=1)
        channel = local.world.channel(other, "talk")
        async with echoing(local):
            await local.reply_to(await local.mention("one"))
            await local.reply_to(await local.mention("two", channel=channel))
            assert {tuple(i["shard"]) for i in local.gateway.identifies} == {(0, 2), (1, 2)}


async def test_a_rate_limit_is_kept_by_the_client_and_a_429_waited_for() -> None:
    async with LocalDiscord() as local, echoing(local):
        local.limit("POST", f"/channels/{local.general.id}/messages", 2, 0.2)
        messages = [await local.mention(str(number)) for number in range(5)]
        for message in messages:
            await local.reply_to(message)
        local.fail("POST", f"/channels/{local.questions.id}/messages", 429, retry_after=0.05)
        await local.reply_to(await local.mention("later", channel=local.questions))
        assert [r.status for r in local.requests if f"{local.questions.id}/messages" in r.path] == [429, 200]


async def test_the_same_nonce_gives_the_same_message() -> None:
    async with LocalDiscord() as local, echoing(local) as client:
        channel = client.get_channel(local.general.id)
        assert isinstance(channel, discord.TextChannel)
        bodies = [{"content": "x", "nonce": "7", "enforce_nonce": True}] * 2
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
        first, second = [await client.http.request(route, json=body) for body in bodies]
        assert first["id"] == second["id"]


async def send_too_much() -> None:
    async with LocalDiscord() as local, echoing(local) as client:
        channel = client.get_channel(local.general.id)
        assert isinstance(channel, discord.TextChannel)
        with pytest.raises(discord.HTTPException):
            await channel.send("x" * 2001)


async def test_a_refused_body_fails_the_test_that_sent_it() -> None:
    with pytest.raises(AssertionError, match="2001 characters"):
        await send_too_much()


async def test_a_heartbeat_is_answered() -> None:
    async with LocalDiscord(heartbeat_ms=60) as local, echoing(local) as client:
        await local.until(lambda: local.gateway.counts.get("heartbeat", 0) >= 3)
        assert client.latency < 1


def test_rules_name_what_the_file_misses() -> None:
    text = {"type": 10, "content": "é" * 2000}
    button = {"type": 2, "style": 2, "label": "x", "custom_id": "same"}
    menu = {"type": 3, "custom_id": "m", "options": [{"label": "a", "value": "1"}] * 2, "max_values": 3}
    assert "in total" in message_complaints({"components": [text] * 3, "flags": 1 << 15})[0]
    assert any("used 2 times" in c for c in component_complaints([{"type": 1, "components": [button, button]}]))
    assert any("option value" in c for c in component_complaints([{"type": 1, "components": [menu]}]))
    assert message_complaints({"content": "hi", "flags": 1 << 15, "components": [text]})
    assert message_complaints({}) == ["the message is empty"]
    assert modal_complaints({"title": "t" * 46, "components": [{"type": 10, "content": "x"}]})
    assert command_complaints([{"name": "Bad Name", "description": ""}])


@pytest.mark.skipif(locate() is None, reason="discord-openapi.json is not here; set NEXTSTEP_DISCORD_OPENAPI")
def test_the_openapi_file_names_the_place() -> None:
    checker = OpenApi.found()
    assert checker is not None
    assert checker.complaints("POST", "/channels/1/messages", {"content": "fine"}) == []
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "x" * 81, "custom_id": "a"}]}
    assert "label" in checker.complaints("POST", "/channels/1/messages", {"components": [row]})[0]
    assert checker.complaints("GET", "/no/such/route", None)
