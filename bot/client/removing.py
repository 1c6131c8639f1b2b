"""Taking a reply away by its message menu: for those who asked, and for moderators. It reaches replies without a button
for it too, such as the shortest ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.client.responses import Interaction, is_private_place, note

if TYPE_CHECKING:
    from bot.client.bot import NextStep


def add_remove_menu(bot: NextStep) -> None:
    """The message menu of that name."""
    say = bot.desk.interface.say

    @bot.tree.context_menu(name=say("remove-menu"))
    async def remove(interaction: discord.Interaction[NextStep], message: discord.Message) -> None:
        if bot.user is None or message.author.id != bot.user.id:
            await note(interaction, say("remove-not-mine"))
        elif not await _may_remove(bot, interaction, message.id):
            await note(interaction, say("remove-not-yours"))
        else:
            await note(interaction, say("removed" if await _is_gone(message) else "remove-failed"))


async def _may_remove(bot: NextStep, interaction: Interaction, reply_id: int) -> bool:
    if is_private_place(interaction) or bot.moderates(interaction):
        return True
    record = await bot.desk.replies.by(reply_id)
    return record is not None and record.asker_id == interaction.user.id


async def _is_gone(message: discord.Message) -> bool:
    try:
        await message.delete()
    except discord.NotFound:
        return True  # somebody was quicker
    except discord.Forbidden:
        return False  # not a member there: only Discord's own "Dismiss message" can
    return True
