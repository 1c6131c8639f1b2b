"""The bot as a process, on a Discord that drops it, refuses a fifth of its requests, and a machine that kills it.

Between two kills the connection is dropped without a farewell again and again, and REST answers a fifth of all requests
with 429, 500 or 503. Every other generation of the process is killed only once it has answered everything, so that
"at least once" is shown; the others are killed in the middle of traffic, and what was in flight is counted. After each
restart some answered messages are sent again, as no Discord should: they must not be answered twice.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.questions import SEED
from tests.discord_server import Channel, LocalDiscord, Message

ROOT: Final = Path(__file__).resolve().parents[2]
REFUSED: Final = 0.2
ANSWERED_SECONDS: Final = 90.0
"""So long a reply may take while a fifth of the requests fails: discord.py alone waits up to 25 s for one."""
STARTED_SECONDS: Final = 180.0
_UNHANDLED: Final = re.compile(r"Traceback|never retrieved|never awaited|Unclosed|unhandled", re.IGNORECASE)
_PATHS: Final = ("/channels/*", "/users/*", "/applications/*", "/gateway/bot")


@dataclass
class Endured:
    """What a run showed."""

    messages: int = 0
    drops: int = 0
    refusals: int = 0
    kills: int = 0
    answered: int = 0
    in_flight: int = 0
    """Delivered, and not answered when the process was killed."""
    undelivered: int = 0
    """Posted while no process was there to hear it."""
    repeated: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"chaos: {self.messages} messages, {self.drops} drops, {self.refusals} requests refused, "
            f"{self.kills} kills: {self.answered} answered once, {self.in_flight} lost to a kill, "
            f"{self.undelivered} not delivered, {self.repeated} sent again and not answered again"
        )


@dataclass
class Machine:
    """A Discord, a process that comes and goes, and what was posted."""

    discord: LocalDiscord
    home: Path
    knowledge: Path | None
    chance: random.Random
    found: Endured = field(default_factory=Endured)
    child: asyncio.subprocess.Process | None = None
    starts: int = 0

    async def start(self) -> None:
        """Start the process, and wait until it hears."""
        self.starts += 1
        own = {"NEXTSTEP_DATABASE": str(self.home / "bot.db")}
        own |= {"NEXTSTEP_KNOWLEDGE": str(self.knowledge)} if self.knowledge else {}
        with (self.home / "log.txt").open("ab") as log:
            self.child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=ROOT, stderr=log,
                env={**os.environ, **self.discord.environment, **own},
            )  # fmt: skip
        ready = asyncio.ensure_future(self.discord.connected(times=self.starts, seconds=STARTED_SECONDS))
        ended = asyncio.ensure_future(self.child.wait())
        await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            said = (self.home / "log.txt").read_text(encoding="utf-8").splitlines()
            raise RuntimeError(f"start {self.starts} ended by itself: {said[-1] if said else 'it said nothing'}")
        ended.cancel()
        ready.result()

    async def kill(self) -> None:
        """No farewell: SIGKILL."""
        assert self.child is not None
        self.child.kill()
        await self.child.wait()
        self.discord.gateway.sessions.clear()
        self.found.kills += 1

    def unanswered(self, posted: Sequence[Message]) -> list[Message]:
        """Which have no reply yet."""
        return [message for message in posted if not self.discord.replies(message)]

    async def all_answered(self, posted: Sequence[Message]) -> None:
        """Wait for the rest; whoever is left over is a problem."""
        try:
            await self.discord.until(lambda: not self.unanswered(posted), ANSWERED_SECONDS)
        except TimeoutError:
            left = len(self.unanswered(posted))
            self.found.problems.append(f"{left} delivered messages were not answered in {ANSWERED_SECONDS:.0f} s")

    async def traffic(self, messages: int, drops: int) -> list[Message]:
        """Post, and drop the connection in between."""
        dropped = set(self.chance.sample(range(messages), min(drops, messages)))
        posted = []
        for number in range(messages):
            author = self.discord.world.member(self.discord.guild, f"P{self.starts}-{number // 5}")
            room = self.chance.choice(self._rooms())
            posted.append(await self.discord.mention("what is lithium?", by=author, channel=room))
            if number in dropped:
                self.discord.gateway.drop()
                self.found.drops += 1
            await asyncio.sleep(self.chance.uniform(0.0, 0.03))
        return posted

    def _rooms(self) -> list[Channel]:
        """Three rooms for each generation, so that the bot's own pace for a channel is never reached."""
        name, world, guild = f"room-{self.starts}-", self.discord.world, self.discord.guild
        rooms = [channel for channel in guild.channels if channel.name.startswith(name)]
        return rooms or [world.channel(guild, f"{name}{number}") for number in range(3)]


