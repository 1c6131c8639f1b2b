"""From a drawing to Discord's messages: Components V2 cards, or plain content with buttons, within every limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import discord
from discord import ui

from bot.client.drawing import Block, Control, Drawing, Style
from bot.client.ids import BUTTON_PATTERN
from bot.client.interface import Interface

CHARACTERS: Final = 3_900
"""Of Discord's 4,000 over all texts of a layout."""
BYTES: Final = 9_300
"""Layouts over about 10,158 bytes fail with an HTTP 500 (discord-api-docs issue 8554)."""
CONTENT: Final = 1_950
"""Of Discord's 2,000 in plain content."""
_BYTES_A_TEXT: Final = 12
QUOTE: Final = "> "
_CITED: Final = re.compile(r"\[(\d{1,3})\]")
_COMPONENTS: Final = 40
_STYLES: Final = {
    Style.PLAIN: discord.ButtonStyle.secondary,
    Style.MAIN: discord.ButtonStyle.primary,
    Style.DANGER: discord.ButtonStyle.danger,
}


class Press(ui.DynamicItem[ui.Button[Any]], template=BUTTON_PATTERN):
    """Any of our buttons. The client's router answers it (:mod:`bot.client.presses`)."""

    def __init__(self, item: ui.Button[Any], action: str = "", rest: str = "", version: str = "") -> None:
        super().__init__(item)
        self.action, self.rest, self.version = action, rest, version

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py's signature
        item: ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Press:
        """Read the custom id back."""
        button = item if isinstance(item, ui.Button) else ui.Button(custom_id=match.string)
        return cls(button, match["action"], match["rest"] or "", match["version"])

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


def cards(drawing: Drawing, interface: Interface, *, plain: bool = False, page: int = 0) -> tuple[Card, ...]:
    """The message of one page, and those that must follow it at once (only where no button can lead on).

    ``plain`` asks for content without a layout. An empty drawing gives no card.
    """
    if not drawing.blocks:
        return ()
    content = plain or drawing.as_content
    pages = pages_of(drawing, content=content)
    if drawing.onward is None or len(pages) == 1:
        made = [
            _card(drawing, blocks, drawing.rows if at == 0 else (), content=content) for at, blocks in enumerate(pages)
        ]
        return tuple(made)
    page = min(page, len(pages) - 1)
    blocks = pages[page] if page == 0 else [Block((drawing.heading,)), *pages[page]]
    blocks = [*blocks, Block((interface.say("page-note", page=page + 1, pages=len(pages)),))]
    rows = drawing.rows if page == 0 else (drawing.links,) if drawing.links else ()
    if page + 1 < len(pages):
        rows = ((Control(interface.label("continue-button"), f"{drawing.onward}:{page + 1}", Style.MAIN),), *rows)
    return (_card(drawing, blocks, rows, content=content),)


def fits(drawing: Drawing, *, plain: bool = False) -> bool:
    """Whether everything goes on one page."""
    return len(pages_of(drawing, content=plain or drawing.as_content)) <= 1


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


# --- paging --------------------------------------------------------------------------------------------------


@dataclass
class _Room:
    """What still fits on a page."""

    characters: int
    bytes: int
    components: int
    sources: Mapping[int, str] = field(default_factory=dict)
    listed: set[int] = field(default_factory=set)
    """The sources that the page cites so far, whose lines are counted too."""

    @classmethod
    def of(cls, rows: Sequence[Sequence[Control]], sources: Mapping[int, str], heading: str, *, content: bool) -> _Room:
        """An empty page whose buttons are already counted, with a button, two lines and sources that may be added."""
        controls = sum(1 + len(row) for row in rows)
        room = (
            cls(CONTENT, 4 * CONTENT, 99, sources)
            if content
            else cls(CHARACTERS, BYTES, _COMPONENTS - 1 - controls - 6, sources)
        )
        if sources:
            room.characters -= len(heading) + 2
            room.bytes -= _size(heading)
        return room

    def _whole(self, block: Block) -> str:
        """The block, and the lines of the sources that nothing before it cites."""
        fresh = cited(block.text, self.sources) - self.listed
        return "\n".join((block.text, *(self.sources[number] for number in sorted(fresh))))

    def takes(self, block: Block) -> bool:
        """Whether the block still fits."""
        text = self._whole(block)
        return len(text) + 2 <= self.characters and _size(text) <= self.bytes and _weight(block) <= self.components

    def take(self, block: Block) -> None:
        """Put the block on the page."""
        text = self._whole(block)
        self.characters -= len(text) + 2
        self.bytes -= _size(text)
        self.components -= _weight(block)
        self.listed |= cited(block.text, self.sources)


