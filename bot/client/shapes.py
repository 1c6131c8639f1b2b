"""What a drawing is made of: texts in reading order and controls below, still without Discord's objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.client.interface import Interface
from bot.knowledge.safety_model import Safety


class Style(StrEnum):
    """How a control looks; meaning is always in its label."""

    PLAIN = "plain"
    MAIN = "main"
    DANGER = "danger"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Control:
    """A button. ``target`` is a custom id, or an address for :attr:`Style.LINK`."""

    label: str
    target: str
    style: Style = Style.PLAIN


_CITED: Final = re.compile(r"\[(\d{1,3})\]")
_NONE: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph: pieces (sentences or lines) that may be parted between, never within.

    ``accessory`` is a button beside it; ``apart`` draws a line above it; ``last`` keeps it below the sources;
    ``opening`` is said once, before all pages, and is not read on to.
    """

    pieces: tuple[str, ...]
    joiner: str = " "
    pinned: bool = False
    opening: bool = False
    accessory: Control | None = None
    apart: bool = False
    last: bool = False
    text: str = field(init=False, compare=False)
    """The whole paragraph."""
    numbers: frozenset[int] = field(init=False, compare=False)
    """What stands in it like the number of a source: ``[3]``."""

    def __post_init__(self) -> None:
        text = self.joiner.join(self.pieces)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "numbers", frozenset(map(int, _CITED.findall(text))) if "[" in text else _NONE)

    @property
    def stays(self) -> bool:
        """Whether it stays on the first page, if there is room."""
        return self.pinned or self.opening


@dataclass(frozen=True, slots=True)
class Drawing:
    """A reply, ready to become one message or several. ``onward`` makes the button that leads to a later page."""

    blocks: tuple[Block, ...]
    rows: tuple[tuple[Control, ...], ...] = ()
    kind: str = ""
    entries: tuple[str, ...] = ()
    as_content: bool = False
    """Plain content, because a phone's notification shows no text of a layout (Discord issue 7854)."""
    onward: str | None = None
    """Custom id prefix of later pages; without one they follow as messages of their own. A button adds the place."""
    heading: str = ""
    sources: Mapping[int, str] = field(default_factory=dict)
    """The line of each source by its number; a page lists those that it cites."""
    sources_heading: str = ""
    links: tuple[Control, ...] = ()
    """Buttons that stand on later pages too."""


@dataclass(frozen=True, slots=True)
class Look:
    """For whom and where a reply is drawn."""

    interface: Interface
    safety: Safety
    asker: int
    public: bool = True
    shareable: bool = False
    removable: bool = False
    """Whether only the asker reads along, and the reply stays: in direct messages."""
    low_energy: bool = False
    intro: str | None = None
    told: bool = False
    """Whether moderators were told of it: the reply says so."""
    shared_by: str | None = None
