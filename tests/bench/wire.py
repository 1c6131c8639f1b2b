"""NextStep beside a bot that only echoes, both as processes of their own on local Discords, turn by turn.

What is timed is between the event leaving this process and the bot's request coming in. The two take turns, so that
whatever else the machine does falls on both.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.questions import SEED, Ground
from tests.bench.table import Ratio, Table, quantiles
from tests.discord_server import Channel, LocalDiscord, Message, User

ROOT: Final = Path(__file__).resolve().parents[2]
MOST_MORE_MS: Final = 3.0
MOST_COMPLETE_MS: Final = 5.0
MOST_BLOCKED_MS: Final = 20.0
A_CHANNEL: Final = 25
"""Messages in one channel, and 5 of one person: below the bot's own cooldowns."""
A_PERSON: Final = 5
STARTED_SECONDS: Final = 120.0


@dataclass
class Side:
    """One bot on its Discord, and the figures of its event loop once it has ended."""

    discord: LocalDiscord
    loop: dict[str, object] = field(default_factory=dict)
    _people: list[User] = field(default_factory=list)
    _channels: list[Channel] = field(default_factory=list)
    _turn: int = 0

    def place(self) -> tuple[User, Channel]:
        """Who speaks next, and where."""
        person, channel = divmod(self._turn, A_PERSON)[0], divmod(self._turn, A_CHANNEL)[0]
        self._turn += 1
        world, guild = self.discord.world, self.discord.guild
        if person == len(self._people):
            self._people.append(world.member(guild, f"Person {person}"))
        if channel == len(self._channels):
            self._channels.append(world.channel(guild, f"room-{channel}"))
        return self._people[person], self._channels[channel]

    async def mention(self, text: str) -> float:
        """Seconds from a mention to the reply."""
        by, channel = self.place()
        seen, start = len(self.discord.requests), time.monotonic()
        message = await self.discord.mention(text, by=by, channel=channel)
        reply = await self.discord.reply_to(message)
        came = [one.came for one in self.discord.requests[seen:] if one.path == f"/channels/{channel.id}/messages"]
        assert reply.reply_to is message
        return came[0] - start

    async def slash(self, text: str) -> float:
        """Seconds from a command to the first response."""
        by, channel = self.place()
        return await self._responded(lambda: self.discord.slash("ask", by=by, channel=channel, question=text))

    async def complete(self, text: str) -> float:
        """Seconds from a letter typed to the choices."""
        return await self._responded(lambda: self.discord.autocomplete("define", "term", text))

    async def _responded(self, act: Callable[[], Awaitable[object]]) -> float:
        seen, start = len(self.discord.requests), time.monotonic()
        await act()
        came = [one.came for one in self.discord.requests[seen:] if one.path.startswith("/interactions/")]
        return came[0] - start


@asynccontextmanager
async def started(module: Sequence[str], folder: Path, **more: str) -> AsyncIterator[Side]:
    """A bot that runs under watch until the block ends."""
    async with LocalDiscord(strict=False) as discord:
        discord.rest.openapi = None
        side, file = Side(discord), folder / f"loop-{module[0]}.json"
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.watched", str(file), *module,
            env={**os.environ, **discord.environment, **more}, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await discord.until(
                lambda: child.returncode is not None or discord.world.commands, STARTED_SECONDS, module[0]
            )
            assert child.returncode is None, f"{module[0]} ended by itself"
            await discord.connected()
            await discord.settled(0.5)
            yield side
        finally:
            if child.returncode is None:
                child.send_signal(signal.SIGTERM)
            await asyncio.wait_for(child.wait(), 30)
            side.loop = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


@dataclass(frozen=True, slots=True)
class Burst:
    """Many messages at once: how long until all were answered, and whether in order in every channel."""

    messages: int
    seconds: float
    answered: int
    in_order: bool
    began: float


async def burst(side: Side, texts: Sequence[str], members: int = 50, channels: int = 10) -> Burst:
    """All at once, from so many members in so many channels."""
    discord = side.discord
    people = [discord.world.member(discord.guild, f"Member {number}") for number in range(members)]
    rooms = [discord.world.channel(discord.guild, f"burst-{number}") for number in range(channels)]
    began = time.monotonic()
    posted: list[Message] = []
    for number, text in enumerate(texts):
        posted.append(await discord.mention(text, by=people[number % members], channel=rooms[number % channels]))
    ids = {message.id for message in posted}

    def answered() -> list[Message]:
        return [m for m in discord.sent() if m.reply_to is not None and m.reply_to.id in ids]

    await discord.until(lambda: len({m.reply_to.id for m in answered() if m.reply_to}) == len(ids), 60, "the burst")
    spent, in_order = time.monotonic() - began, True
    for room in rooms:
        order = list(dict.fromkeys(m.reply_to.id for m in discord.sent(room) if m.reply_to))
        in_order &= order == [message.id for message in posted if message.channel is room]
    return Burst(len(posted), spent, len(answered()), in_order, began)


