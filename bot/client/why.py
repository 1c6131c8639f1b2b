"""Why this answer? For moderators: the rules and figures behind a reply, never a word of the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.answering.model import Reason
from bot.client.cards import cards
from bot.client.responses import answer, note
from bot.client.shapes import Block, Drawing

if TYPE_CHECKING:
    from bot.client.bot import NextStep


def add_why_menu(bot: NextStep) -> None:
    """The message menu of that name."""
    say = bot.desk.interface.say

    @bot.tree.context_menu(name=say("why-menu"))
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_messages=True)
    async def why(interaction: discord.Interaction[NextStep], message: discord.Message) -> None:
        if not bot.moderates(interaction):
            await note(interaction, say("why-moderators"))
        elif bot.user is None or message.author.id != bot.user.id:
            await note(interaction, say("why-not-mine"))
        elif not (reasons := bot.desk.reasons.get(message.id)):
            await note(interaction, say("why-none"))
        else:
            blocks = (Block((say("why-title"),)), Block(tuple(map(reason_line, reasons)), "\n"))
            await answer(interaction, cards(Drawing(blocks), bot.desk.interface))


def reason_line(reason: Reason) -> str:
    """One step: its stage and rule, the ids and figures that led to it."""
    figures = [f"{name} {value:.2f}" for name, value in reason.figures.items()]
    rest = ", ".join([*reason.ids[:8], *figures])
    return f"- **{reason.stage}**: {reason.rule}" + (f" ({rest})" if rest else "")
