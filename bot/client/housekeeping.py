"""What happens by the clock: the health file, forgetting in time, deleting old alerts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.client.responses import log_fault

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)
TICK_SECONDS: Final = 15.0
CLEAN_SECONDS: Final = 3600.0
STALE_SECONDS: Final = 45.0
DISCONNECTED_SECONDS: Final = 120.0


class Housekeeping:
    """Two quiet loops. ``health_file`` is rewritten every 15 seconds while the event loop turns."""

    def __init__(self, bot: NextStep) -> None:
        self._bot = bot
        self._tasks: list[asyncio.Task[None]] = []
        self._connected_at = time.time()
        self.health_file: Path | None = None

    def start(self) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._beat()), loop.create_task(self._clean())]

    async def stop(self) -> None:
        """End, and take the health file away."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        if self.health_file is not None:
            self.health_file.unlink(missing_ok=True)

    async def _beat(self) -> None:
        while True:
            if self.health_file is not None:
                try:
                    write_health(self.health_file, self.status())
                except OSError as error:
                    log_fault("health-file", error)
            await asyncio.sleep(TICK_SECONDS)

    def status(self) -> dict[str, Any]:
        """How the process is: when it last turned, since when it is away from the gateway, and how far that is."""
        now = time.time()
        shards = self._bot.shards.values()
        there = bool(shards) and not any(shard.is_closed() for shard in shards) and math.isfinite(self._bot.latency)
        if there:
            self._connected_at = now
        latency = round(self._bot.latency * 1000, 1) if there else None
        return {"at": now, "connected_at": self._connected_at, "shards": len(shards), "latency_ms": latency}

    async def _clean(self) -> None:
        while True:
            try:
                await self.clean()
            except Exception as error:
                log_fault("housekeeping", error)
            await asyncio.sleep(CLEAN_SECONDS)

    async def clean(self) -> None:
        """Forget what is older than its time, and delete alerts older than seven days."""
        desk, now = self._bot.desk, self._bot.desk.moment()
        gone = await desk.replies.expire(now) + await desk.counts.expire(now)
        for alert in await desk.alerts.due(now):
            await self._delete(alert.channel_id, alert.alert_id)
            await desk.alerts.remove(alert.alert_id)
            gone += 1
        log.info("event=housekeeping forgotten=%d", gone)

    async def _delete(self, channel_id: int, message_id: int) -> None:
        channel = self._bot.get_partial_messageable(channel_id)
        try:
            await channel.get_partial_message(message_id).delete()
        except (discord.NotFound, discord.Forbidden) as error:
            log_fault("delete-alert", error)


def write_health(path: Path, status: dict[str, Any]) -> None:
    """Put the status in place in one step."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(status), "utf-8")
    os.replace(partial, path)


def is_healthy(path: Path, now: float) -> tuple[bool, str]:
    """Whether the process behind a health file is well, and one sentence on it."""
    try:
        status = json.loads(path.read_text("utf-8"))
        at, connected = float(status["at"]), float(status["connected_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return False, f"There is no readable health file at {path}: the bot is not running, or writes it elsewhere."
    if now - at > STALE_SECONDS:
        return False, f"The bot has not turned for {now - at:.0f} seconds."
    if now - connected > DISCONNECTED_SECONDS:
        return False, f"The bot has been away from Discord for {now - connected:.0f} seconds."
    return True, "The bot is connected to Discord." if at == connected else "The bot is reconnecting to Discord."
