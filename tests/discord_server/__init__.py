"""A small local Discord: REST and gateway over a real wire, for tests, benchmarks, soak and the demo.

``async with LocalDiscord() as discord: … await discord.mention("what is ECT?")``
"""

from tests.discord_server.interactions import Interaction
from tests.discord_server.openapi import OpenApi, locate
from tests.discord_server.rest import Bucket, Request, Trouble
from tests.discord_server.server import TOKEN, LocalDiscord, bot_process
from tests.discord_server.world import Channel, Guild, Json, Message, User, World, walk

__all__ = [
    "TOKEN",
    "Bucket",
    "Channel",
    "Guild",
    "Interaction",
    "Json",
    "LocalDiscord",
    "Message",
    "OpenApi",
    "Request",
    "Trouble",
    "User",
    "World",
    "bot_process",
    "locate",
    "walk",
]
