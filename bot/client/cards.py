"""From a drawing to Discord's messages: Components V2 cards, or plain content with buttons, within every limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import ui

from bot.client.ids import BUTTON_PATTERN
from bot.client.interface import Interface
from bot.client.items import Ours
from bot.client.paging import QUOTE, Place, Sheet, sheets
from bot.client.shapes import Block, Control, Drawing, Style

_STYLES: Final = {
    Style.PLAIN: discord.ButtonStyle.secondary,
    Style.MAIN: discord.ButtonStyle.primary,
    Style.DANGER: discord.ButtonStyle.danger,
}


class Press(Ours, template=BUTTON_PATTERN):
    """Any of our buttons. The client's router answers it (:mod:`bot.client.presses`)."""

    def __init__(self, item: ui.Item[Any], action: str = "", rest: str = "", version: str = "") -> None:
        button = item if isinstance(item, ui.Button) else ui.Button(custom_id=item.custom_id)  # type: ignore[attr-defined]
        super().__init__(button, action, rest, version)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the client's router."""
        await interaction.client.pressed(interaction, self.version, self.action, self.rest)


@dataclass(frozen=True)
class Card:
    """One message. ``content`` or a layout, never both; a plain message may carry buttons in ``view``."""

    view: ui.LayoutView | ui.View | None = None
    content: str | None = None
    kind: str = ""
    entries: tuple[str, ...] = ()

    @property
    def layout(self) -> bool:
        """Whether it is a Components V2 message; that can never be changed by an edit."""
        return isinstance(self.view, ui.LayoutView)

    @property
    def record(self) -> str:
        """Its kind and form, as stored: ``answer``, ``answer/text`` …"""
        return self.kind if self.layout else f"{self.kind}/text"

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments for sending it anew."""
        given = {"content": self.content, "view": self.view}
        return {name: value for name, value in given.items() if value is not None}


def cards(
    drawing: Drawing, interface: Interface, *, plain: bool = False, place: Place | None = None
) -> tuple[Card, ...]:
    """The message of one page, and those that must follow it at once (only where no button can lead on).

    ``plain`` asks for content without a layout; ``place`` is where a reader left off, and without one it begins at
    the beginning. An empty drawing gives no card.
    """
    if not drawing.blocks:
        return ()
    content = plain or drawing.as_content
    found = sheets(drawing, content=content, place=place if drawing.onward is not None else None)
    if drawing.onward is None or len(found) == 1 == found[0].number:
        return tuple(
            _card(drawing, sheet.blocks, drawing.rows if at == 0 else (), content=content)
            for at, sheet in enumerate(found)
        )
    return (_page(drawing, found[0], found[0].number + len(found) - 1, interface, content=content),)


def _page(drawing: Drawing, sheet: Sheet, pages: int, interface: Interface, *, content: bool) -> Card:
    """One page of several: its heading again, which it is, and the button that leads on."""
    blocks = sheet.blocks if sheet.number == 1 else [Block((drawing.heading,)), *sheet.blocks]
    blocks = [*blocks, Block((interface.say("page-note", page=sheet.number, pages=pages),))]
    rows = drawing.rows if sheet.number == 1 else (drawing.links,) if drawing.links else ()
    if sheet.after is not None:
        onward = f"{drawing.onward}:{sheet.after}"
        rows = ((Control(interface.label("continue-button"), onward, Style.MAIN),), *rows)
    return _card(drawing, blocks, rows, content=content)


def fits(drawing: Drawing, *, plain: bool = False) -> bool:
    """Whether everything goes on one page."""
    return len(sheets(drawing, content=plain or drawing.as_content)) <= 1


def _card(drawing: Drawing, blocks: Sequence[Block], rows: Sequence[Sequence[Control]], *, content: bool) -> Card:
    opened = [block.accessory.target for block in blocks if block.accessory]
    rows = _each_once(rows, opened)
    if content:
        text = "\n\n".join(unmarked(block.text) if not drawing.as_content else block.text for block in blocks)
        opens = [block.accessory for block in blocks if block.accessory]
        return Card(_buttons([*rows, opens] if opens else rows), text, drawing.kind, drawing.entries)
    return Card(_layout(blocks, rows), None, drawing.kind, drawing.entries)


def _each_once(rows: Sequence[Sequence[Control]], taken: Sequence[str]) -> list[list[Control]]:
    """The rows without controls that lead where another already does: Discord refuses a custom id twice."""
    used, kept = set(taken), []
    for row in rows:
        fresh = [control for control in {one.target: one for one in row}.values() if control.target not in used]
        used |= {control.target for control in fresh}
        kept += [fresh] if fresh else []
    return kept


def unmarked(text: str) -> str:
    """Text for a screen reader: headings, small print, quotes and bold as plain words; links spelt out."""
    text = re.sub(r"\[([^\]]+)\]\(<([^>]+)>\)", r"\1 <\2>", text)
    return re.sub(r"(?m)^(?:#{1,3} |-# |> )", "", text).replace("**", "")


def _layout(blocks: Sequence[Block], rows: Sequence[Sequence[Control]]) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    for item in _items(blocks):
        container.add_item(item)
    for row in rows:
        container.add_item(_row(row))
    view.add_item(container)
    return view


def _items(blocks: Sequence[Block]) -> Iterator[ui.Item[Any]]:
    """Texts; neighbours without a line or button between them share one component, and a quote stands for itself."""
    gathered: list[str] = []
    for block in blocks:
        ends_quote = bool(gathered) and gathered[-1].startswith(QUOTE) and not block.text.startswith(QUOTE)
        if (block.apart or block.accessory or ends_quote) and gathered:
            yield ui.TextDisplay("\n".join(gathered))
            gathered = []
        if block.apart:
            yield ui.Separator()
        if block.accessory is None:
            gathered.append(block.text)
        else:
            yield ui.Section(ui.TextDisplay(block.text), accessory=press(block.accessory))
    if gathered:
        yield ui.TextDisplay("\n".join(gathered))


def _row(controls: Sequence[Control]) -> ui.ActionRow[Any]:
    return ui.ActionRow(*(press(control) for control in controls))


def press(control: Control) -> ui.Item[Any]:
    """A control as Discord's button."""
    if control.style is Style.LINK:
        return ui.Button(label=control.label, url=control.target)
    return Press(ui.Button(label=control.label, custom_id=control.target, style=_STYLES[control.style]))


def _buttons(rows: Sequence[Sequence[Control]]) -> ui.View | None:
    if not rows:
        return None
    view = ui.View(timeout=None)
    for number, row in enumerate(rows[:5]):
        for control in row[:5]:
            item = press(control)
            item.row = number
            view.add_item(item)
    return view
