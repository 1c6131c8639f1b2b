"""Many messages of many members over the wire to one process of the bot, and how much memory it holds meanwhile.

A third are direct messages, a third mentions in some hundred channels, a third are overheard in channels that were
opened. There are more people than the bot remembers, so that the oldest are forgotten all the time.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.knowledge.locating import packaged
from bot.storage import GuildSettings, Settings, open_database
from tests.bench.questions import SEED, load
from tests.discord_server import LocalDiscord, Message
from tests.soak.chaos import ROOT, STARTED_SECONDS

_PEOPLE: Final = 6000
_CHANNELS: Final = 400
_IN_FLIGHT: Final = 500
"""So many messages are posted at once."""
_LOOK_SECONDS: Final = 0.1
_AT_REST: Final = 0.2
"""So much of a core a process uses at most that has nothing left to do."""
_PATIENCE_SECONDS: Final = 300.0
_MOST_GROWTH: Final = 16.0


@dataclass(frozen=True, slots=True)
class Carried:
    """What a run showed. Memory in megabytes, resident."""

    messages: int
    replies: int
    seconds: float
    settled: float
    ended: float
    faults: tuple[str, ...]

    @property
    def problems(self) -> list[str]:
        grown = self.ended - self.settled
        found = [f"memory grew by {grown:.1f} MB after the first third"] if grown > _MOST_GROWTH else []
        found += [f"{len(self.faults)} faults in the log, such as: {one}" for one in self.faults[:1]]
        return [
            *found,
            *(["fewer than a third of the messages were replied to"] if 3 * self.replies < self.messages else []),
        ]

    def __str__(self) -> str:
        rate = f"{self.messages:,} messages at {self.messages / self.seconds:,.0f}/s, {self.replies:,} replies"
        memory = f"{self.settled:.0f} MB after a third, {self.ended:.0f} MB at the end"
        return f"wire: {rate}, {len(self.faults)} faults, memory {memory}"


def resident(process: int) -> float:
    """Megabytes of memory that a process holds now."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _used(process: int) -> float:
    """Seconds of processor time that a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _at_rest(process: int) -> None:
    """Wait until a process has come to the end of its work: what it is silent about shows in nothing else."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        busy = True
        while busy:
            before = _used(process)
            await asyncio.sleep(_LOOK_SECONDS)
            busy = _used(process) - before > _AT_REST * _LOOK_SECONDS


async def _carry(messages: int, home: Path, folder: Path) -> Carried:
    ground, chance = load(folder), random.Random(SEED)
    async with LocalDiscord(strict=False, message_content=True) as discord:
        discord.rest.keep, discord.rest.openapi, replies = False, None, 0

        answered: asyncio.Event = asyncio.Event()
        probe: Message | None = None

        def count(message: Message) -> None:
            nonlocal replies
            replies += message.author is discord.world.bot
            if probe is not None and message.reply_to is probe:
                answered.set()

        async def drained(number: int) -> None:
            """Wait until the bot has come to the end of what was posted: it answers one more, of somebody new, and then
            has nothing left to do."""
            nonlocal probe
            answered.clear()
            asker = discord.world.member(discord.guild, f"Probe {number}")
            probe = await discord.whisper("what is lithium?", by=asker)
            await asyncio.wait_for(answered.wait(), _PATIENCE_SECONDS)
            discord.world.forget(asker)
            await _at_rest(child.pid)

        discord.world.published = count
        rooms = [discord.world.channel(discord.guild, f"room-{number}") for number in range(_CHANNELS)]
        opened = frozenset(room.id for room in rooms[: _CHANNELS // 2])
        database = await open_database(home / "bot.db")
        await Settings(database).save(GuildSettings(discord.guild.id, answer_in=opened, watch_in=opened))
        await database.close()
        people = [discord.world.member(discord.guild, f"P{number}") for number in range(_PEOPLE)]
        with (home / "log.txt").open("wb") as log:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=ROOT, stderr=log,
                env={
                    **os.environ, **discord.environment, "NEXTSTEP_DATABASE": str(home / "bot.db"),
                    "NEXTSTEP_KNOWLEDGE": str(folder), "NEXTSTEP_MESSAGE_CONTENT": "1", "NEXTSTEP_LOG_LEVEL": "WARNING",
                },
            )  # fmt: skip
        try:
            await discord.connected(seconds=STARTED_SECONDS)
            settled, start = 0.0, time.perf_counter()
            for number in range(messages):
                author, text = people[number % _PEOPLE], chance.choice(ground.messages)
                match number % 3:
                    case 0:
                        await discord.whisper(text, by=author)
                    case 1:
                        await discord.mention(text, by=author, channel=chance.choice(rooms))
                    case _:
                        await discord.say(text, by=author, channel=chance.choice(rooms[: _CHANNELS // 2]))
                if number % _IN_FLIGHT == _IN_FLIGHT - 1:
                    await drained(number)
                if number == messages // 3:
                    await drained(-1)
                    settled = resident(child.pid)
            await drained(messages)
            seconds, ended = time.perf_counter() - start, resident(child.pid)
        finally:
            child.terminate()
            await child.wait()
    said = (home / "log.txt").read_text(encoding="utf-8").splitlines()
    faults = tuple(line[:200] for line in said if "event=fault" in line or "Traceback" in line)
    return Carried(messages, replies, seconds, settled, ended, faults)


def soak(messages: int, folder: Path | None = None) -> Carried:
    """Run it in a temporary folder, with the packaged knowledge when none is given.

    The bot follows the files it serves: those of a working copy may change meanwhile, and be indexed anew.
    """
    with tempfile.TemporaryDirectory(prefix="nextstep-wire-") as home:
        own = Path(shutil.copytree(folder or packaged(), Path(home) / "knowledge"))
        return asyncio.run(_carry(messages, Path(home), own))
