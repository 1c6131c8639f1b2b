"""Low energy: three short lines and one button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from bot.answering.model import Answer, Comparison, NoticeText, Pairing, Passage
from bot.client.ids import button_id, code
from bot.client.interface import shortened
from bot.client.shapes import Block, Control, Drawing, Look, Style
from bot.client.wording import heading, short_names, spoken

_LABEL: Final = 80


def short(reply: Answer | Pairing | Comparison, look: Look) -> Drawing:
    """The shortest that still says it; everything else is behind the button."""
    match reply:
        case Answer():
            return _short_answer(reply, look)
        case Pairing():
            lines: tuple[str, ...] = (f"### {reply.title}", f"**{reply.severity_label}** {spoken(reply.sentences)[0]}")
            more = [_more(look, "pp", *map(code, reply.members))]
            entries, last = reply.entries, reply.review
        case Comparison():
            names = short_names([link.title for link in reply.entries])
            cells = zip(names, reply.rows[0].cells if reply.rows else (), strict=False)
            spoke = (f"**{name}:** {' '.join(spoken(cell)) or '–'}" for name, cell in cells)
            lines = ("### " + " / ".join(names), *spoke)
            more = [_more(look, "cp", ".".join(code(link.entry) for link in reply.entries))]
            entries, last = tuple(link.entry for link in reply.entries), reply.review
        case _:
            assert_never(reply)
    kind = "comparison" if isinstance(reply, Comparison) else "answer"
    return Drawing((Block((*lines, _small(reply.notices, last, look)), "\n"),), (tuple(more),), kind, entries)


def _short_answer(reply: Answer, look: Look) -> Drawing:
    """The first sentence of each part; two questions get a button each."""
    first, *others = reply.passages
    lines = [heading(first), _begins(first)]
    lines += [f"**{heading(part).removeprefix('### ')}.** {_begins(part)}" for part in others]
    more = [_more(look, "more", first.entry, first.facet)]
    more += [_more(look, "more", part.entry, part.facet, about=part.title) for part in others]
    entries = tuple(part.entry for part in reply.passages)
    block = Block((*lines, _small(reply.notices, first.review, look)), "\n")
    return Drawing((block,), (tuple(more),), "answer", entries)


def _begins(part: Passage) -> str:
    return part.missing or spoken(part.sentences)[0]


def _small(notices: Sequence[NoticeText], review: str, look: Look) -> str:
    titles = ", ".join(notice.title for notice in notices)
    return f"-# {look.interface.say('short-warnings', titles=titles) if titles else review}"


def _more(look: Look, action: str, *given: object, about: str = "") -> Control:
    label = look.interface.label("more-button")
    label = shortened(f"{label}: {about}", _LABEL) if about else label
    return Control(label, button_id(action, *given), Style.PLAIN if about else Style.MAIN)
