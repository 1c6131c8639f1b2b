"""Review cards: what an edit changes, what the rules and the test questions say, and the buttons that decide."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.client.cards import Card, cards
from bot.client.drawing import ROW, Block, Control, Drawing, Style
from bot.client.editors.forms import Handler as FormHandler
from bot.client.editors.forms import Typed, form_id, open_form, text_field, text_of
from bot.client.editors.meter import Meter
from bot.client.editors.places import coded
from bot.client.editors.rights import Act
from bot.client.editors.sheets import Texts
from bot.client.editors.showing import (
    changed_facets,
    complaint_block,
    difference_blocks,
    rendered,
    replies_of,
    shortest,
    title_of,
)
from bot.client.editors.workbench import WHY
from bot.client.ids import button_id
from bot.client.interface import shortened
from bot.client.paging import CHARACTERS
from bot.client.presses import Handler
from bot.client.responses import Interaction, answer, log_fault
from bot.client.text import harmless
from bot.editing.desk import ReviewCard
from bot.editing.model import Actor, Edit
from bot.editing.overlay import as_drafted
from bot.editing.states import State, Step, after
from bot.errors import EditError

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)
_MOST_DIFFERENCE: Final = 1900
_MORE: Final = 100
"""Room for the line that says how much is left."""
_MEASURED_AGAIN: Final = 4
"""So often an edit is measured for one card, while something else comes to be served each time."""
_REASONED: Final = {"kchanges": Step.REQUEST_CHANGES, "kdecline": Step.DECLINE, "krevert": Step.REVERT}
_DECIDING: Final = {Step.REQUEST_CHANGES: Act.DECIDE, Step.DECLINE: Act.DECIDE, Step.REVERT: Act.REVERT}


class Reviews:
    """``bot.reviews``: posts review cards and answers their buttons."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk, self._office = bot, bot.desk, bot.office
        self.meter = Meter(bot)
        for action, handler in {
            "kcard": self._show,
            "klook": self._look,
            "kdiff": self._difference,
            "kapprove": self._approve,
            "kback": self._take_back,
        }.items():
            bot.presses.add(action, handler)
        for action in _REASONED:
            bot.presses.add(action, self._asks_why(action))
            bot.forms.add(action, self._reasoned(action))

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    def _texts(self) -> Texts:
        return Texts(self._desk.interface, self._office.desk.knowledge)

    # --- the card ---------------------------------------------------------------------------------------------

    async def post(self, edit: Edit, actor: Actor) -> None:
        """Put an edit before the editors: what members would get, then the card; its impact is filled in behind, unless
        it was measured while the edit was written."""
        preview, card = await self._previews(edit, 1), await self.card(edit, actor)
        unmeasured = self._is_unmeasured(edit)
        sent = await self._office.post((*preview[:1], card))
        if sent and unmeasured:
            self._fill_in_behind(edit, actor, sent[-1].edit)

    def ahead(self, edit: Edit) -> None:
        """Somebody goes on writing: measure behind what there is of the edit, so that the card need not wait for it."""
        if edit.snapshot is not None:
            self.meter.ahead(edit.author, edit.snapshot, edit.trials)

    async def _fill_in(self, edit: Edit, actor: Actor, change: Callable[..., Awaitable[object]]) -> None:
        """Put the impact on a card that stands without it, unless somebody takes a step meanwhile."""
        for _ in range(_MEASURED_AGAIN):
            await self.meter.measure(edit)
            if (await self._office.desk.store.of(edit.id)).version != edit.version:
                return
            card = await self.card(edit, actor)
            if not self._is_unmeasured(edit):  # nothing else is served by now
                break
        await change(view=card.view)

    def _fill_in_behind(self, edit: Edit, actor: Actor, change: Callable[..., Awaitable[object]]) -> None:
        self._office.behind(self._fill_in(edit, actor, change), "impact")

    def _is_unmeasured(self, edit: Edit) -> bool:
        """Whether a card that was drawn this moment has to be filled in. Drawing takes a while, and something else may
        be served meanwhile: so it is asked afterwards, before anything else is waited for."""
        return edit.state.is_open and self.meter.known(edit) is None

    async def card(self, edit: Edit, actor: Actor, *, state: str = "") -> Card:
        """The card as it stands now. ``state`` says what happens meanwhile, instead of the buttons."""
        texts, card = self._texts(), await self._office.desk.card(edit, actor)
        steps = await self._office.desk.store.steps(edit.id)
        why = next((one.why for one in reversed(steps) if one.why), edit.why)
        role = self._say(f"role-{edit.author_role}")
        head = [
            self._say("review-title", number=edit.id, title=title_of(edit, texts), key=edit.place.key),
            self._say("review-state", state=edit.state, role=role, time=edit.changed_at),
            *((f"> {harmless(' '.join(why.split()))}",) if why else ()),
            *(() if card.is_before_known else (self._say("review-before-unknown"),)),
        ]
        top, below = Block(tuple(head), "\n"), self._below(edit, card, texts)
        below += [Block((state,), apart=True)] if state else []
        room = CHARACTERS - sum(len(block.text) + 2 for block in (top, *below))
        blocks = (top, *self._changes(edit, card, texts, room), *below)
        return cards(Drawing(blocks, () if state else self._rows(edit), "review"), self._desk.interface)[0]

    def _changes(self, edit: Edit, card: ReviewCard, texts: Texts, room: int) -> list[Block]:
        """So much of what changes as there is room for."""
        if edit.content().value is None:
            return [Block((self._say("review-retire"),))]
        found = difference_blocks(card.differences, texts)
        if not found:
            return [Block((self._say("review-same" if edit.state.is_open else "nothing-changes"),))]
        kept, left = shortest(found, min(room - _MORE, _MOST_DIFFERENCE))
        return [*kept, *([Block((self._say("edit-more-differences", count=left),))] if left else [])]

    def _below(self, edit: Edit, card: ReviewCard, texts: Texts) -> list[Block]:
        """What the reviewer has to know besides, while it waits for them."""
        if not edit.state.is_open:
            return []
        notes = [self._say("review-stale")] if card.stale else []
        notes += [self._say("review-clinician")] if card.needs_clinician else []
        blocks = [Block(tuple(notes), "\n", apart=True)] if notes else []
        blocks.append(replace(complaint_block(card.complaints, texts), apart=True))
        impact = self.meter.known(edit)
        lines = [self._say("impact-measuring")] if impact is None else [f"- {harmless(line)}" for line in impact[:8]]
        return [*blocks, Block((self._say("impact-heading"), *lines), "\n", apart=True)]

    def _rows(self, edit: Edit) -> tuple[tuple[Control, ...], ...]:
        label, given = self._desk.interface.label, (edit.id, edit.version)
        rows: list[list[Control]] = []
        if edit.state is State.PROPOSED:
            rows.append(
                [
                    Control(label("approve-read-button"), button_id("kapprove", *given, 1), Style.MAIN),
                    Control(label("approve-button"), button_id("kapprove", *given, 0)),
                    Control(label("changes-button"), button_id("kchanges", *given)),
                    Control(label("decline-button"), button_id("kdecline", *given), Style.DANGER),
                ]
            )
        look = [
            Control(label("look-button"), button_id("klook", edit.id)),
            Control(label("difference-button"), button_id("kdiff", edit.id)),
        ]
        if edit.state in (State.DRAFT, State.CHANGES_REQUESTED):
            look.insert(0, Control(label("work-button"), button_id("kopen", *coded(edit.place)), Style.MAIN))
        if edit.state in (State.TAKEN_BACK, State.DECLINED) and edit.content().value is not None:
            look.insert(0, Control(label("again-button"), button_id("kagain", edit.id)))
        if edit.state.is_open:
            look.append(Control(label("take-back-button"), button_id("kback", *given)))
        if edit.state is State.PUBLISHED:
            look.append(Control(label("revert-button"), button_id("krevert", *given), Style.DANGER))
        return tuple(map(tuple, (*rows, look)))

    async def _show(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._office.admits(interaction, Act.LOOK)
        if actor is not None:
            edit = await self._edit(int(given[0]), actor)
            await interaction.response.defer(ephemeral=True, thinking=True)
            card = await self.card(edit, actor)
            unmeasured = self._is_unmeasured(edit)
            await answer(interaction, (card,))
            if unmeasured:
                self._fill_in_behind(edit, actor, interaction.edit_original_response)

    async def _edit(self, number: int, actor: Actor) -> Edit:
        """An edit that can be read. Another's draft cannot, until it is handed in."""
        edit = await self._office.desk.store.of(number)
        if not await self._office.desk.may_read(edit, actor):
            raise EditError(self._say("edit-not-handed-in", number=number))
        edit.content()
        return edit

    async def redraw(self, interaction: Interaction, edit: Edit, actor: Actor) -> None:
        """Put the card as it is now in the place of the one that was pressed."""
        view = (await self.card(edit, actor)).view
        unmeasured = self._is_unmeasured(edit)
        if interaction.response.is_done():
            await interaction.edit_original_response(view=view)
        else:
            await interaction.response.edit_message(view=view)
        if unmeasured:
            self._fill_in_behind(edit, actor, interaction.edit_original_response)

    # --- looking ----------------------------------------------------------------------------------------------

    async def _previews(self, edit: Edit, most: int = 1, wanted: str = "") -> tuple[Card, ...]:
        """Messages as members would get them: the facet ``wanted``, else the first that changes."""
        served, snapshot = self._desk.answerer, edit.content()
        if snapshot.value is None:
            return ()
        draft = await asyncio.to_thread(as_drafted, served.knowledge, snapshot)
        found = dict(await asyncio.to_thread(replies_of, served, draft, edit.place, self._desk.clock()))
        names = [wanted] if wanted in found else changed_facets(await self._office.desk.changes(edit), list(found))
        return tuple(one for name in names[:most] for one in rendered(self._desk, found[name]))

    async def _look(self, interaction: Interaction, given: list[str]) -> None:
        """What members would get, one facet at a time, privately."""
        actor = await self._office.admits(interaction, Act.LOOK)
        if actor is None:
            return
        edit = await self._edit(int(given[0]), actor)
        await interaction.response.defer(ephemeral=True, thinking=True)
        wanted = given[1] if len(given) > 1 else ""
        made = await self._previews(edit, wanted=wanted)
        value = edit.content().value
        facets = list(getattr(value, "facets", ()))
        label = self._texts().facet
        buttons = [
            Control(shortened(label(facet), 80), button_id("klook", edit.id, facet))
            for facet in facets
            if facet != wanted
        ]
        rows = tuple(tuple(buttons[at : at + ROW]) for at in range(0, len(buttons), ROW))
        lead = self._say("look-lead" if made else "look-nothing")
        await answer(
            interaction, (*made, *cards(Drawing((Block((lead,)),), rows, as_content=True), self._desk.interface))
        )

    async def _difference(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._office.admits(interaction, Act.LOOK)
        if actor is None:
            return
        edit = await self._edit(int(given[0]), actor)
        await self.show_difference(interaction, edit)

    async def show_difference(self, interaction: Interaction, edit: Edit) -> None:
        """Everything that an edit changes, with the sentences that stay, on as many messages as it takes."""
        found = await self._office.desk.changes(edit)
        blocks = difference_blocks(found, self._texts(), whole=True) or [Block((self._say("nothing-changes"),))]
        title = self._say("review-title", number=edit.id, title=title_of(edit, self._texts()), key=edit.place.key)
        await answer(interaction, cards(Drawing((Block((title,)), *blocks[:30])), self._desk.interface))

    # --- deciding ---------------------------------------------------------------------------------------------

    async def _approve(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._office.admits(interaction, Act.DECIDE)
        if actor is None:
            return
        number, version, read = int(given[0]), int(given[1]), given[2] == "1"
        await interaction.response.defer()  # a card takes the rules, which read every page
        edit = await self._seen(interaction, number, version, actor)
        self._check(edit, Step.APPROVE, actor)
        edit = await self._built(
            interaction, edit, actor, self._office.desk.approve(edit, actor, read=read), "publishing"
        )
        log.info("event=edit-published subject=%s", edit.place.subject)

    async def _built(
        self, interaction: Interaction, edit: Edit, actor: Actor, work: Coroutine[Any, Any, Edit], what: str
    ) -> Edit:
        """What comes of a step that ends once new answers are built: the card says so at once, and when it is done."""
        try:
            await self._shown_busy(interaction, edit, actor, what)
            return await work
        except EditError:
            await self._office.desk.publisher.refresh()  # what was faster is served before the card is drawn again
            raise
        finally:
            work.close()
            await self._shown_after(interaction, await self._edit(edit.id, actor), actor)

    async def _shown_busy(self, interaction: Interaction, edit: Edit, actor: Actor, what: str) -> None:
        card = await self.card(edit, actor, state=self._say(f"review-{what}"))
        try:
            await interaction.edit_original_response(view=card.view)
        except discord.HTTPException as error:
            log_fault("review-card", error)

    async def _take_back(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        number, version = int(given[0]), int(given[1])
        await interaction.response.defer()
        edit = await self._seen(interaction, number, version, actor)
        await self.redraw(interaction, await self._office.desk.take_back(edit, actor), actor)

    async def _seen(self, interaction: Interaction, number: int, version: int, actor: Actor) -> Edit:
        """The edit of a card that is up to date; one that is not is drawn anew, and its reader told."""
        try:
            return await self._office.desk.seen(number, version)
        except EditError:
            await self.redraw(interaction, await self._edit(number, actor), actor)
            raise

    def _asks_why(self, action: str) -> Handler:
        async def handle(interaction: Interaction, given: list[str]) -> None:
            actor = await self._office.admits(interaction, _DECIDING[_REASONED[action]])
            if actor is None:
                return
            edit = await self._seen(interaction, int(given[0]), int(given[1]), actor)
            self._check(edit, _REASONED[action], actor)
            why = text_field(
                "why", self._say("form-reason"), hint=self._say("form-reason-hint"), long=True, required=True, most=WHY
            )
            await open_form(interaction, self._say(f"form-{action}"), form_id(action, edit.id, edit.version), (why,))

        return handle

    @staticmethod
    def _check(edit: Edit, step: Step, actor: Actor) -> None:
        """Refuse before somebody types a reason in vain."""
        after(edit.state, step, actor.role, own=edit.is_by(actor))

    def _reasoned(self, action: str) -> FormHandler:
        async def handle(interaction: Interaction, given: list[str], typed: Typed) -> None:
            actor = await self._office.admits(interaction, _DECIDING[_REASONED[action]])
            if actor is None:
                return
            edit = await self._office.desk.seen(int(given[0]), int(given[1]))
            await interaction.response.defer()
            await self._decided(interaction, action, edit, actor, text_of(typed, "why") or "")

        return handle

    async def _decided(self, interaction: Interaction, action: str, edit: Edit, actor: Actor, why: str) -> None:
        desk = self._office.desk
        match _REASONED[action]:
            case Step.REQUEST_CHANGES:
                edit = await desk.request_changes(edit, actor, why)
            case Step.DECLINE:
                edit = await desk.decline(edit, actor, why)
            case _:
                await self._built(interaction, edit, actor, desk.revert(edit, actor, why), "reverting")
                return
        await self._shown_after(interaction, edit, actor)

    async def _shown_after(self, interaction: Interaction, edit: Edit, actor: Actor) -> None:
        try:
            await self.redraw(interaction, edit, actor)
        except discord.HTTPException as error:
            log_fault("review-card", error)
            await answer(interaction, (await self.card(edit, actor),))
