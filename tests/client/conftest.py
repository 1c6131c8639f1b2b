"""The client over the local Discord, and over simcord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client.bot import NextStep
from bot.client.interface import Interface, load_interface
from bot.client.running import Options, build_bot, start
from bot.storage import Database
from tests.client import small
from tests.client.room import Room, complaints_about
from tests.discord_server import LocalDiscord


@pytest.fixture(scope="session")
def interface() -> Interface:
    return load_interface()


@dataclass
class Served:
    """A running bot and the Discord it runs on."""

    discord: LocalDiscord
    bot: NextStep


Serve = Callable[..., Any]


@pytest.fixture
def serve(database: Database, interface: Interface) -> Serve:
    """``async with serve(message_content=True) as served``: the bot, connected to a local Discord."""

    @asynccontextmanager
    async def served(
        *, message_content: bool = False, local: LocalDiscord | None = None, **more: Any
    ) -> AsyncIterator[Served]:
        async with AsyncExitStack() as stack:
            discord = local if local is not None else LocalDiscord(message_content=message_content)
            if local is None:
                await stack.enter_async_context(discord)
            options = Options(message_content=message_content)
            bot = build_bot(small.answerer(), interface, database, options, guild_ready_timeout=0, **more)
            await stack.enter_async_context(running(bot, discord))
            yield Served(discord, bot)

    return served


@asynccontextmanager
async def running(bot: NextStep, discord: LocalDiscord) -> AsyncIterator[None]:
    """The bot, logged in and ready, until the block ends."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = discord.api_url, yarl.URL(discord.gateway_url)
    task = asyncio.create_task(start(bot, discord.token))
    try:
        await asyncio.wait({task, asyncio.create_task(bot.wait_until_ready())}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield
    finally:
        await bot.leave()
        await asyncio.gather(task, return_exceptions=True)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


# --- simcord -------------------------------------------------------------------------------------------------


@pytest.fixture
def simcord_bot(database: Database, interface: Interface) -> NextStep:
    """The bot that the ``simcord_env`` fixture runs."""
    return build_bot(small.answerer(), interface, database, Options(message_content=True, shards=1))


@pytest.fixture
def room(simcord_env: Any) -> Iterator[Room]:
    """A server with people in it. Afterwards, every body that the bot sent is checked."""
    made = Room(simcord_env)
    yield made
    assert complaints_about(simcord_env.http_requests) == []
