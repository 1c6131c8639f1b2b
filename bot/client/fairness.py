"""Events of the gateway that come together are taken one by one, and whatever waits gets its turn in between.

discord.py reads on as long as there is something to read: three hundred messages that arrive at once would be parsed
at one go, while replies, button presses and heartbeats wait.
"""

from __future__ import annotations

import asyncio

import discord.http
from aiohttp import WSMessage
from discord.gateway import DiscordClientWebSocketResponse


class FairSocket(DiscordClientWebSocketResponse):
    """The gateway's connection."""

    async def receive(self, timeout: float | None = None) -> WSMessage:
        """The next event, once everybody else had a turn."""
        await asyncio.sleep(0)
        return await super().receive(timeout)


def take_turns() -> None:
    """Let every connection that discord.py opens from now on be a :class:`FairSocket`."""
    setattr(discord.http, "DiscordClientWebSocketResponse", FairSocket)  # noqa: B010 - a name that it only imports
