"""How somebody's work on an edit is drawn: what changes so far, what the rules say, and which field to open next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.client.cards import Card, press
from bot.client.drawing import Control, Style
from bot.client.editors.places import coded
from bot.client.editors.sheets import Texts, field_of, fields_of
from bot.client.editors.showing import complaint_block, difference_blocks, shortest, title_of
from bot.client.ids import button_id, menu_id
from bot.client.menus import Pick
from bot.client.paging import CHARACTERS
from bot.client.text import harmless
from bot.editing.checks import Complaint
from bot.editing.differences import differences
from bot.editing.model import Actor, Edit, Place, Value, value_in
from bot.editing.states import State, Step
from bot.knowledge.model import Entry, Source

if TYPE_CHECKING:
    from bot.client.bot import NextStep

_MOST_DIFFERENCE: Final = 1500
_MOST_MENDS: Final = 3
_MORE: Final = 100
"""Room for the line that says how much is left."""


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody is working on: the place, their draft (``None`` before the first change), and its text now."""

    place: Place
    edit: Edit | None
    value: Value
    carried: dict[str, Source]
    clashes: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The draft's number, 0 for none."""
        return self.edit.id if self.edit else 0


class Panels:
    """Draws the private panel of whoever writes."""

    def __init__(self, bot: NextStep) -> None:
        self._desk, self._office = bot.desk, bot.office

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    async def drawn(self, work: Work, actor: Actor, *lines: str, complaints: Sequence[Complaint] = ()) -> Card:
        """The panel: what changes so far, what the rules say, and which field to open next."""
        texts = Texts(self._desk.interface, self._office.desk.knowledge)
        served = value_in(texts.knowledge, work.place)
        found = difference_blocks(differences(served, work.value) if work.edit else (), texts)
        complaints = [*complaints, *await self._complaints(work, complaints)]
        above = [await self._head(work, actor, texts), *lines]
        above += [self._say("edit-clash", fields=", ".join(map(texts.field, work.clashes)))] if work.clashes else []
        below = [complaint_block(complaints, texts).text] if work.edit else [self._say("edit-nothing-yet")]
        below += [self._say("edit-same")] if work.edit and not found else []
        room = CHARACTERS - _MORE - sum(len(part) + 2 for part in (*above, *below))
        blocks, left = shortest(found, min(room, _MOST_DIFFERENCE))
        more = [self._say("edit-more-differences", count=left)] if left else []
        parts = [*above, *(block.text for block in blocks), *more, *below]
        view = ui.LayoutView(timeout=None)
        container: ui.Container[ui.LayoutView] = ui.Container(*(ui.TextDisplay(part) for part in parts))
        container.add_item(ui.Separator())
        container.add_item(self._field_menu(work, texts))
        for row in self._rows(work, complaints, texts):
            container.add_item(ui.ActionRow(*(press(control) for control in row)))
        view.add_item(container)
        return Card(view, kind="edit")

    async def _complaints(self, work: Work, known: Sequence[Complaint]) -> list[Complaint]:
        if work.edit is None:
            return []
        return [one for one in await self._office.desk.complaints(work.edit.content()) if one not in known]

    async def _head(self, work: Work, actor: Actor, texts: Texts) -> str:
        stand = (
            self._say("edit-draft", number=work.number, state=work.edit.state) if work.edit else self._say("edit-fresh")
        )
        others = [
            one for one in await self._office.desk.store.open() if one.place == work.place and not one.is_by(actor)
        ]
        waiting = [self._say("edit-others", numbers=", ".join(str(one.id) for one in others))] if others else []
        if work.edit and work.edit.state is State.CHANGES_REQUESTED:
            waiting.insert(0, await self._wanted_changes(work.edit))
        title = self._say("edit-title", title=title_of(work.edit or work.place, texts), key=work.place.key)
        return "\n".join((title, stand, *waiting))

    async def _wanted_changes(self, edit: Edit) -> str:
        """What the reviewer asked for."""
        steps = await self._office.desk.store.steps(edit.id)
        sent_back = next(one for one in reversed(steps) if one.step is Step.REQUEST_CHANGES)
        why = harmless(" ".join(sent_back.why.split()))
        return self._say("edit-wanted", role=self._say(f"role-{sent_back.role}"), why=why)

    def _field_menu(self, work: Work, texts: Texts) -> ui.ActionRow[Any]:
        select: ui.Select[Any] = ui.Select(
            custom_id=menu_id("kfield", *coded(work.place), work.number),
            placeholder=self._say("edit-choose"),
            options=[
                discord.SelectOption(label=label[:100], value=name) for name, label in fields_of(work.value, texts)
            ],
        )
        return ui.ActionRow(Pick(select))

    def _rows(self, work: Work, complaints: Sequence[Complaint], texts: Texts) -> list[list[Control]]:
        label = self._desk.interface.label
        if work.edit is None:
            as_it_is = Control(label("edit-as-is"), button_id("kasis", *coded(work.place)))
            return [[as_it_is]] if isinstance(work.value, Entry) else []
        grave = [field_of(work.value, one.field) for one in complaints if one.grave]
        mends = [field for field in dict.fromkeys(grave) if field][:_MOST_MENDS]
        rows = [
            [
                Control(
                    label("edit-mend", field=texts.field(field)),
                    button_id("kmend", *coded(work.place), work.number, field),
                )
                for field in mends
            ]
        ]
        version = work.edit.version
        last = (
            [] if grave else [Control(label("edit-propose"), button_id("kpropose", work.number, version), Style.MAIN)]
        )
        last.append(Control(label("look-button"), button_id("klook", work.number)))
        last.append(Control(label("difference-button"), button_id("kdiff", work.number)))
        last.append(Control(label("edit-drop"), button_id("kdrop", work.number, version), Style.DANGER))
        return [row for row in (*rows, last) if row]
