"""The Discord client itself: its intents, its commands, its life, and how it responds."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import discord
from discord import app_commands

from bot.answering.model import Reply, Silence, Unknown
from bot.answering.protocol import kind_of
from bot.client.alerts import Alarm
from bot.client.cards import Card, Press
from bot.client.commands import add_commands
from bot.client.desk import Desk
from bot.client.editors.commands import add_knowledge_commands
from bot.client.editors.digest import Rounds
from bot.client.editors.feedback import Voices
from bot.client.editors.forms import Forms
from bot.client.editors.gaps import Board, add_gaps_command
from bot.client.editors.insights import add_insights_command
from bot.client.editors.office import Editing, Office, refused
from bot.client.editors.past import Past
from bot.client.editors.review import Reviews
from bot.client.editors.rights import has_role
from bot.client.editors.workbench import Workbench
from bot.client.fairness import take_turns
from bot.client.housekeeping import Housekeeping
from bot.client.listening import Listener
from bot.client.menus import Pick, Picks
from bot.client.paging import Place
from bot.client.panel import Panel, add_setup_command
from bot.client.patience import PASSING, until_there
from bot.client.personal import Personal, add_personal_commands
from bot.client.presses import Presses
from bot.client.removing import add_remove_menu
from bot.client.responses import Interaction, answer, failed, is_private_place, log_fault, replace_message
from bot.client.syncing import sync_when_changed
from bot.client.tracing import traced
from bot.client.why import add_why_menu
from bot.errors import EditError, StorageError
from bot.operations.metrics import Metrics
from bot.storage import GuildSettings, Member

log = logging.getLogger(__name__)
IDENTIFY_SECONDS: Final = 5.0
FINISH_SECONDS: Final = 10.0
SYNC_WAITS: Final = (1.0, 2.0, 5.0)


def intents(*, message_content: bool) -> discord.Intents:
    """Servers, their messages and direct messages; their content only when an operator switched that on."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=message_content)


