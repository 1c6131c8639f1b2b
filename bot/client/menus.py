"""Select menus that outlive a restart: reasons, countries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.answering.support import countries, directory_text
from bot.client.cards import cards
from bot.client.desk import Desk
from bot.client.ids import MENU_PATTERN, VERSION, arguments, menu_id
from bot.client.interface import Interface
from bot.client.items import Ours
from bot.client.presses import REASONS
from bot.client.responses import Interaction, answer, note
from bot.client.shapes import Block, Drawing

if TYPE_CHECKING:
    from bot.client.bot import NextStep

Handler = Callable[[Interaction, list[str], list[str]], Awaitable[None]]
_MOST_OPTIONS = 25


class Pick(Ours, template=MENU_PATTERN):
    """Any of our select menus: of texts, channels or roles."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the choice to the client's router."""
        values = [str(getattr(value, "id", value)) for value in self.item.values]
        await interaction.client.picked(interaction, self.version, self.action, self.rest, values)


class Picks:
    """The router of menus."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk = bot, bot.desk
        self._handlers: dict[str, Handler] = {"lines": self._lines}

    def add(self, action: str, handler: Handler) -> None:
        """Another part of the client answers this action."""
        self._handlers[action] = handler

    @property
    def actions(self) -> frozenset[str]:
        """Every menu that is answered."""
        return frozenset(self._handlers)

    async def picked(self, interaction: Interaction, version: str, action: str, rest: str, values: list[str]) -> None:
        """Answer a choice; one of an earlier version gets a calm word."""
        handler = self._handlers.get(action) if version == VERSION else None
        if handler is None:
            await note(interaction, self._desk.interface.say("old-press"))
            return
        try:
            await handler(interaction, arguments(rest), values)
        except (IndexError, ValueError):
            await note(interaction, self._desk.interface.say("old-press"))

    async def _lines(self, interaction: Interaction, given: list[str], values: list[str]) -> None:  # noqa: ARG002
        await show_lines(interaction, self._desk, values[0] if values else None)


async def show_lines(interaction: Interaction, desk: Desk, country: str | None) -> None:
    """People to talk to in a country, privately."""
    text = directory_text(country, desk.answerer.safety, desk.clock().date())
    drawing = Drawing((Block(tuple(text.split("\n")), "\n"),), as_content=True, kind="lines")
    await answer(interaction, cards(drawing, desk.interface))


def reason_menu(interface: Interface, entry: str, facet: str) -> ui.View:
    """Why an answer was not helpful."""
    options = [discord.SelectOption(label=interface.label(f"reason-{reason}"), value=reason) for reason in REASONS]
    return _view(options, menu_id("rate", entry, facet), interface.say("reason-placeholder"))


def country_selects(desk: Desk, action: str, placeholder: str, chosen: str | None = None) -> list[Pick]:
    """Menus over all countries with lines, 25 in each, named by the first and the last."""
    known = countries(desk.answerer.safety)
    selects = []
    for number, at in enumerate(range(0, len(known), _MOST_OPTIONS)):
        part = known[at : at + _MOST_OPTIONS]
        options = [discord.SelectOption(label=name[:100], value=iso, default=iso == chosen) for iso, name in part]
        lead = f"{placeholder}: {part[0][1]} – {part[-1][1]}"
        selects.append(Pick(ui.Select(custom_id=menu_id(action, number), placeholder=lead[:150], options=options)))
    return selects[:5]


def country_menu(desk: Desk, action: str, placeholder: str) -> ui.View:
    """Choose a country."""
    view = ui.View(timeout=None)
    for select in country_selects(desk, action, placeholder):
        view.add_item(select)
    return view


def _view(options: list[discord.SelectOption], custom_id: str, placeholder: str) -> ui.View:
    view = ui.View(timeout=None)
    view.add_item(Pick(ui.Select(custom_id=custom_id, placeholder=placeholder, options=options)))
    return view
