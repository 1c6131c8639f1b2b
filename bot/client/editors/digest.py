"""What is done for the editors by the clock: the weekly digest, notes to those who wait, and forgetting old talks.

The digest holds counts and titles, never a question: what stands in a channel would outlive its thirty days.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.answering.phrasings import REDIRECT
from bot.client.cards import cards
from bot.client.drawing import Block, Drawing
from bot.client.editors.gapviews import Views
from bot.client.responses import log_fault
from bot.client.text import harmless
from bot.editing.model import Place, Subject
from bot.editing.states import State
from bot.editing.upkeep import Due, due
from bot.evaluation.duplicates import Duplicate, near_duplicates
from bot.storage.replies import DAY

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)
TURN_SECONDS: Final = 60.0
_NAME: Final = "digest-week"
_MONDAY: Final = timedelta(hours=9)
_AGAIN: Final = 3600
_MOST: Final = 10
_MOST_GAPS: Final = 5
_LEFT_LYING: Final = 7 * DAY


def week_of(now: datetime) -> str:
    """The week of a digest: it begins on Monday at nine (UTC). ``2026-W48``."""
    year, week, _ = (now.astimezone(UTC) - _MONDAY).isocalendar()
    return f"{year}-W{week:02}"


def _page(place: Place) -> str:
    """A page as a report of like asks names it."""
    return f"{REDIRECT}{place.key}" if place.subject is Subject.REDIRECT else place.key


class Rounds:
    """``bot.rounds``: one quiet turn a minute."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk, self._views = bot, bot.desk, Views(bot.desk)
        self._turn = asyncio.Lock()
        self._tried = 0

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    async def run(self) -> None:
        """Turn after turn, until cancelled; a fault in one does not end them."""
        while True:
            await asyncio.sleep(TURN_SECONDS)
            try:
                await self.turn()
            except Exception as error:
                log_fault("rounds", error)

    async def turn(self) -> None:
        """One turn: forget old talks, tell those who wait, post the digest when its week has begun."""
        async with self._turn:
            self._desk.forget_old_talks()
            await self._bot.voices.tell_waiting()
            await self._weekly()

    async def _weekly(self) -> None:
        """Post the digest once a week; a bot that is new here begins with the next week, and a channel that cannot be
        written to is tried again in an hour."""
        now = self._desk.moment()
        if not self._bot.office.open or self._bot.office.channel is None or now - self._tried < _AGAIN:
            return
        week = week_of(self._desk.clock())
        last = await self._desk.state.get(_NAME)
        if last == week:
            return
        self._tried = now
        if last is None or await self._posted():
            await self._desk.state.put(_NAME, week)
            log.info("event=digest week=%s", week)

    async def _posted(self) -> bool:
        """Post the digest; whether it stands there, or there is nothing to say."""
        made = await self.digest()
        return not made or bool(await self._bot.office.post(cards(Drawing(made), self._desk.interface)))

    # --- the digest ------------------------------------------------------------------------------------------

    async def digest(self) -> tuple[Block, ...]:
        """What needs somebody, by kind; nothing when nothing does."""
        sections = [
            ("digest-waiting", await self._waiting()),
            ("digest-flags", self._flags()),
            ("digest-due", self._due()),
            ("digest-fallen", [f"- {self._views.fallen_line(one)}" for one in await self._bot.board.falling()]),
            ("digest-gaps", await self._gaps()),
            ("digest-duplicates", await self._duplicates()),
            ("digest-false-alarms", await self._false_alarms()),
        ]
        blocks = [block for name, rows in sections for block in self._section(name, rows)]
        return (Block((self._say("digest-title"),)), *blocks) if blocks else ()

    def _section(self, name: str, rows: list[str]) -> Iterator[Block]:
        if rows:
            left = len(rows) - _MOST
            more = [self._say("digest-more", count=left)] if left > 0 else []
            yield Block((self._say(name, count=len(rows)), *rows[:_MOST], *more), "\n", apart=True)

    async def _waiting(self) -> list[str]:
        """Edits that somebody has to decide on, or that were left lying."""
        open_edits = await self._bot.office.desk.store.open()
        before = self._desk.moment() - _LEFT_LYING
        kept = [one for one in open_edits if one.state is State.PROPOSED or one.changed_at < before]
        blanks = [{"number": one.id, "key": one.place.key, "state": one.state, "time": one.changed_at} for one in kept]
        return [self._say("digest-edit", **one) for one in blanks]

    def _flags(self) -> list[str]:
        """Published edits whose file changed in git."""
        return [f"- {harmless(flag.sentence)}" for flag in self._bot.office.desk.flags()]

    def _due(self) -> list[str]:
        """Pages to be read again: of higher stakes first."""
        return [self._due_line(one) for one in due(self._desk.answerer.knowledge, self._desk.clock().date())]

    def _due_line(self, one: Due) -> str:
        name = "digest-overdue" if one.overdue else "digest-due-soon"
        shown = self._say("digest-sources-only") if one.sources_only else ""
        return self._say(name, title=one.title, stakes=one.stakes, days=abs(one.days), shown=shown)

    async def _gaps(self) -> list[str]:
        return [f"- {self._views.gap_line(gap)}" for gap in (await self._bot.board.gaps())[:_MOST_GAPS]]

    async def _duplicates(self) -> list[str]:
        """Asks of two pages that say nearly the same, one of which was changed from here."""
        changed = {_page(one.place) for one in await self._bot.office.desk.store.standing()}
        found = await asyncio.to_thread(near_duplicates, self._desk.answerer.mind, changed)
        return [self._duplicate_line(one) for one in found]

    def _duplicate_line(self, one: Duplicate) -> str:
        asks = {"ask": harmless(one.ask), "other_ask": harmless(one.other_ask)}
        return self._say("digest-duplicate", page=one.page, other=one.other, **asks)

    async def _false_alarms(self) -> list[str]:
        """Rules of the safety screen that moderators called wrong, with how often they spoke at all."""
        counts = [one for one in await self._desk.alerts.counts() if one.false_alarms]
        return [self._say("digest-rule", rule=one.rule, wrong=one.false_alarms, alerts=one.alerts) for one in counts]
