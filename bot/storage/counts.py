"""Alerts that stand and how often each rule was right, and what the program remembers about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select

from bot.editing.states import State as Standing
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.records import Alert, RuleCount
from bot.storage.replies import DAY
from bot.storage.statements import add_to, insert_or_update

ALERT_DAYS: Final = 7
QUESTION_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Lengths:
    """How much waits for people: proposed edits, standing alerts, questions that members sent."""

    edits: int
    alerts: int
    sent_questions: int


async def lengths(database: Database) -> Lengths:
    """What waits at this moment."""
    proposed = select(tables.edits.c.id).where(tables.edits.c.state == Standing.PROPOSED.value).subquery()
    async with database.reading() as connection:
        found = [
            (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (proposed, tables.alerts, tables.sent_questions)
        ]
    return Lengths(*found)


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
        async with self.database.writing(passing=True) as connection:
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
        async with self.database.writing(passing=True) as connection:
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
        async with self.database.writing(passing=True) as connection:
            await connection.execute(delete(tables.alerts).where(tables.alerts.c.alert_id == alert_id))


def _alert(row: Row[Any]) -> Alert:
    return Alert(row.alert_id, row.channel_id, row.guild_id, tuple(row.rules.split()), row.at)


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
        """Store a value; should the file be out of use, until the process ends."""
        async with self.database.writing(passing=True) as connection:
            await connection.execute(insert_or_update(tables.state, {"name": name, "value": value}))
