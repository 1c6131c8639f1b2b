"""Runs the bot until it is told to stop, and says in one sentence why it could not."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import discord

from bot.answering.pipeline import Answerer
from bot.client.bot import NextStep, closing
from bot.client.desk import Desk
from bot.client.interface import Interface
from bot.client.seam import VARIABLE, point_at
from bot.errors import ConfigError
from bot.storage import Database

log = logging.getLogger(__name__)

_REFUSED: Final = (
    "Discord refused the token. Copy the bot's token from the developer portal (Bot > Reset Token) into "
    "NEXTSTEP_TOKEN, or into the file that NEXTSTEP_TOKEN_FILE names."
)
_NO_INTENT: Final = (
    "Discord refused the message-content intent. Switch “Message Content Intent” on in the developer portal "
    "(Bot > Privileged Gateway Intents), or unset NEXTSTEP_MESSAGE_CONTENT: then the bot answers only when called."
)
_BAD_INTENT: Final = "Discord does not know the intents that were asked for. Update NextStep."
_BAD_SHARD: Final = "Discord refused the number of shards. Unset NEXTSTEP_SHARDS, so that Discord's own number is used."
_FATAL: Final = {4004: _REFUSED, 4010: _BAD_SHARD, 4011: _BAD_SHARD, 4013: _BAD_INTENT, 4014: _NO_INTENT}


@dataclass(frozen=True, slots=True)
class Options:
    """How the client runs. ``message_content`` needs the switch of the same name in Discord's developer portal."""

    message_content: bool = False
    health_file: Path | None = None
    api_url: str | None = None
    shards: int | None = None
    sync: bool = True


async def run_bot(
    token: str, answerer: Answerer, interface: Interface, database: Database, options: Options | None = None
) -> None:
    """Log in and serve until SIGTERM or SIGINT; replies in flight are finished first.

    Raises:
        ConfigError: the token, an intent or the address is refused; the sentence says which switch to set.
    """
    options = options or Options(api_url=os.environ.get(VARIABLE))
    if options.api_url:
        await point_at(options.api_url)
    bot = build_bot(answerer, interface, database, options)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, closing(bot))
    try:
        await start(bot, token)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def build_bot(answerer: Answerer, interface: Interface, database: Database, options: Options, **more: Any) -> NextStep:
    """The client, not yet connected."""
    desk = Desk(answerer, interface, database)
    if options.shards is not None:
        more["shard_count"] = options.shards
    bot = NextStep(desk, message_content=options.message_content, sync=options.sync, **more)
    bot.housekeeping.health_file = options.health_file
    return bot


async def start(bot: NextStep, token: str) -> None:
    """Log in and serve until the client is closed.

    Raises:
        ConfigError: Discord refuses for good.
    """
    try:
        async with bot:
            await bot.start(token)
    except discord.LoginFailure as error:
        raise ConfigError(_REFUSED) from error
    except discord.PrivilegedIntentsRequired as error:
        raise ConfigError(_NO_INTENT) from error
    except discord.ConnectionClosed as error:
        raise ConfigError(
            _FATAL.get(error.code, f"Discord closed the connection for good (code {error.code}).")
        ) from error
