"""What belongs to one member: /me and /privacy."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui

from bot.answering.support import countries
from bot.client.cards import Card, cards, press
from bot.client.ids import button_id
from bot.client.interface import Interface
from bot.client.menus import country_selects
from bot.client.responses import Interaction, answer, is_private_place, note
from bot.client.shapes import Block, Control, Drawing
from bot.storage import GuildSettings, Member
from bot.storage.retention import forget_person, kept_about

if TYPE_CHECKING:
    from bot.client.bot import NextStep


class Personal:
    """Answers what members press about themselves."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk = bot, bot.desk
        bot.presses.add("me", self._switch)
        bot.picks.add("me", self._choose_country)

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    # --- /me -------------------------------------------------------------------------------------------------

    def panel(self, member: Member) -> ui.LayoutView:
        """A member's settings with their switches."""
        names = dict(countries(self._desk.answerer.safety))
        country = self._say("me-country", country=names.get(member.country or "", member.country or ""))
        container: ui.Container[ui.LayoutView] = ui.Container(
            ui.TextDisplay(f"{self._say('me-title')}\n{self._say('me-lead')}"),
            ui.Separator(),
            ui.TextDisplay(country if member.country else self._say("me-country-none")),
        )
        for select in country_selects(self._desk, "me", self._say("me-country-placeholder"), member.country):
            container.add_item(ui.ActionRow(select))
        for name, value in (("low-energy", member.low_energy), ("plain", member.plain)):
            label = self._desk.interface.label(f"me-{name}-turn-off" if value else f"me-{name}-turn-on")
            control = Control(label, button_id("me", name))
            text = self._say(f"me-{name}-on" if value else f"me-{name}-off")
            container.add_item(ui.Section(ui.TextDisplay(text), accessory=press(control)))
        if member.country:
            clear = Control(self._desk.interface.label("me-country-clear"), button_id("me", "country"))
            container.add_item(ui.ActionRow(press(clear)))
        view = ui.LayoutView(timeout=None)
        view.add_item(container)
        return view

    async def _switch(self, interaction: Interaction, given: list[str]) -> None:
        member = await self._desk.members.of(interaction.user.id)
        match given[0]:
            case "low-energy":
                changed = replace(member, low_energy=not member.low_energy)
            case "plain":
                changed = replace(member, plain=not member.plain)
            case _:
                changed = replace(member, country=None)
        await self._keep(interaction, changed)

    async def _choose_country(self, interaction: Interaction, given: list[str], values: list[str]) -> None:  # noqa: ARG002
        member = await self._desk.members.of(interaction.user.id)
        known = dict(countries(self._desk.answerer.safety))
        chosen = values[0] if values and values[0] in known else None
        await self._keep(interaction, replace(member, country=chosen))

    async def _keep(self, interaction: Interaction, member: Member) -> None:
        await self._desk.members.save(member)
        await interaction.response.edit_message(view=self.panel(member))

    # --- /privacy --------------------------------------------------------------------------------------------

    async def shown(self, interaction: Interaction) -> tuple[Card, ...]:
        """What is kept, about everyone and about this member."""
        details = await self._details(interaction.user.id)
        stored = self._say("privacy-stored", details="; ".join(details)) if details else self._say("privacy-nothing")
        blocks = [self._say("privacy-title"), self._say("privacy-lead"), stored]
        if self._desk.contact:
            blocks.append(self._say("contact", contact=self._desk.contact))
        if interaction.guild_id is not None:
            blocks.append("\n".join(self._in_server(self._bot.settings_of(interaction))))
        drawing = Drawing(tuple(Block(tuple(text.split("\n")), "\n") for text in blocks))
        return cards(drawing, self._desk.interface)

    async def _details(self, user: int) -> list[str]:
        member = await self._desk.members.stored(user) or Member(user)
        replies = await self._desk.replies.all_of(user)
        waiting = await self._desk.gaps.reminders_of(user)
        found = {
            "country": member.country,
            "low-energy": member.low_energy,
            "plain": member.plain,
            "opted-out": member.opted_out,
            "introduced": member.introduced_at,
            "replies": replies,
            "waiting": waiting,
        }
        blanks = {"country": member.country or "", "count": len(replies), "waiting": waiting}
        return [self._say(f"privacy-detail-{name}", **blanks) for name, value in found.items() if value]

    def _in_server(self, settings: GuildSettings) -> list[str]:
        lines = [self._say("privacy-alerts-on" if settings.alert_channel else "privacy-alerts-off")]
        for name, places in (("watch", settings.watch_in), ("answer", settings.answer_in)):
            if places:
                lines.append(
                    self._say(f"privacy-{name}", channels=", ".join(f"<#{place}>" for place in sorted(places)))
                )
        return lines

    async def export(self, user: int) -> bytes:
        """Everything that is stored about a member, as JSON."""
        kept = await kept_about(self._desk.database, user)
        return json.dumps(kept.data(), indent=2).encode()

    async def delete(self, user: int) -> None:
        """Delete everything about a member."""
        await forget_person(self._desk.database, user)
        await self._desk.members.forget(user)
        self._desk.forget_talks(user)

    async def opt(self, user: int) -> bool:
        """Turn opting out round; gives whether the member is now out."""
        member = await self._desk.members.of(user)
        await self._desk.members.save(replace(member, opted_out=not member.opted_out))
        return not member.opted_out


def add_personal_commands(bot: NextStep) -> None:
    """/me and /privacy."""
    interface = bot.desk.interface

    @bot.tree.command(name="me", description=interface.say("me-description"))
    async def me(interaction: discord.Interaction[NextStep]) -> None:
        member = await bot.desk.members.of(interaction.user.id)
        await answer(interaction, (Card(bot.personal.panel(member)),))

    bot.tree.add_command(_privacy(bot, interface))


def _privacy(bot: NextStep, interface: Interface) -> app_commands.Group:
    group = app_commands.Group(name="privacy", description=interface.say("privacy-description"))

    @group.command(name="show", description=interface.say("privacy-show-description"))
    async def show(interaction: discord.Interaction[NextStep]) -> None:
        await answer(interaction, await bot.personal.shown(interaction))

    @group.command(name="export", description=interface.say("privacy-export-description"))
    async def export(interaction: discord.Interaction[NextStep]) -> None:
        data = discord.File(io.BytesIO(await bot.personal.export(interaction.user.id)), "nextstep-my-data.json")
        await interaction.response.send_message(
            interface.say("privacy-exported"), file=data, ephemeral=not is_private_place(interaction)
        )

    @group.command(name="delete", description=interface.say("privacy-delete-description"))
    async def delete(interaction: discord.Interaction[NextStep]) -> None:
        await bot.personal.delete(interaction.user.id)
        await note(interaction, interface.say("privacy-deleted"))

    @group.command(name="opt-out", description=interface.say("privacy-opt-out-description"))
    async def opt_out(interaction: discord.Interaction[NextStep]) -> None:
        out = await bot.personal.opt(interaction.user.id)
        await note(interaction, interface.say("privacy-opted-out" if out else "privacy-opted-in"))

    return group
