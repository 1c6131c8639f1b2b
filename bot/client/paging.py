"""A drawing's blocks by page: what is pinned stays on the first, the rest flows on between sentences, and a page says
exactly how much of it was read, so that the next one goes on from there.

A press on "Read on" draws the reply anew: by then its warnings may have been shown, the bot introduced, a page
corrected. So the place in the button counts what flowed past and holds a check of it; where that no longer fits,
reading begins at the beginning, and no sentence is ever left out.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Self

from bot.client.ids import packed
from bot.client.shapes import Block, Control, Drawing

CHARACTERS: Final = 3_900
"""Of Discord's 4,000 over all texts of a layout."""
BYTES: Final = 9_300
"""Layouts over about 10,158 bytes fail with an HTTP 500 (discord-api-docs issue 8554)."""
CONTENT: Final = 1_950
"""Of Discord's 2,000 in plain content."""
_BYTES_A_TEXT: Final = 12
QUOTE: Final = "> "
_COMPONENTS: Final = 40
_PLACE: Final = re.compile(r"(\d{1,3})\.(\d{1,5})\.(\d{1,3})\.([0-9a-z]+)")


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
        fresh = cited(block, self.sources) - self.listed
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
        self.listed |= cited(block, self.sources)


def _size(text: str) -> int:
    return len(text.encode()) + _BYTES_A_TEXT


def _weight(block: Block) -> int:
    """How many components a block may cost: a line and a text, or a section with text and button and what follows; a
    quote ends the text before it."""
    return int(block.apart) * 2 + (4 if block.accessory else 0) + int(block.text.startswith(QUOTE))


