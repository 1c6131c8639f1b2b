"""Which channels the bot leaves alone although it was let in: people vent and grieve there, and want to be heard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord

from bot.client.interface import Interface


def is_for_venting(channel: Any, interface: Interface) -> bool:
    """Whether a channel, what it stands in, or a tag of a forum post is named after venting or grief.

    The words for it are ``vent-words`` of the interface texts.
    """
    wanted = frozenset(interface.say("vent-words").split())
    return any(word in wanted for name in _names(channel) for word in re.findall(r"[^\W\d_]+", name.lower()))


def _names(channel: Any) -> Iterator[str]:
    yield getattr(channel, "name", None) or ""
    if isinstance(channel, discord.Thread):
        yield from (tag.name for tag in channel.applied_tags)
        if channel.parent is not None:
            yield from _names(channel.parent)
        return
    category = getattr(channel, "category", None)
    if category is not None:
        yield category.name


def title_of(message: discord.Message) -> str:
    """The title of the forum post that a message opens: it is half of the question. Empty for other messages."""
    channel = message.channel
    opens = isinstance(channel, discord.Thread) and channel.id == message.id
    return channel.name if opens and isinstance(channel, discord.Thread) else ""
