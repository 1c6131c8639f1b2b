"""What was and what stands: a page's history, going back, hiding in an emergency, what waits, and finding pages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import discord
from discord import ui

from bot.client.cards import Card, cards
from bot.client.drawing import ROW, Block, Control, Drawing, Style
from bot.client.editors.forms import Typed, form_id, open_form, text_field, text_of
from bot.client.editors.places import coded, decoded
from bot.client.editors.rights import Act
from bot.client.editors.sheets import Texts
from bot.client.editors.showing import difference_blocks, shortest, title_of
from bot.client.editors.workbench import WHY
from bot.client.ids import button_id
from bot.client.interface import shortened
from bot.client.responses import Interaction, answer, log_fault, note
from bot.client.text import harmless
from bot.editing.desk import Version
from bot.editing.differences import differences
from bot.editing.drafts import retire
from bot.editing.model import Actor, Edit, Place, Snapshot, Subject, Taken, value_in
from bot.editing.overlay import Flag, Standing
from bot.editing.states import State
from bot.errors import EditError
from bot.knowledge.model import Entry

if TYPE_CHECKING:
    from bot.client.bot import NextStep

T = TypeVar("T")
_PAGE: Final = 4
_EDITS: Final = 10
_STEPS, _WHY = 4, 120
"""So many steps and characters of their reasons, so that a page of versions fits into a message."""
_MOST_FIELDS: Final = 4
_MOMENT: Final = 1.0
"""Seconds."""


class Past:
    """``bot.past``: looks back, goes back, and says what stands."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk, self._office = bot, bot.desk, bot.office
        for action, handler in {
            "khistory": self._history_page,
            "kagain": self._again,
            "kshow": self._show_again,
            "kwaiting": self._waiting_page,
            "kflag": self._flag,
            "kkeep": self._keep,
            "ksettle": self._settle,
        }.items():
            bot.presses.add(action, handler)
        bot.forms.add("kretire", self._retire)

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    def _texts(self) -> Texts:
        return Texts(self._desk.interface, self._office.desk.knowledge)

    def _card(self, blocks: Sequence[Block], rows: Sequence[Sequence[Control]] = ()) -> tuple[Card, ...]:
        return cards(Drawing(tuple(blocks), tuple(map(tuple, rows))), self._desk.interface)

    # --- history ----------------------------------------------------------------------------------------------

    async def history(self, interaction: Interaction, place: Place, page: int = 0) -> None:
        """Who changed a page, by role, when and why, newest first."""
        if await self._office.admits(interaction, Act.LOOK) is not None:
            await answer(interaction, await self._history(place, page))

    async def _history_page(self, interaction: Interaction, given: list[str]) -> None:
        if await self._office.admits(interaction, Act.LOOK) is None:
            return
        (card, *_) = await self._history(decoded(given[0], given[1]), int(given[2]))
        await interaction.response.edit_message(view=card.view)

    async def _history(self, place: Place, page: int) -> tuple[Card, ...]:
        texts = self._texts()
        versions = await self._office.desk.history(place)
        pages = max(1, -(-len(versions) // _PAGE))
        page = min(max(page, 0), pages - 1)
        shown = versions[page * _PAGE : (page + 1) * _PAGE]
        lines = [self._say("history-title", title=title_of(place, texts), key=place.key)]
        lines += [] if versions else [self._say("history-empty")]
        blocks = [Block(tuple(lines), "\n"), *(self._version(one, texts) for one in shown)]
        blocks += [Block((self._say("page-note", page=page + 1, pages=pages),))] if pages > 1 else []
        looks = [self._open(one.edit) for one in shown]
        onward = self._turns("khistory", coded(place), page, pages)
        rows = [row for row in (looks, self._agains(shown), onward) if row]
        return self._card(blocks, rows)

    def _open(self, edit: Edit) -> Control:
        return Control(self._say("history-open", number=edit.id), button_id("kcard", edit.id))

    def _agains(self, shown: Sequence[Version]) -> list[Control]:
        """Buttons that bring an older text back as a draft."""
        old = (State.SUPERSEDED, State.REVERTED, State.RETIRED, State.DECLINED, State.TAKEN_BACK)
        found = [one.edit for one in shown if one.edit.state in old and one.edit.snapshot and one.edit.snapshot.value]
        return [Control(self._say("history-again", number=edit.id), button_id("kagain", edit.id)) for edit in found[:5]]

    def _version(self, version: Version, texts: Texts) -> Block:
        edit = version.edit
        fields = [texts.field(one.field) for one in version.differences if one.field not in ("written", "review")]
        more = len(fields) - _MOST_FIELDS
        named = ", ".join(fields[:_MOST_FIELDS]) + (self._say("history-more-fields", count=more) if more > 0 else "")
        lines = [self._say("history-version", number=edit.id, state=edit.state, fields=named or "–")]
        lines += [self._step(step) for step in version.steps[-_STEPS:]]
        return Block(tuple(lines), "\n", apart=True)

    def _step(self, step: Taken) -> str:
        why = f": {harmless(' '.join(step.why.split()))[:_WHY]}" if step.why else ""
        done = self._say(f"step-{step.step.replace(' ', '-')}")
        return self._say("history-step", done=done, role=self._say(f"role-{step.role}"), time=step.at, why=why)

    async def _again(self, interaction: Interaction, given: list[str]) -> None:
        """An older text, or one that was taken back or declined, as a draft of one's own on top of what is served."""
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        edit = await self._office.desk.store.of(int(given[0]))
        if edit.state.is_open or not await self._office.desk.may_read(edit, actor):
            raise EditError(self._say("edit-not-handed-in", number=edit.id))
        why = self._say("history-again-why", number=edit.id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        drafted = await self._office.desk.again(edit)
        draft = await self._office.desk.begin(drafted, actor, why, edit.trials)
        work = await self._bot.workbench.work_on(edit.place, actor, draft.id)
        await answer(interaction, (await self._bot.workbench.panel(work, actor),))

    # --- going back -------------------------------------------------------------------------------------------

    async def revert(self, interaction: Interaction, place: Place, why: str) -> None:
        """Take the edit that is served back: what was served before it returns."""
        actor = await self._office.admits(interaction, Act.REVERT)
        if actor is None:
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        history = await self._office.desk.store.history(place)
        edit = next((one for one in history if one.state is State.PUBLISHED), None)
        if edit is None:
            raise EditError(self._say("revert-nothing"))
        title = title_of(place, self._texts())
        work = self._office.desk.revert(edit, actor, why)
        await self._told_meanwhile(interaction, work, self._say("reverting", number=edit.id, title=title))
        title = title_of(place, self._texts())
        await note(interaction, self._say("reverted", number=edit.id, title=title))
        await self._tell("told-reverted", place, actor, why, number=edit.id)

    async def open_retire(self, interaction: Interaction, place: Place) -> None:
        """Ask in a form why a page is to go; what members would notice is measured while that is written."""
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        snapshot = Snapshot(place, None)
        if place.subject is Subject.SOURCE:  # whether it is cited is soon known
            await self._office.desk.refuse_unfit(snapshot)
        title = self._say("form-kretire", title=title_of(place, self._texts()).replace("\\", ""))
        await open_form(interaction, title, form_id("kretire", *coded(place)), (self._why_field(),))
        self._bot.reviews.meter.ahead_of_form(actor.id, snapshot)

    def _why_field(self) -> ui.Label[Any]:
        hint = self._say("form-why-hint")
        return text_field("why", self._say("form-reason"), hint=hint, long=True, required=True, most=WHY)

    async def _retire(self, interaction: Interaction, given: list[str], typed: Typed) -> None:
        """Propose to take a page out; somebody else decides."""
        actor = await self._office.admits(interaction, Act.PROPOSE)
        if actor is None:
            return
        place, desk = decoded(given[0], given[1]), self._office.desk
        await interaction.response.defer(ephemeral=True, thinking=True)
        drafted = await asyncio.to_thread(retire, place, desk.knowledge, self._desk.clock().date())
        edit = await desk.submit(drafted, actor, text_of(typed, "why") or "")
        await note(interaction, self._say("edit-proposed", number=edit.id, title=title_of(place, self._texts())))
        await self._bot.reviews.post(edit, actor)

    # --- hiding -----------------------------------------------------------------------------------------------

    async def hide(self, interaction: Interaction, place: Place, why: str) -> None:
        """The emergency switch. It works before the answer to this is sent."""
        actor = await self._office.admits(interaction, Act.HIDE)
        if actor is None:
            return
        if place.subject is Subject.SOURCE:
            raise EditError(self._say("hide-source"))
        hidden = await self._office.desk.hide(place, actor, why)
        title = title_of(place, self._texts())
        rows = [
            [Control(self._desk.interface.label("show-again-button"), button_id("kshow", hidden.id, hidden.version))]
        ]
        await answer(interaction, self._card([Block((self._say("hidden", title=title),))], rows))
        await self._tell("told-hidden", place, actor, why, rows=rows)

    async def _show_again(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._office.admits(interaction, Act.HIDE)
        if actor is None:
            return
        edit = await self._office.desk.seen(int(given[0]), int(given[1]))
        await interaction.response.defer(ephemeral=True, thinking=True)
        title = title_of(edit.place, self._texts())
        await self._told_meanwhile(interaction, self._office.desk.show(edit, actor), self._say("showing", title=title))
        await note(interaction, self._say("shown-again", title=title_of(edit.place, self._texts())))
        await self._tell("told-shown", edit.place, actor, "")

    async def _told_meanwhile(self, interaction: Interaction, work: Coroutine[Any, Any, T], text: str) -> T:
        """What comes of some work, which ends once new answers are built. Who waits longer than a moment is told so."""
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait([task], timeout=_MOMENT)
        if not done:
            try:
                await note(interaction, text)
            except discord.HTTPException as error:
                log_fault("meanwhile", error)
        return await task

    async def _tell(
        self,
        name: str,
        place: Place,
        actor: Actor,
        why: str,
        rows: Sequence[Sequence[Control]] = (),
        **blanks: object,
    ) -> None:
        """Say in the editors' channel what one editor did alone."""
        role = self._say(f"role-{actor.role}")
        line = self._say(name, title=title_of(place, self._texts()), role=role, why=harmless(why), **blanks)
        await self._office.post(self._card([Block((line,))], rows))

    # --- what waits -------------------------------------------------------------------------------------------

    async def waiting(self, interaction: Interaction) -> None:
        """Everything that somebody has to decide on, and what is hidden."""
        actor = await self._office.admits(interaction, Act.LOOK)
        if actor is not None:
            await answer(interaction, await self._waiting(actor, 0))

    async def _waiting_page(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._office.admits(interaction, Act.LOOK)
        if actor is not None:
            (card, *_) = await self._waiting(actor, int(given[0]))
            await interaction.response.edit_message(view=card.view)

    async def _waiting(self, actor: Actor, page: int) -> tuple[Card, ...]:
        """A page of what waits: what has waited longest first."""
        texts, desk = self._texts(), self._office.desk
        edits = [one for one in await desk.store.open() if one.state is not State.DRAFT or one.is_by(actor)]
        hidden = [one for one in await desk.store.standing() if one.state is State.HIDDEN]
        flags = desk.flags()
        pages = max(1, -(-len(edits) // _EDITS), -(-max(len(hidden), len(flags)) // ROW))
        page = min(max(page, 0), pages - 1)
        some = edits[page * _EDITS : (page + 1) * _EDITS]
        lifted, flags = hidden[page * ROW : (page + 1) * ROW], flags[page * ROW : (page + 1) * ROW]
        lines = [self._waits(one, actor, texts) for one in some] if edits else [self._say("waiting-nothing")]
        blocks = [Block((self._say("waiting-title"), *lines), "\n")]
        if lifted:
            blanks = [{"title": title_of(one.place, texts), "key": one.place.key} for one in lifted]
            names = [self._say("waiting-hidden-line", **one) for one in blanks]
            blocks.append(Block((self._say("waiting-hidden"), *names), "\n", apart=True))
        if flags:
            blocks.append(
                Block((self._say("waiting-conflicts"), *(f"- {one.sentence}" for one in flags)), "\n", apart=True)
            )
        blocks += [Block((self._say("page-note", page=page + 1, pages=pages),))] if pages > 1 else []
        rows = [[self._open(one) for one in some[at : at + ROW]] for at in range(0, len(some), ROW)]
        rows += [[self._lift(one, texts) for one in lifted], [self._decide(one, texts) for one in flags]]
        return self._card(blocks, [row for row in (*rows, self._turns("kwaiting", (), page, pages)) if row])

    def _turns(self, action: str, given: Sequence[object], page: int, pages: int) -> list[Control]:
        """The buttons to the pages before and after."""
        label = self._desk.interface.label
        names = {"kwaiting": ("gaps-before-button", "gaps-after-button"), "khistory": ("newer-button", "older-button")}
        turns = zip((-1, 1), names[action], strict=True)
        return [
            Control(label(name), button_id(action, *given, page + step))
            for step, name in turns
            if 0 <= page + step < pages
        ]

    def _waits(self, edit: Edit, actor: Actor, texts: Texts) -> str:
        name = "waiting-line-own" if edit.is_by(actor) else "waiting-line"
        role = self._say(f"role-{edit.author_role}")
        title = title_of(edit, texts)
        return self._say(name, number=edit.id, title=title, state=edit.state, role=role, time=edit.changed_at)

    def _lift(self, edit: Edit, texts: Texts) -> Control:
        label = shortened(self._say("show-again-named", title=title_of(edit.place, texts)), 80)
        return Control(label, button_id("kshow", edit.id, edit.version))

    def _decide(self, flag: Flag, texts: Texts) -> Control:
        label = shortened(self._say("waiting-decide", title=title_of(flag.place, texts)), 80)
        return Control(label, button_id("kflag", flag.edit))

    # --- files that changed -----------------------------------------------------------------------------------

    async def conflict_card(self, flag: Flag) -> Card:
        """A published edit whose file was changed in git: what differs, and the editor's choice."""
        edit = await self._office.desk.store.of(flag.edit)
        texts, now = self._texts(), self._office.desk.publisher.now
        file = value_in(now.files, flag.place)
        served = edit.snapshot.value if edit.snapshot else None
        kept, _ = shortest(difference_blocks(differences(served, file), texts), 2000)
        title = self._say("conflict-title", number=edit.id, title=title_of(edit, texts), key=flag.place.key)
        lead = "conflict-lead" if flag.standing is Standing.CONFLICT else "conflict-unreadable"
        label, given = self._desk.interface.label, (edit.id, edit.version)
        row = [
            Control(label("keep-button"), button_id("kkeep", *given), Style.MAIN),
            Control(label("settle-button"), button_id("ksettle", *given)),
            Control(label("join-button"), button_id("kopen", *coded(flag.place))),
        ]
        blocks = [Block((title, self._say(lead)), "\n"), *kept]
        (card, *_) = self._card(blocks, [row if flag.standing is Standing.CONFLICT else row[1:]])
        return card

    async def _flag(self, interaction: Interaction, given: list[str]) -> None:
        """The choice between a published edit and its file, for whoever did not find it in the channel."""
        if await self._office.admits(interaction, Act.SETTLE) is None:
            return
        flag = next((one for one in self._office.desk.flags() if str(one.edit) == given[0]), None)
        if flag is None:
            raise EditError(self._say("conflict-gone"))
        await answer(interaction, (await self.conflict_card(flag),))

    async def _keep(self, interaction: Interaction, given: list[str]) -> None:
        await self._choose(interaction, given, keep=True)

    async def _settle(self, interaction: Interaction, given: list[str]) -> None:
        await self._choose(interaction, given, keep=False)

    async def _choose(self, interaction: Interaction, given: list[str], *, keep: bool) -> None:
        actor = await self._office.admits(interaction, Act.SETTLE)
        if actor is None:
            return
        desk = self._office.desk
        edit = await desk.seen(int(given[0]), int(given[1]))
        await interaction.response.defer()
        work = desk.keep(edit, actor) if keep else desk.settle(edit, actor)
        edit = await self._told_meanwhile(interaction, work, self._say("settling"))
        title = title_of(edit.place, self._texts())
        name = "conflict-kept" if keep else "conflict-settled"
        line = self._say(name, number=edit.id, title=title, role=self._say(f"role-{actor.role}"))
        (card, *_) = self._card([Block((line,))])
        await interaction.edit_original_response(view=card.view)

    # --- finding ----------------------------------------------------------------------------------------------

    async def search(self, interaction: Interaction, places: Sequence[Place]) -> None:
        """Pages, redirects and sources by what was typed, with what an editor needs to cite or open them."""
        if await self._office.admits(interaction, Act.LOOK) is None:
            return
        texts = self._texts()
        lines = [self._found(place, texts) for place in places[:12]]
        blocks = [Block((self._say("search-title"), *(lines or [self._say("search-nothing")])), "\n")]
        buttons = [
            Control(
                shortened(self._say("search-open", title=title_of(place, texts)), 80), button_id("kopen", *coded(place))
            )
            for place in places[:5]
        ]
        await answer(interaction, self._card(blocks, [buttons] if buttons else []))

    def _found(self, place: Place, texts: Texts) -> str:
        value = value_in(texts.knowledge, place)
        title = title_of(place, texts)
        match place.subject:
            case Subject.SOURCE:
                return self._say("search-source", title=title, key=place.key)
            case Subject.REDIRECT:
                return self._say("search-redirect", title=title, key=place.key)
        if not isinstance(value, Entry):
            return title
        hidden = place in self._office.desk.publisher.hidden
        name = "search-entry-hidden" if hidden else "search-entry"
        review = value.review
        return self._say(name, title=title, key=place.key, kind=value.kind, review=review.by, due=review.due)