async def _generation(machine: Machine, messages: int, drops: int, *, last: bool) -> list[Message]:
    """From one start to the kill."""
    found = machine.found
    posted = await machine.traffic(messages, drops)
    found.messages += len(posted)
    if last or found.kills % 2 == 0:
        await machine.all_answered(posted)
        await machine.discord.settled(0.4)  # claims are written a moment later
    if last:
        return posted
    await machine.kill()
    found.in_flight += len(machine.unanswered(posted))
    await machine.discord.mention("what is lithium?")
    found.undelivered += 1
    return posted


async def endure(messages: int, drops: int, kills: int, home: Path, knowledge: Path | None = None) -> Endured:
    """The whole run. ``knowledge`` is the packaged one when not given."""
    async with LocalDiscord(strict=False) as discord:
        machine = Machine(discord, home, knowledge, random.Random(SEED))
        discord.rest.chance = random.Random(SEED)
        troubles = [
            discord.fail("*", path, status, times=10**9, share=REFUSED / 3, retry_after=0.02)
            for path in _PATHS
            for status in (429, 500, 503)
        ]
        everything: list[Message] = []
        sizes = [messages // (kills + 1) + (number < messages % (kills + 1)) for number in range(kills + 1)]
        for number, size in enumerate(sizes):
            await machine.start()
            again = _settled_ones(machine, everything)
            for message in again:
                discord.gateway.publish("MESSAGE_CREATE", message)
            everything += await _generation(
                machine, size, drops // (kills + 1) + (number < drops % (kills + 1)), last=number == kills
            )
            machine.found.repeated += len(again)
        assert machine.child is not None
        machine.child.terminate()
        await machine.child.wait()
        found = machine.found
        found.refusals = sum(10**9 - trouble.times for trouble in troubles)
        _judge(machine, everything)
        return found


def _settled_ones(machine: Machine, posted: Sequence[Message]) -> list[Message]:
    """Some that an earlier process answered and wrote down, at least a second before it was killed."""
    if machine.starts < 2 or machine.found.kills % 2 == 0:
        return []
    return [message for message in posted[-40:] if machine.discord.replies(message)][:5]


def _judge(machine: Machine, posted: Sequence[Message]) -> None:
    found, discord = machine.found, machine.discord
    replies = [len(discord.replies(message)) for message in posted]
    found.answered = replies.count(1)
    if twice := sum(count > 1 for count in replies):
        found.problems.append(f"{twice} messages were answered more than once")
    lost = replies.count(0)
    if lost != found.in_flight:
        found.problems.append(f"{lost} messages have no reply, but only {found.in_flight} were lost to a kill")
    log = (machine.home / "log.txt").read_text(encoding="utf-8")
    unhandled = [line for line in log.splitlines() if _UNHANDLED.search(line)]
    found.problems += [f"unhandled in the log: {line[:160]}" for line in unhandled[:5]]


def soak(messages: int = 500, drops: int = 50, kills: int = 10, knowledge: Path | None = None) -> Endured:
    """Run it in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="nextstep-chaos-") as home:
        return asyncio.run(endure(messages, drops, kills, Path(home), knowledge))
