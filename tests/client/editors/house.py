"""A server with editors, a few pages to edit, and the bot that serves them over the local Discord."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.answering.pipeline import Answerer
from bot.client.bot import NextStep
from bot.client.editors.office import Editing
from bot.client.interface import load_interface
from bot.client.running import Options, build_bot
from bot.editing.desk import EditDesk
from bot.editing.ends import without_loose_ends
from bot.editing.publisher import Publisher
from bot.knowledge.locating import packaged
from bot.knowledge.model import Knowledge
from bot.knowledge.writing import file_text
from bot.storage import Database, GuildSettings
from bot.storage.edits import Edits
from tests import shipped
from tests.client.conftest import running
from tests.discord_server import Interaction, LocalDiscord, Message, User
from tests.discord_server.world import Role
from tests.knowledge.examples import FILES

KEPT = ("lithium", "ect", "tms", "quetiapine", "sertraline")
PATIENCE = 60.0
NONE = "None of these"
REDIRECTS = ("personal-dose", "diagnose-me")


@dataclass
class Clock:
    """A clock that a test moves; the local Discord keeps its own."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def later(self, **time: float) -> None:
        self.ahead += timedelta(**time)

    def until(self, moment: datetime) -> None:
        self.ahead = moment - datetime.now(UTC)


def some_pages(folder: Path, kept: tuple[str, ...] = KEPT) -> Path:
    """A knowledge folder with a few of the packaged pages and redirects, quick to index."""
    for path, text in _texts(kept):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    shutil.copytree(packaged() / "safety", folder / "safety")
    return folder


@cache
def _texts(kept: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The files by their paths in the folder; many tests begin with the same ones."""
    whole = shipped.brief()
    redirects = {key: one for key, one in whole.redirects.items() if key in REDIRECTS}
    changes = {"entries": {key: whole.entries[key] for key in kept}, "redirects": redirects}
    some = without_loose_ends(whole.model_copy(update=changes), whole)
    ambiguous = {name: owners for name, owners in some.vocabulary.ambiguous.items() if len(owners) > 1}
    some = some.model_copy(update={"vocabulary": some.vocabulary.model_copy(update={"ambiguous": ambiguous})})
    return tuple(_files(some))


def _files(some: Knowledge) -> Iterator[tuple[str, str]]:
    for entry in some.entries.values():
        yield f"{entry.kind.folder}/{entry.id}.yaml", file_text(entry)
    for redirect in some.redirects.values():
        yield f"redirects/{redirect.id}.yaml", file_text(redirect)
    yield "sources.yaml", file_text(some.sources)
    yield "notices.yaml", (packaged() / "notices.yaml").read_text(encoding="utf-8")
    yield "vocabulary.yaml", json.dumps(some.vocabulary.model_dump(mode="json"), ensure_ascii=False)
    for name in ("combinations.yaml", "look-alikes.yaml", "families.yaml"):
        yield name, FILES[name]


class Patient(LocalDiscord):
    """People who wait until the bot is done with what they did; those that do not are ``hurried``."""

    bot: NextStep | None = None
    hurried = False

    async def _act(self, interaction: Interaction, *, wait: bool = True) -> Interaction:
        acted = await super()._act(interaction, wait=wait)
        if wait and self.bot is not None and not self.hurried:
            async with asyncio.timeout(PATIENCE):
                await self.bot.idle()
        return acted

    async def until(self, condition: Callable[[], Any], seconds: float = PATIENCE, what: str = "") -> None:
        """An index is built meanwhile, on a machine that may have much else to do."""
        await super().until(condition, max(seconds, PATIENCE), what)


@dataclass
class House:
    """A running bot with its editors: Anna and Ben are editors, Cora signs as a clinician; ``desk_room`` is theirs."""

    discord: Patient
    bot: NextStep
    folder: Path
    edits: Edits
    clock: Clock
    anna: User
    ben: User
    cora: User

    @property
    def room(self) -> list[Message]:
        """What stands in the editors' channel, oldest first."""
        return self.discord.sent(self.discord.mod_room)

    def served(self) -> Knowledge:
        return self.bot.desk.answerer.knowledge

    async def unanswered(self, text: str, by: User | None = None) -> Interaction:
        """Ask something that has no answer, and open the form that sends it to the editors."""
        asked = await self.discord.slash("ask", question=text, by=by)
        if NONE in asked.shown.labels():  # it was asked back, and nothing of it was meant
            asked = await self.discord.press(asked.shown, NONE, by=by)
        return await self.discord.press((asked.followups or [asked.shown])[-1], "Send to the editors, no name", by=by)

    async def send(self, text: str, by: User | None = None) -> Interaction:
        """Send a question without a name; gives what the member then reads."""
        return await self.discord.submit(await self.unanswered(text, by), {"text": text}, by=by)


_BUILT: dict[str, Answerer] = {}


def built(knowledge: Knowledge) -> Answerer:
    """An answerer; the same knowledge is indexed once for all tests. Never on the event loop's thread."""
    assert threading.current_thread() is not threading.main_thread(), "the event loop stands still meanwhile"
    if knowledge.revision not in _BUILT:
        _BUILT[knowledge.revision] = shipped.answerer(knowledge)
    return _BUILT[knowledge.revision]


@asynccontextmanager
async def moved_in(bot: NextStep, discord: Patient, clock: Clock, roles: Sequence[Role]) -> AsyncIterator[None]:
    """The bot runs on the local Discord; editors have the first role, clinicians the second."""
    bot.desk.clock = clock
    discord.bot = bot
    async with running(bot, discord):
        settings = GuildSettings(discord.guild.id, editor_role=roles[0].id, clinician_role=roles[1].id)
        await bot.desk.settings.save(settings)
        yield


@asynccontextmanager
async def house(database: Database, folder: Path, clock: Clock | None = None) -> AsyncIterator[House]:
    """The house, with everybody in it."""
    clock = clock or Clock()
    discord = Patient()
    roles = [discord.world.role(discord.guild, name) for name in ("Editors", "Clinicians")]
    anna, ben = (discord.world.member(discord.guild, name, roles[0]) for name in ("Anna", "Ben"))
    cora = discord.world.member(discord.guild, "Cora", roles[1])
    edits = Edits(database)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(discord)
        swapped: list[NextStep] = []

        def swap(answerer: Answerer) -> None:
            for one in swapped:
                one.desk.answerer = answerer

        publisher = Publisher(folder, edits, built, swap, veil=Answerer.within)
        served = await publisher.start()
        assert [str(one) for one in served.problems] == []
        home = frozenset({discord.guild.id})
        editing = Editing(EditDesk(edits, publisher, clock), home, discord.mod_room.id, folder, built)
        bot = build_bot(served.answerer, load_interface(), database, Options(), editing=editing, guild_ready_timeout=0)
        await stack.enter_async_context(moved_in(bot, discord, clock, roles))
        yield House(discord, bot, folder, edits, clock, anna, ben, cora)
