"""Slash commands and message menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.answering.support import countries
from bot.client.cards import Card, cards
from bot.client.interface import shortened
from bot.client.menus import show_lines
from bot.client.responses import answer, note
from bot.client.shapes import Block, Drawing

if TYPE_CHECKING:
    from bot.client.bot import NextStep

MOST_CHOICES = 25
NAME = 100


def add_commands(bot: NextStep) -> None:
    """Put all commands into the bot's tree. Names are fixed; descriptions come from the interface texts."""
    _add_asking(bot)
    _add_compare(bot)
    _add_lines(bot)
    _add_about(bot)
    _add_find_menu(bot)


def _add_asking(bot: NextStep) -> None:
    desk, say = bot.desk, bot.desk.interface.say

    @bot.tree.command(name="ask", description=say("ask-description"))
    @app_commands.describe(question=say("ask-question"))
    async def ask(interaction: discord.Interaction[NextStep], question: app_commands.Range[str, 1, 2000]) -> None:
        await ask_privately(bot, interaction, question)

    @bot.tree.command(name="define", description=say("define-description"))
    @app_commands.describe(term=say("define-term"))
    async def define(interaction: discord.Interaction[NextStep], term: app_commands.Range[str, 1, 200]) -> None:
        member = await desk.members.of(interaction.user.id)
        country = desk.country(member, interaction.guild_id)
        talk = (interaction.user.id, interaction.channel_id or 0)
        reply = desk.define(term, talk, country, short=member.low_energy)
        await bot.respond(interaction, reply, member)

    @define.autocomplete("term")
    async def complete(interaction: discord.Interaction[NextStep], typed: str) -> list[app_commands.Choice[str]]:
        return choices(interaction.client, typed)


async def ask_privately(bot: NextStep, interaction: discord.Interaction[NextStep], text: str) -> None:
    """Answer a question so that only the asker sees it. Support is exempt from the cooldown."""
    desk = bot.desk
    member = await desk.members.of(interaction.user.id)
    country = desk.country(member, interaction.guild_id)
    talk = (interaction.user.id, interaction.channel_id or 0)
    reply = desk.ask(text, talk, country, public=False, short=member.low_energy)
    wait = desk.cooldowns.wait(interaction.user.id, None)
    if wait and not reply.screening.level.is_alarm:
        await note(interaction, desk.interface.say("cooldown", seconds=max(1, round(wait))))
        return
    await bot.respond(interaction, reply, member)


def choices(bot: NextStep, typed: str) -> list[app_commands.Choice[str]]:
    """At most 25 entries for what was typed, best first."""
    links = bot.desk.answerer.complete(typed[:NAME], MOST_CHOICES)
    return [app_commands.Choice(name=shortened(link.title, NAME), value=link.entry) for link in links[:MOST_CHOICES]]


def _add_compare(bot: NextStep) -> None:
    desk, say = bot.desk, bot.desk.interface.say

    @bot.tree.command(name="compare", description=say("compare-description"))
    @app_commands.describe(first=say("compare-first"), second=say("compare-second"))
    async def compare(
        interaction: discord.Interaction[NextStep],
        first: app_commands.Range[str, 1, 200],
        second: app_commands.Range[str, 1, 200],
    ) -> None:
        entries = tuple(entry for entry in (named(bot, first), named(bot, second)) if entry)
        if len(entries) < 2:
            await note(interaction, say("compare-unknown"))
        elif entries[0] == entries[1]:
            await note(interaction, say("compare-same"))
        else:
            member = await desk.members.of(interaction.user.id)
            country = desk.country(member, interaction.guild_id)
            talk = (interaction.user.id, interaction.channel_id or 0)
            reply = desk.compare(entries, talk, country, short=member.low_energy)
            await bot.respond(interaction, reply, member)

    @compare.autocomplete("first")
    @compare.autocomplete("second")
    async def complete(interaction: discord.Interaction[NextStep], typed: str) -> list[app_commands.Choice[str]]:
        return choices(interaction.client, typed)


def named(bot: NextStep, text: str) -> str | None:
    """The entry that a person chose or typed; ``None`` when no name comes near."""
    if text in bot.desk.answerer.knowledge.entries:
        return text
    found = bot.desk.answerer.complete(text, 1)
    return found[0].entry if found and text.strip() else None


def _add_lines(bot: NextStep) -> None:
    desk, say = bot.desk, bot.desk.interface.say

    @bot.tree.command(name="help-lines", description=say("help-lines-description"))
    @app_commands.describe(country=say("help-lines-country"))
    async def lines(interaction: discord.Interaction[NextStep], country: str | None = None) -> None:
        member = await desk.members.of(interaction.user.id)
        chosen = country_named(bot, country) or desk.country(member, interaction.guild_id)
        await show_lines(interaction, desk, chosen)

    @lines.autocomplete("country")
    async def complete(
        interaction: discord.Interaction[NextStep],  # noqa: ARG001 - discord.py's signature
        typed: str,
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=name, value=iso) for iso, name in countries_like(bot, typed)]


def countries_like(bot: NextStep, typed: str) -> list[tuple[str, str]]:
    """Countries whose name or code begins with, or holds, what was typed."""
    wanted = typed.strip().lower()
    known = countries(bot.desk.answerer.safety)
    first = [pair for pair in known if pair[1].lower().startswith(wanted) or pair[0].lower() == wanted]
    rest = [pair for pair in known if wanted in pair[1].lower() and pair not in first]
    return (first + rest)[:MOST_CHOICES]


def country_named(bot: NextStep, text: str | None) -> str | None:
    """The country that a person chose or typed, as two letters."""
    found = countries_like(bot, text) if text and text.strip() else []
    return found[0][0] if found else None


def _add_about(bot: NextStep) -> None:
    desk, say = bot.desk, bot.desk.interface.say

    @bot.tree.command(name="about", description=say("about-description"))
    async def about(interaction: discord.Interaction[NextStep]) -> None:
        knowledge = desk.answerer.knowledge
        revision = say("about-revision", entries=len(knowledge.entries), revision=knowledge.revision)
        contact = (Block((say("contact", contact=desk.contact),)),) if desk.contact else ()
        drawing = Drawing((Block((say("about"),)), *contact, Block((revision,))))
        await answer(interaction, cards(drawing, desk.interface))


def _add_find_menu(bot: NextStep) -> None:
    @bot.tree.context_menu(name=bot.desk.interface.say("find-menu"))
    async def find(interaction: discord.Interaction[NextStep], message: discord.Message) -> None:
        text = bot.listener.words_of(message)
        if not text:
            await answer(interaction, (Card(content=bot.desk.interface.say("nothing-to-read")),))
            return
        await ask_privately(bot, interaction, text)