def _size(text: str) -> int:
    return len(text.encode()) + _BYTES_A_TEXT


def _weight(block: Block) -> int:
    """How many components a block may cost: a line and a text, or a section with text and button and what follows; a
    quote ends the text before it."""
    return int(block.apart) * 2 + (4 if block.accessory else 0) + int(block.text.startswith(QUOTE))


def cited(text: str, sources: Mapping[int, str]) -> set[int]:
    """The numbers of the sources that a text names."""
    return {int(number) for number in _CITED.findall(text) if int(number) in sources}


def pages_of(drawing: Drawing, *, content: bool) -> list[list[Block]]:
    """A drawing's blocks by page; every page ends with the sources that it cites, in their order. Those that nothing
    cites flow like the rest."""
    named = set().union(*(cited(block.text, drawing.sources) for block in drawing.blocks))
    unnamed = [line for number, line in sorted(drawing.sources.items()) if number not in named]
    others = (Block((drawing.sources_heading, *unnamed), "\n", apart=True),) if unnamed else ()
    pages = paginate(
        (*drawing.blocks, *others),
        drawing.rows,
        content=content,
        later=(drawing.links,) if drawing.links else (),
        sources=drawing.sources,
        heading=drawing.sources_heading,
    )
    found = []
    for page in pages:
        numbers = set().union(*(cited(block.text, drawing.sources) for block in page))
        lines = [drawing.sources[number] for number in sorted(numbers)]
        listed = [Block((drawing.sources_heading, *lines), "\n", apart=True)] if lines else []
        above, below = [one for one in page if not one.last], [one for one in page if one.last]
        found.append([*above, *listed, *below])
    return found


def paginate(
    blocks: Sequence[Block],
    rows: Sequence[Sequence[Control]] = (),
    *,
    content: bool = False,
    later: Sequence[Sequence[Control]] = (),
    sources: Mapping[int, str] = MappingProxyType({}),
    heading: str = "",
) -> list[list[Block]]:
    """Blocks by page, in order; pinned blocks stay on the first. Parts only between pieces. Each page has room for the
    lines of the ``sources`` that it cites, and for its ``rows``; further pages have those of ``later``."""
    room = _Room.of(rows, sources, heading, content=content)
    pinned = _pinned(blocks, room)
    pages: list[list[Block]] = [[]]
    for number, block in enumerate(blocks):
        if number in pinned:
            pages[0].append(block)
            continue
        for part in _parted(block, content=content):
            if not room.takes(part) and pages[-1]:
                pages.append([])
                room = _Room.of(later, sources, heading, content=content)
            room.take(part)
            pages[-1].append(part)
    return pages


def _pinned(blocks: Sequence[Block], room: _Room) -> frozenset[int]:
    """Which blocks stay on the first page: those that are pinned, from the last on, while two fifths stay free.

    The last ones are the gentle line and what the bot is; warnings longer than a page must flow like the rest.
    """
    free, free_bytes = room.characters * 2 // 5, room.bytes * 2 // 5
    kept = set()
    for number, block in reversed(list(enumerate(blocks))):
        fits_text = len(block.text) + 2 <= room.characters - free and _size(block.text) <= room.bytes - free_bytes
        if block.pinned and fits_text and _weight(block) <= room.components:
            room.take(block)
            kept.add(number)
    return frozenset(kept)


def _parted(block: Block, *, content: bool) -> Iterator[Block]:
    """The block, or parts of it small enough to be placed: a third of a page at most."""
    most = (CONTENT if content else CHARACTERS) // 3
    if len(block.text) <= most and _size(block.text) <= BYTES // 3:
        yield block
        return
    pieces = [small for piece in block.pieces for small in _pieces(piece, most)]
    first = True
    while pieces:
        taken = _how_many(pieces, block.joiner, most)
        part = Block(tuple(pieces[:taken]), block.joiner, apart=block.apart and first)
        yield replace(part, accessory=block.accessory) if first else part
        pieces, first = pieces[taken:], False


def _how_many(pieces: Sequence[str], joiner: str, most: int) -> int:
    """How many of the pieces fit in one part; at least one."""
    taken = 1
    while taken < len(pieces):
        joined = joiner.join(pieces[: taken + 1])
        if len(joined) > most or _size(joined) > BYTES // 3:
            break
        taken += 1
    return taken


def _pieces(piece: str, most: int) -> Iterator[str]:
    """A piece; one that alone would fill a page is parted between words, as nothing else is left."""
    while len(piece) > most or len(piece.encode()) > BYTES // 3:
        at = min(most, BYTES // 3 // 4)
        cut = piece.rfind(" ", 0, at)
        cut = cut if cut > 0 else at
        yield piece[:cut]
        piece = piece[cut:].lstrip()
    yield piece
