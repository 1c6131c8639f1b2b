"""Alerts for moderators: a link, the level and the time in a private channel; no words, and nobody pinged unasked."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import discord

from bot.answering.model import Support
from bot.client.cards import Card, cards
from bot.client.ids import button_id
from bot.client.responses import Interaction, answer, log_fault, note
from bot.client.shapes import Block, Control, Drawing, Style
from bot.errors import StorageError
from bot.storage import Alert, GuildSettings, Staffed

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)


class Alarm:
    """Posts alerts, and answers their buttons."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk = bot, bot.desk
        bot.presses.add("take", self._take)
        bot.presses.add("false", self._false)
        bot.presses.add("guide", self._guide)

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    async def raise_for(self, message: discord.Message, reply: Support, settings: GuildSettings) -> bool:
        """Post an alert about a message; gives whether moderators were told."""
        title = self._say(
            "alert-title",
            level=self._say(f"alert-{reply.screening.level}"),
            time=int(message.created_at.timestamp()),
            link=message.jump_url,
        )
        lines = [title]
        if settings.staffed is not None and not is_staffed(settings.staffed, self._desk.clock()):
            lines.append(self._say("alert-unstaffed"))
        sent = await self._post(settings, "\n".join(lines))
        if sent is None:
            return False
        alert = Alert(sent.id, sent.channel.id, settings.guild_id, reply.screening.rules, self._desk.moment())
        try:
            await self._desk.alerts.add(alert)
        except StorageError as error:  # the moderators were told, and the member waits for support
            log_fault("alert", error)
        log.info("event=alert level=%s rules=%s", reply.screening.level, ",".join(reply.screening.rules))
        return True

    async def test(self, settings: GuildSettings) -> bool:
        """Post what an alert looks like, pinging nobody."""
        return await self._post(settings, self._say("alert-test"), ping=False) is not None

    async def _post(self, settings: GuildSettings, text: str, *, ping: bool = True) -> discord.Message | None:
        if settings.alert_channel is None:
            return None
        role = settings.alert_role if ping else None
        mention = f"<@&{role}> " if role is not None else ""
        allowed = discord.AllowedMentions(everyone=False, users=False, roles=[discord.Object(role)] if role else False)
        card = self._card(f"{mention}{text}\n{self._say('alert-footer')}")
        try:
            channel = self._bot.get_partial_messageable(settings.alert_channel)
            return await channel.send(allowed_mentions=allowed, **card.arguments())
        except discord.HTTPException as error:
            log_fault("alert", error)
            return None

    def _card(self, text: str, *, open_for_action: bool = True) -> Card:
        label = self._desk.interface.label
        act = (
            Control(label("alert-take-button"), button_id("take"), Style.MAIN),
            Control(label("alert-false-button"), button_id("false")),
        )
        guide = Control(label("alert-guide-button"), button_id("guide"))
        row = (*act, guide) if open_for_action else (guide,)
        drawing = Drawing((Block(tuple(text.split("\n")), "\n"),), (row,), "alert", as_content=True)
        return cards(drawing, self._desk.interface)[0]

    # --- buttons ---------------------------------------------------------------------------------------------

    async def _take(self, interaction: Interaction, given: list[str]) -> None:  # noqa: ARG002
        await self._close(interaction, "alert-taken")

    async def _false(self, interaction: Interaction, given: list[str]) -> None:  # noqa: ARG002
        if interaction.message is None or not self._bot.moderates(interaction):
            await note(interaction, self._say("alert-moderators"))
            return
        alert = await self._desk.alerts.of(interaction.message.id)
        if await self._close(interaction, "alert-false") and alert is not None:
            await self._desk.alerts.count_false_alarm(alert.rules)
            await self._desk.feedback.false_alarm(alert.rules, self._desk.moment())

    async def _close(self, interaction: Interaction, mark: str) -> bool:
        """Mark an alert with who acted; its buttons go, so that it is marked once."""
        if interaction.message is None or not self._bot.moderates(interaction):
            await note(interaction, self._say("alert-moderators"))
            return False
        text = f"{interaction.message.content}\n{self._say(mark, name=interaction.user.mention)}"
        card = self._card(text, open_for_action=False)
        await interaction.response.edit_message(content=card.content, view=card.view)
        return True

    async def _guide(self, interaction: Interaction, given: list[str]) -> None:  # noqa: ARG002
        if not self._bot.moderates(interaction):
            await note(interaction, self._say("alert-moderators"))
            return
        drawing = Drawing((Block(tuple(self._say("alert-guide").split("\n")), "\n"),))
        await answer(interaction, cards(drawing, self._desk.interface))


def is_staffed(hours: Staffed, now: datetime) -> bool:
    """Whether moderators are there at ``now`` (aware); hours may run past midnight."""
    try:
        local = now.astimezone(ZoneInfo(hours.zone))
    except (ZoneInfoNotFoundError, ValueError):
        return True
    minute = local.hour * 60 + local.minute
    if hours.start <= hours.until:
        return hours.start <= minute < hours.until
    return minute >= hours.start or minute < hours.until
