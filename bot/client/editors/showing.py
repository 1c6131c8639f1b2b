"""How an edit is shown to those who write and decide: what changes, what the rules say, what members will get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final

from discord import ui

from bot.answering.model import NEW, RedirectTo, Reply
from bot.answering.pipeline import Answerer
from bot.answering.replies import Setting
from bot.client.cards import Card, cards
from bot.client.desk import Desk
from bot.client.drawing import Block, Drawing, Look, draw
from bot.client.editors.sheets import Texts
from bot.client.text import harmless
from bot.editing.checks import Complaint
from bot.editing.differences import FieldDifference, Line, Mark
from bot.editing.model import Edit, Place, Subject, value_in
from bot.evaluation.impact import rendering
from bot.knowledge.model import Facet, Knowledge

_SIGNS: Final = {Mark.SAME: "  ", Mark.REMOVED: "- ", Mark.ADDED: "+ "}
_FENCE: Final = "```"
_AT_ONCE: Final = 1100
_BY_ITSELF: Final = frozenset({"written", "review"})
"""Fields that follow from any change, and are told only in the whole difference."""
_MOST_COMPLAINED: Final = 1300
"""Characters of complaints on a card; grave ones come first."""


def title_of(edit_or_place: Edit | Place, texts: Texts) -> str:
    """How a thing is called: its title as drafted or as served, made harmless."""
    place = edit_or_place.place if isinstance(edit_or_place, Edit) else edit_or_place
    drafted = edit_or_place.snapshot.value if isinstance(edit_or_place, Edit) and edit_or_place.snapshot else None
    value = drafted or value_in(texts.knowledge, place)
    return harmless(value.title if value is not None else place.key)


def difference_blocks(found: Sequence[FieldDifference], texts: Texts, *, whole: bool = False) -> list[Block]:
    """One block or more for each field that changes, in a fence, where nothing that was typed is formatted or linked.

    ``whole`` keeps the sentences that stay.
    """
    told = [one for one in found if whole or one.field not in _BY_ITSELF]
    return [block for one in told for block in _difference(one, texts, whole=whole)]


def _difference(one: FieldDifference, texts: Texts, *, whole: bool) -> Iterator[Block]:
    lines = [f"{_SIGNS[line.mark]}{_plain(line)}" for line in one.lines if whole or line.mark is not Mark.SAME]
    name = f"**{texts.field(one.field)}**"
    for part in _parts(lines):
        yield Block((f"{name}\n{_FENCE}diff\n{part}\n{_FENCE}",))


def _plain(line: Line) -> str:
    return " ".join(line.text.replace("`", "ˋ").split())


def _parts(lines: Sequence[str]) -> Iterator[str]:
    gathered: list[str] = []
    for line in lines:
        for piece in (line[at : at + _AT_ONCE] for at in range(0, len(line), _AT_ONCE)):
            if gathered and sum(map(len, gathered)) + len(gathered) + len(piece) > _AT_ONCE:
                yield "\n".join(gathered)
                gathered = []
            gathered.append(piece)
    if gathered:
        yield "\n".join(gathered)


def shortest(blocks: Sequence[Block], most: int) -> tuple[list[Block], int]:
    """The first blocks that fit into ``most`` characters, and how many are left."""
    kept: list[Block] = []
    for block in blocks:
        most -= len(block.text) + 2
        if most < 0:
            break
        kept.append(block)
    return kept, len(blocks) - len(kept)


def complaint_block(complaints: Sequence[Complaint], texts: Texts) -> Block:
    """What the rules say, with the field as the editor knows it; grave complaints first."""
    if not complaints:
        return Block((texts.say("rules-fine"),))
    lines = [complaint_line(one, texts) for one in complaints]
    ends = accumulate(len(line) + 1 for line in lines)
    lines = [line for line, end in zip(lines, ends, strict=True) if end <= _MOST_COMPLAINED]
    left = len(complaints) - len(lines)
    more = (texts.say("rules-more", count=left),) if left else ()
    return Block((texts.say("rules-heading"), *lines, *more), "\n")


def complaint_line(one: Complaint, texts: Texts) -> str:
    """``✗ **Side effects:** …``."""
    name = "rules-grave" if one.grave else "rules-worth-a-look"
    return texts.say(name, field=texts.field(one.field), message=harmless(one.message)[:300])


def replies_of(served: Answerer, draft: Knowledge, place: Place, now: datetime) -> tuple[tuple[str, Reply], ...]:
    """What members will get for a place of a draft of what is ``served``: a reply for each facet, by its name. For a
    worker thread."""
    match place.subject:
        case Subject.ENTRY:
            entry = draft.entries.get(place.key)
            names = [facet.value for facet in entry.facets] if entry else []
            return tuple(zip(names, rendering(served, draft, place.key, now), strict=True)) if names else ()
        case Subject.REDIRECT if place.key in draft.redirects:
            setting = Setting(None, now.date(), NEW.notices)
            return (("text", served.composer_of(draft).compose(RedirectTo(place.key, 1.0), setting, ())),)
        case _:
            return ()


def rendered(desk: Desk, reply: Reply) -> tuple[Card, ...]:
    """The message that members will get, to the letter; its buttons rest, since they would open what is served now."""
    look = Look(desk.interface, desk.answerer.safety, 0)
    made = cards(draw(reply, look), desk.interface)
    for card in made:
        for item in card.view.walk_children() if card.view else ():
            if isinstance(item, ui.Button):
                item.disabled = True
            elif isinstance(inner := getattr(item, "item", None), ui.Button):
                inner.disabled = True
    return made


def changed_facets(found: Sequence[FieldDifference], facets: Sequence[str]) -> list[str]:
    """The facets whose text changes, then the others."""
    touched = {one.field for one in found}
    return sorted(
        facets, key=lambda facet: (facet not in touched, list(Facet).index(Facet(facet)) if facet in list(Facet) else 0)
    )


def note_card(desk: Desk, *lines: str) -> tuple[Card, ...]:
    """Plain lines, as many messages as it takes."""
    return cards(Drawing(tuple(Block((line,)) for line in lines if line)), desk.interface)
