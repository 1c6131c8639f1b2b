"""/insights: a month in figures, as a picture with its text beside it; small counts are hidden."""

from __future__ import annotations

import asyncio
import io
from datetime import date
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.client.editors.rights import Act, may
from bot.client.interface import shortened
from bot.client.responses import log_fault, note
from bot.evaluation.insights import Insights, insights, insights_picture, insights_text
from bot.storage.feedback import month_of

if TYPE_CHECKING:
    from bot.client.bot import NextStep

_ALT: Final = 1024
"""Most characters of a picture's alternative text."""
_CONTENT: Final = 2000
_MONTHS: Final = 13


async def month_in_figures(bot: NextStep, month: str) -> tuple[Insights, bytes | None]:
    """The figures of a month and their picture; no picture where the program came without matplotlib."""
    desk = bot.desk
    counts = await desk.feedback.months(month)
    found = insights(counts, month, desk.answerer.knowledge, desk.clock().date())
    try:
        return found, await asyncio.to_thread(_picture, found)
    except ImportError as error:
        log_fault("insights", error)
        return found, None


def _picture(found: Insights) -> bytes:
    held = io.BytesIO()
    insights_picture(found, held)
    return held.getvalue()


def add_insights_command(bot: NextStep) -> None:
    """/insights, for editors."""
    say = bot.desk.interface.say

    @bot.tree.command(name="insights", description=say("insights-description"))
    @app_commands.describe(month=say("insights-month"))
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def show(interaction: discord.Interaction[NextStep], month: str | None = None) -> None:
        if await bot.office.admits(interaction, Act.INSIGHTS) is None:
            return
        chosen = month or month_of(bot.desk.moment())
        if not _is_month(chosen):
            await note(interaction, say("insights-month-wrong"))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        found, picture = await month_in_figures(bot, chosen)
        text = insights_text(found)
        shown = shortened(text, _CONTENT)
        if picture is None:
            await interaction.followup.send(shown, ephemeral=True)
            return
        file = discord.File(
            io.BytesIO(picture), f"insights-{chosen}.png", description=shortened(" ".join(text.split()), _ALT)
        )
        await interaction.followup.send(shown, file=file, ephemeral=True)

    @show.autocomplete("month")
    async def complete(interaction: discord.Interaction[NextStep], typed: str) -> list[app_commands.Choice[str]]:
        if not may(bot.office.role(interaction), Act.INSIGHTS):
            return []
        months = _lately(interaction.client.desk.clock().date())
        return [app_commands.Choice(name=one, value=one) for one in months if typed.strip() in one]


def _is_month(text: str) -> bool:
    try:
        return f"{date.fromisoformat(f'{text}-01'):%Y-%m}" == text
    except ValueError:
        return False


def _lately(today: date) -> list[str]:
    """This month and those before that counts are kept of."""
    count = today.year * 12 + today.month - 1
    return [f"{(count - back) // 12:04}-{(count - back) % 12 + 1:02}" for back in range(_MONTHS)]
