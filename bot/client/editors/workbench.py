"""Writing an edit: a private panel from which one field after the other is opened, until the whole is handed in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from discord import ui

from bot.client.cards import Card, press
from bot.client.drawing import Control, Style
from bot.client.editors.forms import Typed, form_id, open_form, text_field, text_of
from bot.client.editors.panels import Panels, Work
from bot.client.editors.places import decoded
from bot.client.editors.rights import Act
from bot.client.editors.sheets import Sheet, Texts, new_sheet, sheet
from bot.client.editors.showing import complaint_block, title_of
from bot.client.editors.typed import changed, new_page
from bot.client.ids import button_id
from bot.client.memory import Lately
from bot.client.responses import Interaction, answer, note
from bot.editing.checks import Complaint
from bot.editing.drafts import Drafted, EntryForm, change_entry
from bot.editing.model import Actor, Edit, Place, value_in
from bot.editing.states import State
from bot.errors import EditError
from bot.knowledge.model import Entry

if TYPE_CHECKING:
    from bot.client.bot import NextStep

_OWN: Final = (State.DRAFT, State.CHANGES_REQUESTED)
_NEW: Final = "new"
WHY: Final = 300


class Workbench:
    """``bot.workbench``: begins, changes and hands in edits."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk, self._office = bot, bot.desk, bot.office
        self._panels = Panels(bot)
        self._kept: Lately[tuple[int, str], Typed] = Lately(500)
        """What was typed into forms that could not be stored, by person and form."""
        self._wanted: Lately[tuple[int, Place], str] = Lately(500)
        """The source that somebody wants to cite in a place: their forms offer it first."""
        bot.picks.add("kfield", self._field_picked)
        for action, press_handler in {
            "kmend": self._mend,
            "kopen": self._open_pressed,
            "knew": self._new_again,
            "kpropose": self._propose_pressed,
            "kdrop": self._drop,
            "kasis": self._as_it_is,
        }.items():
            bot.presses.add(action, press_handler)
        bot.forms.add("kfield", self._field_typed)
        bot.forms.add("knew", self._new_typed)
        bot.forms.add("kpropose", self._propose)

    def texts(self) -> Texts:
        """The words for forms and cards, on what is served now."""
        return Texts(self._desk.interface, self._office.desk.knowledge)

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    # --- finding the work -------------------------------------------------------------------------------------

    async def work_on(self, place: Place, actor: Actor, number: int = 0) -> Work:
        """Somebody's own draft of a place, or the place as it is served.

        Raises:
            EditError: there is no such place, or the draft is not theirs or not open any more.
        """
        edit = await self._draft(place, actor, number)
        if edit is not None:
            now = await self._office.desk.up_to_date(edit)
            known = self._office.desk.knowledge.sources
            carried = {key: one for key, one in now.snapshot.sources.items() if key not in known}
            if now.snapshot.value is None:
                raise EditError(self._say("edit-retiring"))
            return Work(place, edit, now.snapshot.value, carried, now.clashes)
        value = value_in(self._office.desk.knowledge, place)
        if value is None:
            raise EditError(self._say("edit-gone"))
        return Work(place, None, value, {})

    async def _draft(self, place: Place, actor: Actor, number: int) -> Edit | None:
        if number:
            edit = await self._office.desk.store.of(number)
            if edit.place != place or not edit.is_by(actor) or edit.state not in _OWN:
                raise EditError(self._say("edit-not-open", number=number, state=edit.state))
            return edit
        here = [one for one in await self._office.desk.store.open() if one.place == place]
        mine = [one for one in here if one.is_by(actor) and one.state in _OWN]
        return mine[-1] if mine else None

    # --- the panel --------------------------------------------------------------------------------------------

    async def open(self, interaction: Interaction, place: Place, source: str = "") -> None:
        """Show the panel for a place; its forms offer ``source`` first."""
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is not None:
            if source:
                self._wanted.put((interaction.user.id, place), source)
            work = await self.work_on(place, actor)
            if work.edit is not None:  # the rules are read, which takes a while
                await interaction.response.defer(ephemeral=True, thinking=True)
            await answer(interaction, (await self.panel(work, actor),))

    async def _open_pressed(self, interaction: Interaction, given: list[str]) -> None:
        await self.open(interaction, decoded(given[0], given[1]))

    async def panel(self, work: Work, actor: Actor, *lines: str, complaints: Sequence[Complaint] = ()) -> Card:
        """The panel as it stands now."""
        return await self._panels.drawn(work, actor, *lines, complaints=complaints)

    # --- one field --------------------------------------------------------------------------------------------

    async def _field_picked(self, interaction: Interaction, given: list[str], values: list[str]) -> None:
        if values:
            await self._show_form(interaction, (*given[:3], values[0]))

    async def _mend(self, interaction: Interaction, given: list[str]) -> None:
        await self._show_form(interaction, (given[0], given[1], given[2], given[3]))

    async def _show_form(self, interaction: Interaction, form: tuple[str, ...]) -> None:
        """Open a field's form, with what was typed into it before when that could not be stored."""
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        letter, key, number, field = form
        work = await self.work_on(decoded(letter, key), actor, int(number))
        made = self._sheet(work, field, interaction.user.id)
        kept = self._kept.get((interaction.user.id, form_id("kfield", *form)))
        shown = made if kept is None else made.refilled(kept)
        await open_form(interaction, shown.title, form_id("kfield", *form, made.stamp), shown.fields)

    def _sheet(self, work: Work, field: str, person: int) -> Sheet:
        """A field's form with its present text; the source that somebody wants to cite is offered first."""
        texts, wanted = self.texts(), self._wanted.get((person, work.place)) or ""
        first = {wanted: texts.knowledge.sources[wanted]} if wanted in texts.knowledge.sources else {}
        return sheet(field, work.value, texts, {**first, **work.carried})

    async def _field_typed(self, interaction: Interaction, given: list[str], typed: Typed) -> None:
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        form, shown = given[:4], given[4:]
        letter, key, number, field = form
        name = (interaction.user.id, form_id("kfield", *form))
        self._kept.put(name, typed)
        work = await self.work_on(decoded(letter, key), actor, int(number))
        await _begin(interaction)
        desk, texts = self._office.desk, self.texts()
        overtaken = [field] if shown and self._sheet(work, field, interaction.user.id).stamp != shown[0] else []
        given_over = (texts.knowledge, self._desk.clock().date(), work.carried)
        drafted = await asyncio.to_thread(changed, field, work.place, work.value, typed, *given_over)
        if _unfit(field, drafted):
            await self._give_back(interaction, drafted, button_id("kmend", *form), texts)
            return
        if work.edit is None:
            edit = await desk.begin(drafted, actor)
        else:
            edit = await desk.save(work.edit, drafted, actor)
        self._kept.forget(lambda one: one == name)
        fresh = await self.work_on(work.place, actor, edit.id)
        extra = [one for one in drafted.complaints if one.field == field]
        added = [self._say("edit-source-added", key=one) for one in fresh.carried if one not in work.carried]
        clashes = tuple(dict.fromkeys((*work.clashes, *overtaken)))
        card = await self.panel(replace(fresh, clashes=clashes), actor, *added, complaints=extra)
        await self._update(interaction, card)
        self._bot.reviews.ahead(edit)

    async def _as_it_is(self, interaction: Interaction, given: list[str]) -> None:
        """A draft that changes no word: handed in, it asks somebody to read the page through and sign it anew."""
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        work = await self.work_on(decoded(given[0], given[1]), actor)
        await _begin(interaction)
        if work.edit is None and isinstance(work.value, Entry):
            today = self._desk.clock().date()
            drafted = await asyncio.to_thread(change_entry, work.value, EntryForm(), self._office.desk.knowledge, today)
            edit = await self._office.desk.begin(drafted, actor)
            work = await self.work_on(work.place, actor, edit.id)
        await self._update(interaction, await self.panel(work, actor))
        if work.edit is not None:
            self._bot.reviews.ahead(work.edit)

    async def _update(self, interaction: Interaction, card: Card) -> None:
        if not _has_panel(interaction):
            await answer(interaction, (card,))
        elif interaction.response.is_done():
            await interaction.edit_original_response(view=card.view)
        else:
            await interaction.response.edit_message(view=card.view)

    async def _give_back(self, interaction: Interaction, drafted: Drafted, again: str, texts: Texts) -> None:
        """Nothing could be stored: say why, field by field, with a button that opens the form as it was."""
        view = ui.LayoutView(timeout=None)
        complaints = drafted.grave or drafted.complaints
        container: ui.Container[ui.LayoutView] = ui.Container(
            ui.TextDisplay(self._say("edit-not-stored")),
            ui.TextDisplay(complaint_block(complaints, texts).text),
            ui.ActionRow(press(Control(self._desk.interface.label("edit-again"), again, Style.MAIN))),
        )
        view.add_item(container)
        await answer(interaction, (Card(view, kind="edit"),))

    # --- a new page -------------------------------------------------------------------------------------------

    async def open_new(self, interaction: Interaction, asks: str = "", questions: Sequence[int] = ()) -> None:
        """Open the form of a new page; ``questions`` are those sent to the editors that it will answer."""
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        name = form_id("knew", ".".join(map(str, questions[:12])))
        made = new_sheet(self.texts(), asks, self._kept.get((interaction.user.id, name)))
        await open_form(interaction, made.title, name, made.fields)

    async def _new_again(self, interaction: Interaction, given: list[str]) -> None:
        await self.open_new(interaction, questions=_numbers(given[0] if given else ""))

    async def _new_typed(self, interaction: Interaction, given: list[str], typed: Typed) -> None:
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        questions = _numbers(given[0] if given else "")
        name = (interaction.user.id, form_id("knew", ".".join(map(str, questions))))
        self._kept.put(name, typed)
        await interaction.response.defer(ephemeral=True, thinking=True)
        texts = self.texts()
        drafted = await asyncio.to_thread(new_page, typed, texts.knowledge, self._desk.clock().date())
        if _unfit(_NEW, drafted):
            await self._give_back(interaction, drafted, button_id("knew", ".".join(map(str, questions))), texts)
            return
        asked = await self._desk.gaps.of(questions) if questions else ()
        trials = [one.text for one in asked]
        edit = await self._office.desk.begin(drafted, actor, trials=trials, questions=[one.id for one in asked])
        self._kept.forget(lambda one: one == name)
        work = await self.work_on(edit.place, actor, edit.id)
        light = [one for one in drafted.complaints if not one.grave]
        await answer(interaction, (await self.panel(work, actor, complaints=light),))
        self._bot.reviews.ahead(edit)

    # --- handing in -------------------------------------------------------------------------------------------

    async def _propose_pressed(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        edit = await self._office.desk.seen(int(given[0]), int(given[1]))
        work = await self.work_on(edit.place, actor, edit.id)
        if work.clashes:
            await _begin(interaction)
            edit = await self._brought_up(edit, work, actor)
            fresh = await self.work_on(edit.place, actor, edit.id)
            await self._update(interaction, await self.panel(replace(fresh, clashes=work.clashes), actor))
            self._bot.reviews.ahead(edit)
            return
        why = text_field(
            "why", self._say("form-why"), edit.why, hint=self._say("form-why-hint"), long=True, required=True, most=WHY
        )
        await open_form(interaction, self._say("form-propose"), form_id("kpropose", edit.id, edit.version), (why,))

    async def _brought_up(self, edit: Edit, work: Work, actor: Actor) -> Edit:
        """Store a draft on top of what is served now, so that the author sees what they would replace."""
        snapshot = replace(edit.content(), value=work.value)
        drafted = await self._office.desk.again(replace(edit, snapshot=snapshot))
        return await self._office.desk.save(edit, drafted, actor)

    async def _propose(self, interaction: Interaction, given: list[str], typed: Typed) -> None:
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        desk = self._office.desk
        edit = await desk.seen(int(given[0]), int(given[1]))
        work = await self.work_on(edit.place, actor, edit.id)
        await _begin(interaction)
        if desk.is_stale(edit):
            edit = await self._brought_up(edit, work, actor)
        edit = await desk.propose(edit, actor, text_of(typed, "why") or "")
        await self._update(interaction, self._done("edit-proposed", edit))
        await self._bot.reviews.post(edit, actor)

    async def _drop(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        edit = await self._office.desk.seen(int(given[0]), int(given[1]))
        edit = await self._office.desk.take_back(edit, actor)
        await self._update(interaction, self._done("edit-dropped", edit))

    def _done(self, name: str, edit: Edit) -> Card:
        view = ui.LayoutView(timeout=None)
        text = self._say(name, number=edit.id, title=title_of(edit, self.texts()))
        look = Control(self._desk.interface.label("open-edit-button"), button_id("kcard", edit.id))
        view.add_item(ui.Container(ui.TextDisplay(text), ui.ActionRow(press(look))))
        return Card(view, kind="edit")

    async def nothing(self, interaction: Interaction) -> None:
        """What was typed names nothing."""
        await note(interaction, self._say("edit-unknown"))


def _has_panel(interaction: Interaction) -> bool:
    """Whether what was pressed stands in a private panel, which is drawn anew in its place."""
    message = interaction.message
    return message is not None and message.flags.components_v2 and message.flags.ephemeral


async def _begin(interaction: Interaction) -> None:
    """Say that it takes a while: the rules read every page."""
    await interaction.response.defer(ephemeral=True, thinking=not _has_panel(interaction))


def _unfit(field: str, drafted: Drafted) -> bool:
    """Whether a form's answer cannot be stored: its fields make no whole, or its source or new page is refused."""
    if drafted.snapshot is None or any(one.field == "country" for one in drafted.grave):
        return True
    if field == "source":
        return any(one.field == "sources" or one.field.startswith("source-") for one in drafted.grave)
    taken = any(one.code == "K08" and one.field == "title" for one in drafted.grave)
    return field == _NEW and (taken or not drafted.place.key)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(".") if part.isdigit()]


__all__ = ["Sheet", "Workbench"]
