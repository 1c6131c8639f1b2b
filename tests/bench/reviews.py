"""How long editors wait for the impact of what they hand in: ``python -m tests.bench.reviews``.

Over the local Discord with the packaged knowledge: from handing in, with a reason that takes some seconds to write, to
the review card with its impact; right after a start, later, and right after a publication, while a member keeps asking.
All wall time; takes some minutes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bot.app import serve
from bot.client.editors.opening import open_desk
from bot.client.interface import load_interface
from bot.client.running import Options, build_bot
from bot.collector import serving
from bot.storage.database import open_or_do_without
from bot.storage.edits import Edits
from tests.bench.table import quantiles
from tests.client.editors.desk import cards, panel, typed
from tests.client.editors.house import Clock, House, Patient, moved_in
from tests.client.editors.test_gaps import opened
from tests.discord_server import Message

_TICK = 0.01
_TYPING = 4.0
"""Nobody writes down a reason in less; meanwhile the draft is measured."""
_BUILDING = 600.0
_TEXT = "{} is something that some people with depression are offered [nice ng222]."


@dataclass
class Lags:
    """How late a wait of 10 ms ended, and how long a member waited; seconds."""

    loop: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK)
            self.loop.append(time.perf_counter() - began - _TICK)

    async def ask(self, home: House) -> None:
        """A member who asks something twice a second, until cancelled."""
        number = 0
        while True:
            by = home.discord.world.member(home.discord.guild, f"Person {number}")
            began = time.perf_counter()
            await home.discord.slash("ask", question="what are the side effects of lithium?", by=by)
            self.asked.append(time.perf_counter() - began)
            number += 1
            await asyncio.sleep(0.5)

    def told(self) -> str:
        """The slowest of each, in ms."""
        parts = []
        for name, found in (("loop", self.loop), ("member", self.asked)):
            half, most = quantiles(found) if found else (0.0, 0.0)
            parts.append(f"{name} p50 {half * 1e3:.0f} p99 {most * 1e3:.0f} max {max(found, default=0) * 1e3:.0f} ms")
        return ", ".join(parts)


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """A bot as it runs in earnest, that has just started, with its editors."""
    discord, clock = Patient(), Clock()
    discord.hurried = True
    roles = [discord.world.role(discord.guild, name) for name in ("Editors", "Clinicians")]
    anna, ben = (discord.world.member(discord.guild, name, roles[0]) for name in ("Anna", "Ben"))
    cora = discord.world.member(discord.guild, "Cora", roles[1])
    served = serve()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(discord)
        database = await open_or_do_without(folder / "bot.db")
        stack.push_async_callback(database.close)
        editing = await open_desk(
            served, database, clock, home=frozenset({discord.guild.id}), channel=discord.mod_room.id
        )
        serving()
        bot = build_bot(served.answerer, load_interface(), database, Options(), editing=editing, guild_ready_timeout=0)
        await stack.enter_async_context(moved_in(bot, discord, clock, roles))
        yield House(discord, bot, served.folder, Edits(database), clock, anna, ben, cora)


async def draft(home: House, entry: str, field: str, values: dict[str, object]) -> Message:
    """A panel in which something was changed."""
    of = await panel(home, entry)
    await typed(home, of, field, values)
    await home.discord.until(lambda: "Hand in" in of.labels(), what="a draft to hand in")
    return of


async def hand_in(home: House, of: Message) -> float:
    """Seconds from handing in to the card with its impact."""
    form = await home.discord.press(of, "Hand in", by=home.anna)
    await asyncio.sleep(_TYPING)
    return await until_card(home, lambda: home.discord.submit(form, {"why": "clearer"}, by=home.anna))


async def until_card(home: House, act: Callable[[], Awaitable[object]]) -> float:
    """Seconds from an act to one more card with its impact."""
    before, began = len(cards(home)), time.perf_counter()
    await act()
    await home.discord.until(lambda: len(cards(home)) > before, 60, "a review card with its impact")
    return time.perf_counter() - began


async def retire(home: House, entry: str) -> float:
    """Seconds from handing in that a page is to go to the card with its impact."""
    form = await home.discord.slash("knowledge retire", entry=entry, by=home.anna)
    await asyncio.sleep(_TYPING)
    return await until_card(home, lambda: home.discord.submit(form, {"why": "said elsewhere"}, by=home.anna))


async def answer_with(home: House) -> float:
    """Seconds from choosing a page that answers a question of a member to what that would take from others."""
    home.discord.hurried = False
    await home.send("why does my budgerigar squeak at wardrobes")
    card = await opened(home)
    home.discord.hurried = True
    form = await home.discord.press(card, "Another page", by=home.anna)
    began = time.perf_counter()
    await home.discord.submit(form, {"page": "tms"}, by=home.anna)
    ready = {"Propose", "Reword and propose"}
    await home.discord.until(lambda: not ready.isdisjoint(card.labels()), 60, "what it would take")
    return time.perf_counter() - began


async def at_rest(home: House) -> None:
    """Until nothing goes on behind."""
    await home.bot.office.settled()


async def walk(home: House, say: Callable[[str, float], None]) -> None:
    """One of each sort of edit."""
    of = await draft(home, "ect", "overview", {"text": _TEXT.format("ECT")})
    say("words, right after the start", await hand_in(home, of))
    await at_rest(home)
    of = await draft(home, "tms", "overview", {"text": _TEXT.format("TMS")})
    say("words", await hand_in(home, of))
    of = await draft(home, "lithium", "asks", {"more": "my hands shake since i started the salt"})
    say("an ask more", await hand_in(home, of))
    lithium = cards(home)[-1]
    of = await draft(home, "esketamine", "names", {"title": "Esketamine", "aliases": "Spravato\nthe nose spray"})
    say("other names", await hand_in(home, of))
    of = await draft(home, "bupropion", "asks", {"asks0": "what is bupropion"})
    say("a third of the asks gone", await hand_in(home, of))
    say("a page retired", await retire(home, "vortioxetine"))
    say("the largest of all retired", await retire(home, "lithium"))
    say("a question answered with a page", await answer_with(home))
    of = await new_page(home)
    say("a new page", await hand_in(home, of))
    await at_rest(home)
    of = await draft(home, "sertraline", "overview", {"text": _TEXT.format("Sertraline")})
    began = time.perf_counter()
    await home.discord.press(lithium, "Publish", by=home.ben)
    await home.discord.until(lambda: "Publishing …" in lithium.text(), what="a word that it is published")
    say("the word that it is being published", time.perf_counter() - began)
    await home.discord.until(lambda: "**published**" in lithium.text(), _BUILDING, "a publication")
    say("the word that it is published", time.perf_counter() - began)
    say("words, right after a publication", await hand_in(home, of))
    say("a page retired, after a publication", await retire(home, "mirtazapine"))
    await at_rest(home)


async def new_page(home: House) -> Message:
    """The panel of a new page."""
    form = await home.discord.slash("knowledge new", by=home.anna)
    asks = "\n".join(f"what is a trouser press good for, asked number {number}" for number in range(13))
    page = {"title": "Trouser press", "kind": ["faq"], "asks": asks}
    made = await home.discord.submit(form, {**page, "text": _TEXT.format("A trouser press")}, by=home.anna)
    await home.discord.until(lambda: made.original is not None, what="the panel of a new page")
    assert made.original is not None
    of = made.original
    await home.discord.until(lambda: "Hand in" in of.labels(), what="a draft to hand in")
    return of


async def main() -> None:
    """Print one line for each, then how the loop and the member fared."""
    say = Console()
    with TemporaryDirectory() as folder:
        async with house(Path(folder)) as home:
            lags = Lags()
            tasks = [asyncio.create_task(lags.watch()), asyncio.create_task(lags.ask(home))]

            def told(what: str, seconds: float) -> None:
                say.print(f"{what}: {seconds:.1f} s ({lags.told()})")
                lags.loop.clear()
                lags.asked.clear()

            try:
                await walk(home, told)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
