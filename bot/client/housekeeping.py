"""What happens by the clock: the health file, the service manager's watchdog, forgetting in time, old alerts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

import discord

from bot.client.responses import log_fault
from bot.collector import is_due, sweep
from bot.errors import StorageError
from bot.operations.health import TICK_SECONDS, Health, Heart, write_health
from bot.operations.metrics import Metrics, Queue
from bot.operations.notify import ALIVE, LEAVING, READY, sd_notify
from bot.storage.counts import lengths
from bot.storage.retention import forget_in_time

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)
CLEAN_SECONDS: Final = 3600.0
SWEEP_SECONDS: Final = 15.0


class Housekeeping:
    """A few quiet loops. The health file is rewritten every 15 seconds while the event loop turns."""

    def __init__(self, bot: NextStep, health_file: Path | None = None, metrics: Metrics | None = None) -> None:
        self._bot = bot
        self._tasks: list[asyncio.Task[None]] = []
        self._heart = Heart()
        self._cleaning = asyncio.Lock()
        self._health_file = health_file
        self.metrics = metrics or Metrics()

    def start(self) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        loops = (self._beats(), self._cleans(), self._sweeps(), self._bot.rounds.run())
        self._tasks = [loop.create_task(work) for work in loops]

    async def stop(self) -> None:
        """End, and take the health file away."""
        sd_notify(LEAVING)
        async with self._cleaning:  # a transaction under way is finished first
            for task in self._tasks:
                task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        if self._health_file is not None:
            self._health_file.unlink(missing_ok=True)

    def ready(self) -> None:
        """The bot serves: tell the service manager, and write a beat at once; unless it is leaving already."""
        if self._tasks:
            sd_notify(READY)
            self.beat()

    def beat(self) -> Health:
        """One beat: to the file, to the service manager and into the metrics."""
        shards = self._bot.shards
        closed = sum(shard.is_closed() for shard in shards.values()) if shards else 1
        health = self._heart.beat(self._bot.latency, closed, self._bot.desk.database.look())
        sd_notify(ALIVE)
        if self._health_file is not None:
            try:
                write_health(self._health_file, health)
            except OSError as error:
                log_fault("health-file", error)
        for number, shard in shards.items():
            self.metrics.gateway(number, None if shard.is_closed() else shard.latency)
        self.metrics.queue(Queue.REPLIES, self._bot.busy)
        served = self._bot.desk.answerer
        self.metrics.knowledge(served.revision, len(served.knowledge.entries))
        return health

    async def weigh(self) -> None:
        """Into the metrics, what waits for people."""
        if not self.metrics.kept:
            return
        try:
            found = await lengths(self._bot.desk.database)
        except StorageError as error:
            log_fault("metrics", error)
            return
        self.metrics.queue(Queue.EDITS, found.edits)
        self.metrics.queue(Queue.ALERTS, found.alerts)
        self.metrics.queue(Queue.SENT_QUESTIONS, found.sent_questions)

    async def _beats(self) -> None:
        while True:
            self.beat()
            await self.weigh()
            await asyncio.sleep(TICK_SECONDS)

    async def _cleans(self) -> None:
        while True:
            try:
                async with self._cleaning:
                    await self.clean()
            except Exception as error:
                log_fault("housekeeping", error)
            await asyncio.sleep(CLEAN_SECONDS)

    async def _sweeps(self) -> None:
        """Give memory back in a moment in which nobody waits for a reply."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            if is_due():
                await self._bot.idle()
                sweep()

    async def clean(self) -> None:
        """Forget what is older than its time, and delete alerts older than seven days."""
        desk, now = self._bot.desk, self._bot.desk.moment()
        gone = 0
        for alert in await desk.alerts.due(now):
            if await self._delete(alert.channel_id, alert.alert_id):
                await desk.alerts.remove(alert.alert_id)
                gone += 1
        gone += sum((await forget_in_time(desk.database, now)).values())
        log.info("event=housekeeping forgotten=%d", gone)

    async def _delete(self, channel_id: int, message_id: int) -> bool:
        """Whether the message is gone, or out of reach for good."""
        channel = self._bot.get_partial_messageable(channel_id)
        try:
            await channel.get_partial_message(message_id).delete()
        except (discord.NotFound, discord.Forbidden) as error:
            log_fault("delete-alert", error)
        except discord.HTTPException as error:
            log_fault("delete-alert", error)
            return False
        return True
