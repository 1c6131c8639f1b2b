"""Starting while Discord is away: waiting for it, instead of ending and being started again and again."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

import aiohttp
import discord

log = logging.getLogger(__name__)
T = TypeVar("T")
PASSING: Final = (OSError, aiohttp.ClientError, discord.DiscordServerError, discord.GatewayNotFound)
"""What goes by itself: no network, no name resolved, Discord overloaded."""
WAITS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
LONGEST_WAIT: Final = 60.0


class Leaving(Exception):
    """The bot is told to stop while it waits."""


async def until_there(call: Callable[[], Awaitable[T]], stop: asyncio.Event, waits: Iterable[float] | None = None) -> T:
    """What ``call`` gives, tried again while Discord is away: for ever, or as often as there are ``waits`` (seconds).

    Raises:
        Leaving: ``stop`` was set while waiting.
        Exception: what ``call`` raised, where that does not go by itself or there are no more waits.
    """
    for wait in waits if waits is not None else itertools.chain(WAITS, itertools.repeat(LONGEST_WAIT)):
        try:
            return await call()
        except PASSING as error:
            log.warning("event=discord-away type=%s next=%.0fs", type(error).__name__, wait)
        try:
            await asyncio.wait_for(stop.wait(), wait)
        except TimeoutError:
            continue
        raise Leaving
    return await call()
