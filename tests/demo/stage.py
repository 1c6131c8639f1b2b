"""A server on simcord on which the real bot serves: what the demo and the pictures have in common."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import discord
import simcord

from bot.answering.pipeline import Answerer
from bot.client.bot import NextStep
from bot.client.interface import load_interface
from bot.client.running import Options, build_bot
from bot.storage import Database, GuildSettings, open_database

NAME: Final = "NextStep"


class Person(simcord.MemberActor):
    """A member whose ``@NextStep`` is a mention, as Discord's own input box makes it one."""

    async def send(
        self,
        channel: simcord.ChannelHandle,
        content: str = "",
        *,
        reply_to: Any = None,
        attachments: Sequence[tuple[str, bytes]] = (),
    ) -> discord.Message:
        """Post ``content`` in ``channel`` and wait until the bot has done what it does."""
        bot = self._env.bot.user
        text = re.sub(rf"@{NAME}\b", f"<@{bot.id if bot else 0}>", content, flags=re.IGNORECASE)
        return await super().send(channel, text, reply_to=reply_to, attachments=attachments)

    async def note(self, channel: simcord.ChannelHandle, content: str) -> None:
        """Post ``content`` as it stands, without calling the bot."""
        await super().send(channel, content)


@dataclass(frozen=True)
class Stage:
    """A server with a member, a moderator and an administrator, on which the bot runs."""

    env: Any
    bot: NextStep
    guild: Any
    member: Person
    moderator: Person
    administrator: Person
    staff: tuple[Any, ...] = ()
    """The moderators' and the administrators' role."""

    def staff_only(self) -> dict[Any, discord.PermissionOverwrite]:
        """Who sees a channel of the staff: they, the bot, and nobody else."""
        everyone = self.env.bot.get_guild(self.guild.id).default_role
        seen = discord.PermissionOverwrite(view_channel=True)
        allowed = dict.fromkeys((*self.staff, self.env.bot.user), seen)
        return {everyone: discord.PermissionOverwrite(view_channel=False), **allowed}

    @property
    def people(self) -> tuple[Person, ...]:
        return self.member, self.moderator, self.administrator

    def said(self, channel: Any) -> list[Any]:
        """What the bot posted in a channel for everyone, oldest first."""
        own = self.env.bot.user.id
        return sorted((m for m in channel.history() if m.author.id == own), key=lambda message: message.id)

    async def open_for_all(self, channel: Any) -> None:
        """Let the bot answer and watch for danger in a channel, as an administrator may by ``/setup``."""
        here = frozenset({channel.id})
        await self.bot.desk.settings.save(GuildSettings(self.guild.id, answer_in=here, watch_in=here))


@asynccontextmanager
async def stage(answerer: Answerer) -> AsyncIterator[Stage]:
    """The bot on an empty server, with an empty database that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="nextstep-demo-") as folder:
        database = await open_database(Path(folder) / "demo.db")
        try:
            async with _running(answerer, database) as env:
                yield await _furnished(env)
        finally:
            await database.close()


@asynccontextmanager
async def _running(answerer: Answerer, database: Database) -> AsyncIterator[Any]:
    bot = build_bot(answerer, load_interface(), database, Options(message_content=True, shards=1))
    async with simcord.run(bot, check_errors=False) as env:
        env.backend.clock._epoch = datetime.now(UTC)  # simcord's own clock starts in a fixed year
        yield env


async def _furnished(env: Any) -> Stage:
    await env.bot.user.edit(username=NAME)
    guild = env.create_guild("A quiet place")
    moderators = guild.create_role("moderators", permissions=discord.Permissions(manage_messages=True))
    administrators = guild.create_role("administrators", permissions=discord.Permissions(manage_guild=True))

    def person(name: str, *roles: Any) -> Person:
        member = guild.add_member(env.create_user(name.lower(), global_name=name), roles=roles)
        return Person(env, guild, member.user)

    people = person("Sam"), person("Mo", moderators), person("Ada", administrators)
    return Stage(env, env.bot, guild, *people, staff=(moderators, administrators))
