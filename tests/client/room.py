"""A server on simcord with a few people, and how to read what the bot shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import discord

from tests.discord_server import OpenApi
from tests.discord_server.rules import command_complaints, message_complaints, modal_complaints
from tests.discord_server.world import walk


@cache
def checker() -> OpenApi | None:
    return OpenApi.found()


class Room:
    """``general`` for everyone, ``mods`` for moderators; Alice and Bob are members, Mo moderates, Ada administers."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.bot = env.bot
        self.guild = env.create_guild()
        self.general = self.guild.create_text_channel("general")
        self.quiet = self.guild.create_text_channel("quiet")
        self.forum = self.guild.create_forum_channel("help")
        self.mods = self.guild.create_text_channel("mods")
        moderators = self.guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
        admins = self.guild.create_role("admins", permissions=discord.Permissions(manage_guild=True))
        self.alice = self.guild.add_member(env.create_user("alice"))
        self.bob = self.guild.add_member(env.create_user("bob"))
        self.mo = self.guild.add_member(env.create_user("mo"), roles=[moderators])
        self.ada = self.guild.add_member(env.create_user("ada"), roles=[admins])

    async def mention(self, text: str, who: Any = None, channel: Any = None) -> Any:
        """A message that calls the bot."""
        return await (who or self.alice).send(channel or self.general, f"{self.bot.user.mention} {text}")

    def replies(self, channel: Any = None) -> list[Any]:
        """What the bot posted in a channel that everyone sees, oldest first."""
        history = (channel or self.general).history()
        return sorted((m for m in history if m.author.id == self.bot.user.id), key=lambda m: m.id)

    def reply(self, channel: Any = None) -> Any:
        """The only message of the bot in a channel."""
        (only,) = self.replies(channel)
        return only

    def settings(self) -> Any:
        """What the bot has stored about this server."""
        return self.bot.desk.settings.of(self.guild.id)


def raw(message: Any) -> list[dict[str, Any]]:
    """Components as JSON."""
    return [part if isinstance(part, dict) else part.to_dict() for part in message.components]


def read(message: Any) -> str:
    """All text of a message in reading order."""
    texts = [item["content"] for item in walk(raw(message)) if item.get("type") == 10]
    return "\n".join(part for part in [message.content, *texts] if part)


def shown(result: Any) -> str:
    """All that a person reads in answer to an interaction."""
    messages = [result.response, *result.followups]
    return "\n".join(read(message) for message in messages if message is not None)


def labels(message: Any) -> list[str]:
    """Labels of the buttons."""
    return [item["label"] for item in walk(raw(message)) if item.get("type") == 2]


def holding(message: Any, value: str) -> str:
    """The custom id of the menu that offers a value."""
    menus = [item for item in walk(raw(message)) if item.get("type") == 3]
    return str(next(m["custom_id"] for m in menus if value in {option["value"] for option in m["options"]}))


def complaints_about(requests: Iterable[Any]) -> list[str]:
    """What Discord would have against the bodies that were sent."""
    found: list[str] = []
    for request in requests:
        body = request.json
        if body is None or request.path.endswith("/threads"):
            continue  # threads are the tests' own doing
        if checker() is not None:
            found += checker().complaints(request.method, request.path, body)  # type: ignore[union-attr]
        found += list(_own(request.method, request.path, body))
    return found


def _own(method: str, path: str, body: Any) -> Iterator[str]:
    if path.endswith("/commands"):
        yield from command_complaints(body)
    elif path.endswith("/callback"):
        data = body.get("data") or {}
        if body["type"] == 9:
            yield from modal_complaints(data)
        elif body["type"] in {4, 7}:
            yield from message_complaints(data, edit=body["type"] == 7)
    elif "/messages" in path or path.startswith("/webhooks/"):
        yield from message_complaints(body, edit=method == "PATCH")