@dataclass(frozen=True, slots=True)
class Wire:
    """All figures of a run, in milliseconds; pairs are NextStep's and the echo's."""

    mention: tuple[list[float], list[float]]
    slash: tuple[list[float], list[float]]
    complete: tuple[list[float], list[float]]
    burst: Burst
    blocked: list[tuple[float, float, str]]

    @property
    def longest(self) -> float:
        """The longest block of the loop during the burst, in milliseconds."""
        return 1e3 * max((one for one, at, _ in self.blocked if at >= self.burst.began), default=0.0)

    def table(self) -> Table:
        """For people."""
        rows = [
            _row("mention → reply", self.mention, f"≤ {MOST_MORE_MS:g} more"),
            _row("slash → callback", self.slash, f"≤ {MOST_MORE_MS:g} more"),
            _row("autocomplete", self.complete, f"p99 ≤ {MOST_COMPLETE_MS:g}"),
        ]
        last = self.burst
        note = (
            f"{last.messages} messages of 50 members at once: {last.answered} replies in {last.seconds:.1f} s, "
            f"{'in order' if last.in_order else 'NOT IN ORDER'} in every channel; the loop was blocked for at most "
            f"{self.longest:.0f} ms (bar {MOST_BLOCKED_MS:.0f})."
        )
        columns = ("what", "NextStep p50", "p99", "echo p50", "p99", "more (p50)", "bar")
        return Table("wire", "On the wire: milliseconds, beside a bot that echoes", columns, tuple(rows), note)

    def ratios(self) -> tuple[Ratio, ...]:
        """What may fail a run."""
        return (
            Ratio("mention → reply, ms more than the echo", _more(self.mention), MOST_MORE_MS, at_most=True),
            Ratio("slash → callback, ms more than the echo", _more(self.slash), MOST_MORE_MS, at_most=True),
            Ratio("autocomplete, p99 in ms", 1e3 * quantiles(self.complete[0])[1], MOST_COMPLETE_MS, at_most=True),
            Ratio("burst: channels out of order", float(not self.burst.in_order), 0, at_most=True),
            Ratio("burst: loop blocked, ms", self.longest, MOST_BLOCKED_MS, at_most=True),
        )


def _row(name: str, pair: tuple[list[float], list[float]], bar: str) -> tuple[str | float, ...]:
    (ours, late), (theirs, their_late) = quantiles(pair[0]), quantiles(pair[1])
    return (name, 1e3 * ours, 1e3 * late, 1e3 * theirs, 1e3 * their_late, _more(pair), bar)


def _more(pair: tuple[list[float], list[float]]) -> float:
    return 1e3 * (quantiles(pair[0])[0] - quantiles(pair[1])[0])


async def _in_turn(
    times: int, ours: Callable[[int], Awaitable[float]], theirs: Callable[[int], Awaitable[float]]
) -> tuple[list[float], list[float]]:
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(times + 3):
        pair = await ours(number), await theirs(number)
        if number >= 3:  # the first ones open connections and fill caches
            found[0].append(pair[0])
            found[1].append(pair[1])
    return found


async def _measure(ground: Ground, times: int, at_once: int) -> Wire:
    chance = random.Random(SEED)
    texts = [chance.choice(ground.messages)[:1500] for _ in range(times + 3 + at_once)]
    typed = [entry.title[: chance.randint(2, 8)] for entry in ground.knowledge.entries.values()]
    with tempfile.TemporaryDirectory() as made:
        own = {"NEXTSTEP_DATABASE": f"{made}/bench.db", "NEXTSTEP_KNOWLEDGE": str(ground.folder)}
        async with AsyncExitStack() as both:
            echo = await both.enter_async_context(started(["tests.bench.echo"], Path(made)))
            ours = await both.enter_async_context(started(["bot", "run"], Path(made), **own))
            mention = await _in_turn(times, lambda n: ours.mention(texts[n]), lambda n: echo.mention(texts[n]))
            slash = await _in_turn(times, lambda n: ours.slash(texts[n]), lambda n: echo.slash(texts[n]))
            word = len(typed)
            complete = await _in_turn(
                times, lambda n: ours.complete(typed[n % word]), lambda n: echo.complete(typed[n % word])
            )
            last = await burst(ours, texts[-at_once:])
    blocked = [(float(one), float(at), str(what)) for one, at, what in ours.loop.get("longest", [])]  # type: ignore[attr-defined]
    return Wire(mention, slash, complete, last, blocked)


def measure(ground: Ground, times: int = 300, at_once: int = 300) -> Wire:
    """Run both bots and compare them."""
    return asyncio.run(_measure(ground, times, at_once))


def main() -> None:
    """The wire alone: ``python -m tests.bench.wire``."""
    from rich.console import Console

    from bot.knowledge.locating import packaged
    from tests.bench.questions import load
    from tests.bench.table import Report, draw

    found = measure(load(packaged()))
    draw(Report((found.table(),), found.ratios()), Console())
    for blocked, at, what in found.blocked[:15]:
        print(f"{1e3 * blocked:6.1f} ms  {'burst' if at >= found.burst.began else 'before'}  {what}")  # noqa: T201


if __name__ == "__main__":
    main()
