"""Answering interactions: first response, follow-ups, edits, and the kind word when something fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import aiohttp
import discord

from bot.client.cards import Card
from bot.errors import StorageError
from bot.storage.database import tell

log = logging.getLogger(__name__)
T = TypeVar("T")
Interaction = discord.Interaction[Any]
FIRST_WAITS: Final = (0.3, 0.6)
"""The first response has three seconds."""


def is_private_place(interaction: Interaction) -> bool:
    """Whether only the person and the bot read this channel: then nothing needs to be ephemeral."""
    return bool(interaction.context.dm_channel)


async def patiently(send: Callable[[], Awaitable[T]], waits: Sequence[float] = (0.5, 1.5, 4.0)) -> T:
    """Try again when Discord is overloaded (503) or no connection was made, which discord.py does not do by itself.
    Seconds between tries. A connection that broke later is not tried again: what was asked may have been done.

    Raises:
        discord.HTTPException: it still fails, or for another reason.
        aiohttp.ClientError: there is still no connection.
    """
    for wait in waits:
        try:
            return await send()
        except discord.DiscordServerError as error:
            if error.status != 503:
                raise
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            log.warning("event=no-connection type=%s next=%.1fs", type(error).__name__, wait)
        await asyncio.sleep(wait)
    return await send()


async def answer(interaction: Interaction, cards: Sequence[Card], *, public: bool = False) -> None:
    """Send cards as the answer to an interaction: the first as response, the others as follow-ups."""
    ephemeral = not public and not is_private_place(interaction)
    for card in cards:
        if interaction.response.is_done():
            await patiently(partial(interaction.followup.send, ephemeral=ephemeral, **card.arguments()))
        else:
            send = partial(interaction.response.send_message, ephemeral=ephemeral, **card.arguments())
            await patiently(send, FIRST_WAITS)


async def note(interaction: Interaction, text: str) -> None:
    """A private sentence."""
    await answer(interaction, (Card(content=text),))


async def replace_message(interaction: Interaction, card: Card) -> None:
    """Put a card in the place of the message whose button was pressed.

    A layout stays a layout for ever: where the form differs, a new message comes and the old one goes.
    """
    message = interaction.message
    if message is not None and message.flags.components_v2 == card.layout:
        if card.layout:
            await interaction.response.edit_message(view=card.view)
        else:
            await interaction.response.edit_message(content=card.content, view=card.view)
        return
    public = message is not None and not message.flags.ephemeral
    await interaction.response.defer()
    await interaction.followup.send(ephemeral=not public, **card.arguments())
    await interaction.delete_original_response()


async def failed(interaction: Interaction, text: str, error: BaseException, where: str) -> None:
    """Tell the person calmly, and the log what and where, without a word of the message."""
    log_fault(where, error)
    try:
        await note(interaction, text)
    except discord.HTTPException as second:
        log_fault(f"{where} note", second)


def log_fault(where: str, error: BaseException) -> None:
    """One line on a fault: its type, Discord's code and the place in our code; never the text of the error. What is
    wrong with the database is said in its own words, the same everywhere, so that the log has it once."""
    if isinstance(error, StorageError):
        tell(error)
        return
    trace, place = error.__traceback__, "?"
    while trace is not None:
        code = trace.tb_frame.f_code
        if "bot" in code.co_filename:
            place = f"{code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    status = f" status={error.status} code={error.code}" if isinstance(error, discord.HTTPException) else ""
    log.error("event=fault where=%s type=%s%s at=%s", where.replace(" ", "-"), type(error).__name__, status, place)