def cited(block: Block, sources: Mapping[int, str]) -> set[int]:
    """The numbers of the sources that a block names."""
    return {number for number in block.numbers if number in sources}


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading goes on: the next page's number, how many pieces have flowed past, how many of the pinned blocks
    flowed with them for want of room, and a check of the pieces."""

    page: int
    pieces: int
    over: int
    check: str

    def __str__(self) -> str:
        return f"{self.page}.{self.pieces}.{self.over}.{self.check}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The place that a button holds; ``None`` for what is none."""
        found = _PLACE.fullmatch(text)
        return cls(int(found[1]), int(found[2]), int(found[3]), found[4]) if found else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page, and where the next one begins."""

    number: int
    blocks: Sequence[Block]
    after: Place | None


def sheets(drawing: Drawing, *, content: bool, place: Place | None = None) -> list[Sheet]:
    """A drawing's pages, or those that are left from a place on. Every page ends with the sources that it cites, in
    their order; those that nothing cites flow like the rest."""
    blocks = (*drawing.blocks, *_unnamed(drawing))
    rest = _rest(blocks, place, content=content) if place is not None else None
    later = (drawing.links,) if drawing.links else ()
    begin, rows = (place, later) if place and rest else (Place(1, 0, 0, ""), drawing.rows)
    pages = paginate(
        rest or blocks,
        rows,
        content=content,
        later=later,
        sources=drawing.sources,
        heading=drawing.sources_heading,
        again=drawing.heading,
        further=begin.page > 1,
    )
    if len(pages) == 1:
        return [Sheet(begin.page, _listing(pages[0], drawing), None)]
    over = begin.over if rest else _flowed(blocks, pages)
    units = [unit for block in _flowing(blocks, over) for unit in _units(block, content=content)]
    found, passed = [], begin.pieces
    for number, page in enumerate(pages, begin.page):
        passed += sum(len(part.pieces) for part in page if not part.stays)
        ended = number + 1 == begin.page + len(pages)
        after = None if ended else Place(number + 1, passed, over, _check(units[:passed]))
        found.append(Sheet(number, _listing(page, drawing), after))
    return found


def _unnamed(drawing: Drawing) -> tuple[Block, ...]:
    """The sources that no block cites."""
    named = set().union(*(cited(block, drawing.sources) for block in drawing.blocks))
    lines = [line for number, line in sorted(drawing.sources.items()) if number not in named]
    return (Block((drawing.sources_heading, *lines), "\n", apart=True),) if lines else ()


def _listing(page: Sequence[Block], drawing: Drawing) -> list[Block]:
    """A page with the sources that it cites, and below them what stands last."""
    numbers = set().union(*(cited(block, drawing.sources) for block in page))
    lines = [drawing.sources[number] for number in sorted(numbers)]
    listed = [Block((drawing.sources_heading, *lines), "\n", apart=True)] if lines else []
    return [*(one for one in page if not one.last), *listed, *(one for one in page if one.last)]


def _flowed(blocks: Sequence[Block], pages: Sequence[Sequence[Block]]) -> int:
    """How many pinned blocks found no room on the first page."""
    return sum(block.pinned for block in blocks) - sum(part.pinned for part in pages[0])


def _flowing(blocks: Sequence[Block], over: int) -> Iterator[Block]:
    """The blocks that flow: those that are not pinned, and the first ``over`` of those that are."""
    for block in blocks:
        if block.pinned:
            over -= 1
        if not block.stays or (block.pinned and over >= 0):
            yield replace(block, pinned=False)


def _units(block: Block, *, content: bool) -> list[str]:
    most = (CONTENT if content else CHARACTERS) // 3
    return [small for piece in block.pieces for small in _pieces(piece, most)]


def _check(units: Sequence[str]) -> str:
    return packed(zlib.crc32("\n".join(units).encode()))


def _rest(blocks: Sequence[Block], place: Place, *, content: bool) -> list[Block] | None:
    """What has not flowed past yet; ``None`` when what is there now is not what was read."""
    flowing = [(block, _units(block, content=content)) for block in _flowing(blocks, place.over)]
    if _check([unit for _, units in flowing for unit in units][: place.pieces]) != place.check:
        return None
    left, rest = place.pieces, []
    for block, units in flowing:
        gone = min(left, len(units))
        left -= gone
        if gone == 0:
            rest.append(block)
        elif units[gone:]:
            rest.append(replace(block, pieces=tuple(units[gone:]), apart=False, accessory=None))
    return rest or None


def paginate(
    blocks: Sequence[Block],
    rows: Sequence[Sequence[Control]] = (),
    *,
    content: bool = False,
    later: Sequence[Sequence[Control]] = (),
    sources: Mapping[int, str] = MappingProxyType({}),
    heading: str = "",
    again: str = "",
    further: bool = False,
) -> list[list[Block]]:
    """Blocks by page, in order; pinned and opening blocks stay on the first. Parts only between pieces. Each page has
    room for the lines of the ``sources`` that it cites, and for its ``rows``; further pages have those of ``later``,
    and room for the heading that stands ``again`` on them (on all of them, where the first is a ``further`` one)."""
    room = _Room.of(rows, sources, heading, content=content)
    if further:
        room.take(Block((again,)))
    staying = _staying(blocks, room)
    pages: list[list[Block]] = [[]]
    for number, block in enumerate(blocks):
        if number in staying:
            pages[0].append(block)
            continue
        for part in _parted(replace(block, pinned=False), content=content):
            if not room.takes(part) and pages[-1]:
                pages.append([])
                room = _Room.of(later, sources, heading, content=content)
                room.take(Block((again,)))
            room.take(part)
            pages[-1].append(part)
    return pages


def _staying(blocks: Sequence[Block], room: _Room) -> frozenset[int]:
    """Which blocks stay on the first page: what opens it, and what is pinned, from the last on, while two fifths stay
    free. From the first that finds no room, the earlier ones flow: the last are the gentle line and what the bot is.
    """
    free, free_bytes = room.characters * 2 // 5, room.bytes * 2 // 5
    kept = {number for number, block in enumerate(blocks) if block.opening}
    for number in kept:
        room.take(blocks[number])
    for number, block in reversed([(at, one) for at, one in enumerate(blocks) if one.pinned]):
        fits_text = len(block.text) + 2 <= room.characters - free and _size(block.text) <= room.bytes - free_bytes
        if not fits_text or _weight(block) > room.components:
            break
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
