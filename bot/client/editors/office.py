"""The editors' office on Discord: who acts, the desk that they act at, and the channel where they are told things."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.answering.pipeline import Answerer
from bot.client.cards import Card, cards
from bot.client.drawing import Block, Drawing
from bot.client.editors.rights import Act, may, role_of
from bot.client.interface import Interface
from bot.client.responses import Interaction, answer, log_fault, note, patiently
from bot.client.text import harmless
from bot.editing.desk import EditDesk
from bot.editing.model import Actor
from bot.editing.overlay import Flag
from bot.editing.states import Role
from bot.errors import EditError
from bot.evaluation.impact import Build
from bot.knowledge.problems import Gravity
from bot.storage.retention import opaque_id

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)
_MOST_TROUBLES: Final = 25
_BEGINS: Final = frozenset({Act.PROPOSE, Act.GAPS})


@dataclass(frozen=True, slots=True)
class Editing:
    """What a deployment gives to its editors. ``home`` are the servers whose editor and clinician roles count."""

    desk: EditDesk
    home: frozenset[int] = frozenset()
    channel: int | None = None
    """Where review cards, digests and troubles are posted."""
    folder: Path | None = None
    """The knowledge folder, whose files are watched and whose trials drafts are measured on."""
    build: Build | None = None
    """How drafts are built to be measured, when not in the plain way."""


async def refused(interaction: Interaction, error: EditError, interface: Interface) -> None:
    """Say why a step is not possible: the sentences of the error are for the editor."""
    lines = tuple(harmless(line) for line in str(error).splitlines() if line.strip())
    await answer(interaction, cards(Drawing((Block(lines, "\n"),), as_content=True), interface))


class Office:
    """``bot.office``: every command, button, menu and form of the editors comes in through :meth:`admits`."""

    def __init__(self, bot: NextStep, editing: Editing | None) -> None:
        self._bot = bot
        self._editing = editing
        self._tasks: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._prepared: Answerer | None = None
        """What impacts are measured against, or are about to be."""

    @property
    def open(self) -> bool:
        """Whether this deployment has an editing desk."""
        return self._editing is not None

    @property
    def desk(self) -> EditDesk:
        """The editing desk. Only behind :meth:`admits`, or when :attr:`open`."""
        if self._editing is None:
            raise RuntimeError("this deployment has no editing desk")
        return self._editing.desk

    @property
    def channel(self) -> int | None:
        """The editors' channel."""
        return self._editing.channel if self._editing else None

    @property
    def folder(self) -> Path | None:
        """The knowledge folder."""
        return self._editing.folder if self._editing else None

    @property
    def build(self) -> Build | None:
        """How drafts are built to be measured."""
        return self._editing.build if self._editing else None

    # --- life ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Serve what the desk publishes from now on, and follow the files."""
        if self._editing is None:
            return
        publisher = self._editing.desk.publisher
        publisher.connect(self._swapped, self._troubled, self._flagged, self._built)
        self._bot.desk.answerer = publisher.now.answerer
        if self._editing.folder is not None:
            self._watching = self._task(publisher.watch(self._stopping), "files")

    async def _built(self, answerer: Answerer) -> None:
        """It is served in a moment, and editors may be at work then."""
        try:
            if self.home:
                await self._bot.reviews.meter.expect(answerer)
        except Exception as error:
            log_fault("impact", error)

    def _swapped(self, answerer: Answerer) -> None:
        self._bot.desk.answerer = answerer
        self._bot.housekeeping.metrics.knowledge(answerer.revision, len(answerer.knowledge.entries))
        self.behind(self._bot.voices.tell_waiting(), "tell")
        if self.home:
            self._prepare()

    async def ready(self) -> None:
        """The channel can be reached: say what was wrong with the files at the start, and which edits they overtook."""
        if self.home:
            self._prepare()
        if self._editing is None or self.channel is None:
            return
        now = self._editing.desk.publisher.now
        broken = [str(one) for one in now.problems if one.severity is Gravity.ERROR]
        if broken and await self._once("trouble", "\n".join(broken)):
            await self._troubled(tuple(broken))
        await self._flagged(now.flags)

    async def _once(self, what: str, text: str) -> bool:
        """Whether something is to be said for the first time in a month."""
        name = f"{what}:{hashlib.sha256(text.encode()).hexdigest()[:24]}"
        return await self._bot.desk.replies.first_time(name, self._bot.desk.moment())

    async def _troubled(self, sentences: tuple[str, ...]) -> None:
        """Say in the editors' channel what is wrong with the files, with file and line."""
        for sentence in sentences:
            log.warning("event=knowledge-problem what=%s", sentence)
        lines = [self._say("trouble-title"), *(f"- {harmless(one)}" for one in sentences[:_MOST_TROUBLES])]
        await self.post(cards(Drawing((Block(tuple(lines), "\n"),)), self._bot.desk.interface))

    async def _flagged(self, flags: tuple[Flag, ...]) -> None:
        """Ask the editors to choose between a published edit and its changed file, once for each change."""
        for flag in flags:
            if await self._once("flag", f"{flag.edit} {self.desk.publisher.now.file_hash(flag.place)}"):
                await self.post((await self._bot.past.conflict_card(flag),))

    def behind(self, work: Coroutine[Any, Any, object], what: str) -> asyncio.Task[None]:
        """Let something go on behind; a fault is logged without words, and leaving ends it."""
        task = self._task(work, what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # it may have been ended before it began
        return task

    @staticmethod
    def _task(work: Coroutine[Any, Any, object], what: str) -> asyncio.Task[None]:
        async def guarded() -> None:
            try:
                await work
            except Exception as error:
                log_fault(what, error)

        return asyncio.get_running_loop().create_task(guarded())

    async def settled(self) -> None:
        """Wait until nothing goes on behind."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """End what goes on behind."""
        self._stopping.set()
        tasks = [*self._tasks, *([self._watching] if self._watching else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def home(self) -> frozenset[int]:
        """The servers whose editor and clinician roles count."""
        return self._editing.home if self._editing else frozenset()

    def role(self, interaction: Interaction) -> Role:
        """As whom somebody acts here."""
        return role_of(interaction, self._bot.settings_of(interaction), self.home)

    async def admits(self, interaction: Interaction, act: Act) -> Actor | None:
        """The person as an actor when the table lets them do this; otherwise they are told calmly."""
        role = self.role(interaction)
        if not self.open:
            await note(interaction, self._say("editors-closed"))
        elif not may(role, act):
            known = role is Role.MODERATOR
            await note(interaction, self._say("editors-only" if known else "editors-not-you"))
        else:
            if act in _BEGINS:
                self._prepare()
            return await self.actor(interaction)
        return None

    def _prepare(self) -> None:
        """Make ready to measure drafts on what is served, so that whoever begins to work need not wait."""
        answerer = self._bot.desk.answerer
        if answerer is not self._prepared:
            self._prepared = answerer
            self._bot.reviews.meter.prepare()

    async def actor(self, interaction: Interaction) -> Actor:
        """The person as edits know them: an opaque id and a role."""
        return Actor(await opaque_id(self._bot.desk.database, interaction.user.id), self.role(interaction))

    async def post(self, made: Sequence[Card]) -> list[discord.Message]:
        """Post cards into the editors' channel; nothing when there is none, or when it cannot be written to."""
        if self.channel is None:
            return []
        place = self._bot.get_partial_messageable(self.channel)
        try:
            return [await patiently(partial(place.send, **card.arguments())) for card in made]
        except discord.HTTPException as error:
            log_fault("editors-channel", error)
            return []

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._bot.desk.interface.say(name, **blanks)
