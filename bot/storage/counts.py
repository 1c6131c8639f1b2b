"""Alerts that stand, and counts of nobody in particular: rules, feedback, questions without an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select

from bot.storage import tables
from bot.storage.database import Database
from bot.storage.records import Alert, FeedbackCount, Miss, RuleCount, SentQuestion
from bot.storage.replies import DAY
from bot.storage.statements import add_to, insert_or_update

ALERT_DAYS: Final = 7
QUESTION_DAYS: Final = 30


@dataclass
class Alerts:
    """Alerts in moderators' channels, and how often each rule was right. Moments are seconds since 1970."""

    database: Database

    async def add(self, alert: Alert) -> None:
        """Note an alert that was posted, and count its rules."""
        row = {
            "alert_id": alert.alert_id,
            "channel_id": alert.channel_id,
            "guild_id": alert.guild_id,
            "rules": " ".join(alert.rules)[:400],
            "at": alert.at,
        }
        async with self.database.writing() as connection:
            await connection.execute(insert(tables.alerts).values(row))
            for rule in alert.rules:
                await connection.execute(add_to(tables.rule_counts, {"rule": rule[:80]}, alerts=1))

    async def of(self, alert_id: int) -> Alert | None:
        """An alert by its message."""
        async with self.database.reading() as connection:
            query = select(tables.alerts).where(tables.alerts.c.alert_id == alert_id)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _alert(row)

    async def count_false_alarm(self, rules: tuple[str, ...]) -> None:
        """Count that moderators called an alert of these rules a false alarm."""
        async with self.database.writing() as connection:
            for rule in rules:
                await connection.execute(add_to(tables.rule_counts, {"rule": rule[:80]}, false_alarms=1))

    async def counts(self) -> tuple[RuleCount, ...]:
        """All rules that raised an alert, most false alarms first."""
        table = tables.rule_counts
        async with self.database.reading() as connection:
            rows = await connection.execute(select(table).order_by(table.c.false_alarms.desc(), table.c.rule))
            return tuple(RuleCount(*row) for row in rows)

    async def due(self, now: int) -> tuple[Alert, ...]:
        """Alerts older than seven days, to be deleted."""
        async with self.database.reading() as connection:
            query = select(tables.alerts).where(tables.alerts.c.at < now - ALERT_DAYS * DAY)
            rows = (await connection.execute(query)).all()
        return tuple(_alert(row) for row in rows)

    async def remove(self, alert_id: int) -> None:
        """Forget an alert."""
        async with self.database.writing() as connection:
            await connection.execute(delete(tables.alerts).where(tables.alerts.c.alert_id == alert_id))


def _alert(row: Row[Any]) -> Alert:
    return Alert(row.alert_id, row.channel_id, row.guild_id, tuple(row.rules.split()), row.at)


@dataclass
class Counts:
    """What members found helpful, what they did not get, and what they chose to send to the editors."""

    database: Database

    async def rate(self, entry: str, facet: str, verdict: str) -> None:
        """Count one rating."""
        key = {"entry": entry[:60], "facet": facet[:20], "verdict": verdict[:20]}
        async with self.database.writing() as connection:
            await connection.execute(add_to(tables.feedback, key, count=1))

    async def ratings(self) -> tuple[FeedbackCount, ...]:
        """All ratings, most frequent first."""
        async with self.database.reading() as connection:
            rows = await connection.execute(select(tables.feedback).order_by(tables.feedback.c["count"].desc()))
            return tuple(FeedbackCount(*row) for row in rows)

    async def miss(self, reason: str, nearest: str) -> None:
        """Count one question without an answer."""
        async with self.database.writing() as connection:
            await connection.execute(add_to(tables.misses, {"reason": reason[:60], "nearest": nearest[:60]}, count=1))

    async def misses(self) -> tuple[Miss, ...]:
        """All reasons, most frequent first."""
        async with self.database.reading() as connection:
            rows = await connection.execute(select(tables.misses).order_by(tables.misses.c["count"].desc()))
            return tuple(Miss(*row) for row in rows)

    async def send(self, text: str, nearest: str, at: int) -> int:
        """Keep a question for the editors; gives its number."""
        async with self.database.writing() as connection:
            query = insert(tables.sent_questions).values(text=text, nearest=nearest[:60], at=at)
            return int((await connection.execute(query.returning(tables.sent_questions.c.id))).scalar_one())

    async def questions(self) -> tuple[SentQuestion, ...]:
        """What was sent to the editors, newest first."""
        async with self.database.reading() as connection:
            rows = await connection.execute(select(tables.sent_questions).order_by(tables.sent_questions.c.at.desc()))
            return tuple(SentQuestion(*row) for row in rows)

    async def expire(self, now: int) -> int:
        """Delete questions older than thirty days; gives how many."""
        async with self.database.writing() as connection:
            old = tables.sent_questions.c.at < now - QUESTION_DAYS * DAY
            return (await connection.execute(delete(tables.sent_questions).where(old))).rowcount


@dataclass
class State:
    """What the program remembers about itself, by name."""

    database: Database

    async def get(self, name: str) -> str | None:
        """A value, or ``None``."""
        async with self.database.reading() as connection:
            query = select(tables.state.c.value).where(tables.state.c.name == name)
            return (await connection.execute(query)).scalar_one_or_none()

    async def put(self, name: str, value: str) -> None:
        """Store a value."""
        async with self.database.writing() as connection:
            await connection.execute(insert_or_update(tables.state, {"name": name, "value": value}))
