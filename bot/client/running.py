"""Runs the bot until it is told to stop, and says in one sentence why it could not."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import discord

from bot.answering.model import Question
from bot.answering.pipeline import Answerer
from bot.app import Served, serve
from bot.client.bot import NextStep, closing
from bot.client.desk import Desk
from bot.client.editors.office import Editing
from bot.client.editors.opening import open_desk
from bot.client.interface import Interface, load_interface
from bot.client.patience import Leaving
from bot.client.seam import point_at
from bot.collector import serving
from bot.config import Settings
from bot.editing.desk import Policy
from bot.errors import ConfigError, KnowledgeError
from bot.operations.logs import SaidOnce
from bot.operations.metrics import Metrics, open_metrics
from bot.storage import Database, open_or_do_without

log = logging.getLogger(__name__)

_REFUSED: Final = (
    "Discord refused the token. Copy the bot's token from the developer portal (Bot > Reset Token) into "
    "DISCORD_TOKEN, or into the file that DISCORD_TOKEN_FILE names."
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
    country: str | None = None
    """Whose lines to show where neither member nor server chose a country."""
    contact: str | None = None
    """How members reach the people who run this bot."""
    sync: bool = True

    @classmethod
    def of(cls, settings: Settings) -> Options:
        """The options of a deployment's settings."""
        return cls(
            message_content=settings.nextstep_message_content,
            health_file=settings.nextstep_health_file,
            api_url=settings.discord_api_url,
            shards=settings.nextstep_shards,
            country=settings.nextstep_country,
            contact=settings.nextstep_contact,
        )


def run_client(settings: Settings, knowledge: Path | None = None) -> None:
    """Serve on Discord by a deployment's settings until a signal comes.

    Raises:
        ConfigError: a setting is missing or refused.
        DatabaseRefused: the database is another process's, program's or newer version's.
    """
    token = settings.token()
    if token is None:
        raise ConfigError("There is no Discord token. Set DISCORD_TOKEN or DISCORD_TOKEN_FILE.")
    prepare_logging(settings.nextstep_log_level)
    asyncio.run(_serve(token, settings, knowledge or settings.nextstep_knowledge))


async def _serve(token: str, settings: Settings, knowledge: Path | None) -> None:
    served = serve(knowledge)
    for problem in served.problems:
        log.warning("event=knowledge-problem what=%s", problem)
    interface = _interface(served.folder)
    metrics = open_metrics(settings.nextstep_metrics_port)
    try:
        database = await open_or_do_without(settings.nextstep_database)
        try:
            editing = await _editing(served, database, settings)
            options = Options.of(settings)
            serving()
            warm = asyncio.create_task(asyncio.to_thread(_warm, served.answerer))
            await run_bot(token, served.answerer, interface, database, options, metrics=metrics, editing=editing)
            await warm
        finally:
            await database.close()
    finally:
        metrics.close()


def _warm(answerer: Answerer) -> None:
    """Read what is only read when first needed, while Discord is called: the first who asks need not wait for it."""
    answerer.reply(Question("what helps?", datetime.now(UTC)))


def _interface(folder: Path) -> Interface:
    """The deployment's own words; the packaged ones when those cannot be read: a crisis is answered all the same."""
    try:
        return load_interface(folder)
    except (KnowledgeError, OSError) as error:
        log.warning("event=knowledge-problem what=%s", error)
        return load_interface()


async def _editing(served: Served, database: Database, settings: Settings) -> Editing | None:
    """The editors' desk, with what is published lying over the files."""
    return await open_desk(
        served,
        database,
        lambda: datetime.now(UTC),
        home=frozenset(settings.nextstep_home_servers),
        channel=settings.nextstep_editors_channel,
        policy=Policy(clinician_for_high_stakes=settings.nextstep_clinician_for_high_stakes),
    )


def prepare_logging(level: str) -> None:
    """One line for each event, ``key=value``, to the standard error. discord.py's own debug lines hold message
    text, and its faults repeat what was sent; it is never given a voice below WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s level=%(levelname)s from=%(name)s %(message)s"))
    handler.addFilter(SaidOnce())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks
    for name in ("discord", "aiohttp", "asyncio", "aiosqlite", "sqlalchemy", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


async def run_bot(
    token: str,
    answerer: Answerer,
    interface: Interface,
    database: Database,
    options: Options,
    *,
    metrics: Metrics | None = None,
    editing: Editing | None = None,
) -> None:
    """Log in and serve until SIGTERM or SIGINT; replies in flight are finished first.

    Raises:
        ConfigError: the token, an intent or the address is refused; the sentence says which switch to set.
    """
    if options.api_url:
        await point_at(options.api_url)
    bot = build_bot(answerer, interface, database, options, metrics=metrics, editing=editing)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, closing(bot))
    try:
        await start(bot, token)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def build_bot(
    answerer: Answerer,
    interface: Interface,
    database: Database,
    options: Options,
    *,
    metrics: Metrics | None = None,
    editing: Editing | None = None,
    **more: Any,
) -> NextStep:
    """The client, not yet connected. ``more`` goes to discord.py."""
    desk = Desk(answerer, interface, database, country_of_last_resort=options.country, contact=options.contact)
    if options.shards is not None:
        more["shard_count"] = options.shards
    return NextStep(
        desk,
        message_content=options.message_content,
        sync=options.sync,
        health_file=options.health_file,
        metrics=metrics,
        editing=editing,
        **more,
    )


async def start(bot: NextStep, token: str) -> None:
    """Log in and serve until the client is closed.

    Raises:
        ConfigError: Discord refuses for good.
    """
    try:
        async with bot:
            await bot.start(token)
    except Leaving:
        return
    except discord.LoginFailure as error:
        raise ConfigError(_REFUSED) from error
    except discord.PrivilegedIntentsRequired as error:
        raise ConfigError(_NO_INTENT) from error
    except discord.ConnectionClosed as error:
        sentence = _FATAL.get(error.code, f"Discord closed the connection for good (code {error.code}).")
        raise ConfigError(sentence) from error