class Tree(app_commands.CommandTree["NextStep"]):
    """The commands, with one way of failing calmly, and a count of what is being worked on."""

    async def _call(self, interaction: discord.Interaction[NextStep]) -> None:
        async with interaction.client.working():
            await super()._call(interaction)

    async def on_error(
        self, interaction: discord.Interaction[NextStep], error: app_commands.AppCommandError, /
    ) -> None:
        """A calm word to the person, a line without words to the log."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        where = interaction.command.qualified_name if interaction.command else "command"
        if interaction.type is discord.InteractionType.autocomplete:
            log_fault(where, cause)
            return
        await interaction.client.fell(interaction, cause, where)


class NextStep(discord.AutoShardedClient):
    """The bot on Discord. ``desk`` holds everything that is not Discord's."""

    def __init__(
        self,
        desk: Desk,
        *,
        message_content: bool = False,
        sync: bool = True,
        health_file: Path | None = None,
        metrics: Metrics | None = None,
        editing: Editing | None = None,
        **options: Any,
    ) -> None:
        take_turns()
        metrics = metrics or Metrics()
        options = {"guild_ready_timeout": 0.5, "http_trace": traced(metrics), **options}
        super().__init__(
            intents=intents(message_content=message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            **options,
        )
        self.desk = desk
        self.hears_all = message_content
        self.tree = Tree(
            self,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        self.presses = Presses(self)
        self.picks = Picks(self)
        self.forms = Forms(self)
        self.alarm = Alarm(self)
        self.office = Office(self, editing)
        self.workbench = Workbench(self)
        self.reviews = Reviews(self)
        self.past = Past(self)
        self.voices = Voices(self)
        self.board = Board(self)
        self.rounds = Rounds(self)
        self.personal = Personal(self)
        self.panel = Panel(self)
        self.listener = Listener(self)
        self.housekeeping = Housekeeping(self, health_file, metrics)
        self._sync = sync
        self._asks_for_shards = options.get("shard_count") is None
        self.busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopped = asyncio.Event()
        self._identified: dict[int, float] = {}
        self._concurrency = 1
        self.leaving = False
        for add in (add_commands, add_personal_commands, add_setup_command, add_why_menu, add_knowledge_commands):
            add(self)
        for add in (add_remove_menu, add_gaps_command, add_insights_command):
            add(self)

    # --- life ----------------------------------------------------------------------------------------------------

    async def setup_hook(self) -> None:
        """Before the gateway is joined: settings, buttons, commands, housekeeping."""
        await self._recall()
        self.office.start()
        self.add_dynamic_items(Press, Pick)
        if self._sync:
            await self._register()
        if self._asks_for_shards:
            self.shard_count, _, limits = await until_there(self.http.get_bot_gateway, self._stopped)
            self._concurrency = max(1, limits["max_concurrency"])
        self.housekeeping.start()

    async def _recall(self) -> None:
        """Know what earlier processes kept. Who refuses comes before what servers chose: should the database fail in
        between, nothing is heard that somebody did not want heard."""
        try:
            await self.desk.members.load()
            await self.desk.replies.load()
            await self.desk.settings.load()
        except StorageError as error:
            log_fault("recalling", error)

    async def _register(self) -> None:
        """Register the commands; should Discord refuse them today, those of before serve until the next start."""
        try:
            await until_there(partial(sync_when_changed, self), self._stopped, SYNC_WAITS)
        except (*PASSING, discord.HTTPException, StorageError) as error:
            log_fault("commands", error)

    async def login(self, token: str) -> None:
        """Log in, however long Discord is away."""
        await until_there(partial(self._login_once, token), self._stopped)

    async def _login_once(self, token: str) -> None:
        try:
            await super().login(token)
        except PASSING:
            await self.http.close()
            self.http.connector = discord.utils.MISSING
            raise

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """Wait only where Discord asks for it: 5 s between identifies of one concurrency bucket."""
        bucket = (shard_id or 0) % self._concurrency
        wait = self._identified.get(bucket, -IDENTIFY_SECONDS) + IDENTIFY_SECONDS - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._identified[bucket] = time.monotonic()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Around everything that ends in a reply: leaving waits for it."""
        self.busy += 1
        self._idle.clear()
        try:
            yield
        finally:
            self.busy -= 1
            if not self.busy:
                self._idle.set()

    async def idle(self) -> None:
        """Until nothing that ends in a reply is being worked on."""
        await self._idle.wait()

    async def leave(self) -> None:
        """Finish the replies in flight, then close."""
        if self.leaving:
            return
        self.leaving = True
        log.info("event=leaving busy=%d", self.busy)
        try:
            await asyncio.wait_for(self.idle(), FINISH_SECONDS)
        except TimeoutError:
            log.warning("event=unfinished busy=%d", self.busy)
        await self.close()

    async def close(self) -> None:
        """Leave the gateway."""
        self._stopped.set()
        await self.office.stop()
        await self.housekeeping.stop()
        await super().close()

    async def on_ready(self) -> None:
        """Every shard is there for the first time."""
        self.housekeeping.ready()
        self.office.behind(self.office.ready(), "editors-news")

    async def on_shard_ready(self, shard_id: int) -> None:
        """A shard is there."""
        log.info("event=shard-ready shard=%d servers=%d", shard_id, len(self.guilds))

    async def on_shard_resumed(self, shard_id: int) -> None:
        """A shard is back, and what it missed is replayed."""
        log.info("event=shard-resumed shard=%d", shard_id)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """A fault in an event: one line, without what the event carried."""
        error = sys.exc_info()[1]
        if error is not None:
            log_fault(event_method, error)

    # --- events --------------------------------------------------------------------------------------------------

    async def on_message(self, message: discord.Message) -> None:
        """A message somewhere."""
        await self.listener.message(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """A message was changed."""
        await self.listener.edited(payload)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """A message was deleted."""
        await self.listener.deleted(payload.channel_id, (payload.message_id,))

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Messages were deleted."""
        await self.listener.deleted(payload.channel_id, tuple(payload.message_ids))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed: its settings go."""
        async with self.working():
            await self.desk.settings.forget(guild.id)

    # --- buttons and menus -----------------------------------------------------------------------------------------

    async def pressed(self, interaction: Interaction, version: str, action: str, rest: str) -> None:
        """A button of ours was pressed."""
        await self._guarded(interaction, f"press {action}", self.presses.pressed(interaction, version, action, rest))

    async def picked(self, interaction: Interaction, version: str, action: str, rest: str, values: list[str]) -> None:
        """Something was chosen in a menu of ours."""
        await self._guarded(
            interaction, f"pick {action}", self.picks.picked(interaction, version, action, rest, values)
        )

    async def on_interaction(self, interaction: Interaction) -> None:
        """Forms that carry all they need in their custom id; the rest is discord.py's own way."""
        found = self.forms.known(interaction)
        if found is not None:
            await self._guarded(interaction, f"form {found['action']}", self.forms.submitted(interaction, found))

    async def _guarded(self, interaction: Interaction, where: str, work: Coroutine[Any, Any, None]) -> None:
        async with self.working():
            try:
                await work
            except Exception as error:
                await self.fell(interaction, error, where)

    async def fell(self, interaction: Interaction, error: BaseException, where: str) -> None:
        """Something failed for a person: a calm word to them, a line to the log."""
        if isinstance(error, EditError):
            await refused(interaction, error, self.desk.interface)
            return
        await failed(interaction, self.sentence_for(error), error, where)

    def sentence_for(self, error: BaseException) -> str:
        """What a person reads when something failed."""
        if isinstance(error, app_commands.CheckFailure):
            return self.desk.interface.say("setup-not-allowed")
        return self.desk.interface.say("not-kept" if isinstance(error, StorageError) else "fault")

    # --- responding ------------------------------------------------------------------------------------------------

    def settings_of(self, interaction: Interaction) -> GuildSettings:
        """The settings of the server where something was pressed or typed."""
        return self.desk.settings.of(interaction.guild_id)

    def moderates(self, interaction: Interaction) -> bool:
        """Whether a person may act for the moderators here: in a server that the bot is a member of."""
        member, guild = interaction.user, interaction.guild_id
        if not isinstance(member, discord.Member) or guild is None or self.get_guild(guild) is None:
            return False
        return interaction.permissions.manage_messages or has_role(member, self.settings_of(interaction).moderator_role)

    async def respond(
        self,
        interaction: Interaction,
        reply: Reply,
        member: Member,
        *,
        public: bool = False,
        place: Place | None = None,
        full: bool = False,
        told: bool = False,
    ) -> None:
        """Answer an interaction with a reply: privately, unless it is shared."""
        shareable = not public and interaction.guild_id is not None and not is_private_place(interaction)
        shared_by = interaction.user.mention if public else None
        look = self.desk.look(
            member,
            public=public,
            shareable=shareable,
            removable=is_private_place(interaction),
            full=full,
            told=told,
            shared_by=shared_by,
        )
        plain = self.desk.is_plain(member, self.settings_of(interaction))
        made = self.desk.cards(reply, look, plain=plain, place=place)
        await answer(interaction, made, public=public)
        await self.after(reply, member, made[0].entries if made else ())

    async def after(self, reply: Reply, member: Member, entries: tuple[str, ...] = ()) -> None:
        """What is noted once a reply was sent: counts of nobody, and that the bot said what it is."""
        log.info("event=reply kind=%s confidence=%.2f", kind_of(reply), reply.confidence)
        self.housekeeping.metrics.answered(kind_of(reply))
        await self.desk.feedback.replied(kind_of(reply), entries, self.desk.moment())
        if isinstance(reply, Unknown):
            nearest = reply.nearest[0].entry if reply.nearest else ""
            await self.desk.gaps.miss(reply.reason, nearest, self.desk.moment())
        if not isinstance(reply, Silence):
            self.desk.introduced(member)

    async def nothing_meant(self, interaction: Interaction, *, public: bool) -> None:
        """None of the choices was meant."""
        member = await self.desk.members.of(interaction.user.id)
        reply = Unknown(reason="none-of-these", text=self.desk.interface.say("none-of-these"))
        look = self.desk.look(member, public=public)
        made = self.desk.cards(reply, look, plain=self.desk.is_plain(member, self.settings_of(interaction)))
        await replace_message(interaction, made[0])
        await self.desk.gaps.miss(reply.reason, "", self.desk.moment())

    async def note_entries(self, reply_id: int, card: Card) -> None:
        """Note what a reply shows now."""
        record = await self.desk.replies.by(reply_id)
        if record is not None:
            self.desk.replies.sent(record.message_id, reply_id, card.record, card.entries)


def closing(bot: NextStep) -> Callable[[], None]:
    """What a signal does: leave once, in a task that the loop keeps."""
    tasks: set[asyncio.Task[None]] = set()

    def close() -> None:
        task = asyncio.ensure_future(bot.leave())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return close


__all__ = ["NextStep", "closing", "intents"]
