"""Ratings and counts by month: of entries, aspects and kinds of replies, never of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from bot.editing.upkeep import MonthCount, Verdict
from bot.storage.database import Database
from bot.storage.statements import add_to, counting
from bot.storage.tables import feedback, monthly


def month_of(at: int) -> str:
    """The month of a moment (seconds since 1970, UTC): ``2026-11``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m")


@dataclass
class Feedback:
    """The repository of ratings and monthly counts."""

    database: Database

    async def rate(self, entry: str, facet: str, verdict: Verdict, at: int) -> None:
        """Count one rating of an entry's aspect."""
        key = {"entry": entry[:60], "facet": facet[:20], "verdict": verdict.value}
        month = {"month": month_of(at), "what": verdict.value, "name": f"{entry[:60]}/{facet[:20]}"}
        self.database.later(counting(feedback), {**key, "count": 1})
        self.database.later(counting(monthly), {**month, "count": 1})

    async def replied(self, kind: str, entries: Sequence[str], at: int) -> None:
        """Count one reply by its kind, and the entries that it showed."""
        month = month_of(at)
        topics = [{"month": month, "what": "topic", "name": entry[:60]} for entry in dict.fromkeys(entries)]
        rows = [{"month": month, "what": "reply", "name": kind[:60]}, *topics]
        self.database.later(counting(monthly), *({**row, "count": 1} for row in rows))

    async def false_alarm(self, rules: Sequence[str], at: int) -> None:
        """Count that moderators called an alert of these rules a false alarm."""
        async with self.database.writing() as connection:
            for rule in dict.fromkeys(rules):
                key = {"month": month_of(at), "what": "false-alarm", "name": rule[:80]}
                await connection.execute(add_to(monthly, key, count=1))

    async def months(self, since: str = "") -> tuple[MonthCount, ...]:
        """All counts from a month (``2026-11``) on, oldest month first."""
        query = select(monthly).where(monthly.c.month >= since)
        order = (monthly.c.month, monthly.c.what, monthly.c["count"].desc(), monthly.c.name)
        async with self.database.reading() as connection:
            return tuple(MonthCount(*row) for row in await connection.execute(query.order_by(*order)))
