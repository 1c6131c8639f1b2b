"""The self-check of /setup: which permissions are missing where, and why they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord

from bot.answering.model import Answer, Question, Reply, Support
from bot.client.places import is_for_venting
from bot.client.responses import Interaction
from bot.knowledge.model import Kind
from bot.storage import GuildSettings

if TYPE_CHECKING:
    from bot.client.bot import NextStep

NEEDED: Final = (
    ("view_channel", "need-view"),
    ("send_messages", "need-send"),
    ("send_messages_in_threads", "need-threads"),
    ("read_message_history", "need-history"),
    ("embed_links", "need-embed"),
)
"""The five permissions that the bot asks for, at most; none of them is Administrator."""

INVITE: Final = discord.Permissions(**{name: True for name, _ in NEEDED})
_OTHER_QUESTIONS: Final = 5


async def report(bot: NextStep, interaction: Interaction, settings: GuildSettings) -> list[str]:
    """One line for each thing that was looked at. Posts a test note where alerts go."""
    guild = interaction.guild
    say = bot.desk.interface.say
    if guild is None:
        return [say("setup-only-here")]
    lines: list[str] = []
    if guild.me.guild_permissions.administrator:
        lines.append(say("test-too-much"))
    chosen = sorted(
        settings.answer_in | settings.watch_in | ({interaction.channel_id} if interaction.channel_id else set())
    )
    lines += [channel_line(bot, guild, number) for number in chosen]
    lines += await _alerts(bot, guild, settings)
    if settings.listens and not bot.hears_all:
        lines.append(say("setup-intent-off"))
    lines += [_question(bot), _danger(bot)]
    return [f"- {line}" for line in lines]


def channel_line(bot: NextStep, guild: discord.Guild, number: int) -> str:
    """Whether everything that is needed in a channel is there."""
    say = bot.desk.interface.say
    channel = guild.get_channel_or_thread(number)
    if channel is None:
        return say("test-channel-gone", channel=number)
    missing = missing_in(channel, guild)
    if not missing:
        alone = is_for_venting(channel, bot.desk.interface)
        return say("test-channel-vent" if alone else "test-channel-fine", channel=number)
    return say("test-channel-missing", channel=number, missing=", ".join(say(name) for name in missing))


def missing_in(channel: discord.abc.GuildChannel | discord.Thread, guild: discord.Guild) -> list[str]:
    """Names of the texts about what is missing, in the order of :data:`NEEDED`."""
    own = channel.permissions_for(guild.me)
    return [text for name, text in NEEDED if not getattr(own, name)]


async def _alerts(bot: NextStep, guild: discord.Guild, settings: GuildSettings) -> list[str]:
    number, say = settings.alert_channel, bot.desk.interface.say
    if number is None:
        return []
    channel = guild.get_channel_or_thread(number)
    if channel is None:
        return [say("test-channel-gone", channel=number)]
    lines = []
    if channel.permissions_for(guild.default_role).view_channel:
        lines.append(say("test-alert-public", channel=number))
    sent = await bot.alarm.test(settings)
    lines.append(say("test-alert-sent" if sent else "test-alert-failed", channel=number))
    return lines


def _question(bot: NextStep) -> str:
    """Whether a question is answered: the one that is written for it or, where there is no such page, another."""
    say, entries = bot.desk.interface.say, bot.desk.answerer.knowledge.entries.values()
    titles = [one.title for one in entries if one.kind is Kind.DEFINITION][:_OTHER_QUESTIONS]
    asked = [say("test-question"), *(say("test-other-question", title=title) for title in titles)]
    for question in asked:
        reply = _said(bot, question)
        if isinstance(reply, Answer):
            return say("test-answer", question=question, title=reply.passages[0].title)
    return say("test-no-answer", question=asked[0])


def _danger(bot: NextStep) -> str:
    """Whether a message in danger gets support."""
    say = bot.desk.interface.say
    return say("test-support" if isinstance(_said(bot, say("test-danger")), Support) else "test-no-support")


def _said(bot: NextStep, text: str) -> Reply:
    """The answer to a question of nobody, which is not remembered."""
    reply, _ = bot.desk.answerer.reply(Question(text, bot.desk.clock()))
    return reply
