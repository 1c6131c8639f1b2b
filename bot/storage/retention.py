"""Forgetting in time: the one place that deletes what is past its time, and a member's own look and delete.

Alerts are left to the client, which deletes their messages first; should it fail, they go here a day later.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.editing.model import PROGRAM
from bot.editing.states import OPEN, Role, State, Step
from bot.storage import tables
from bot.storage.counts import ALERT_DAYS
from bot.storage.database import Database
from bot.storage.replies import DAY, REPLY_DAYS, SEEN_DAYS
from bot.storage.statements import insert_or_ignore
from bot.storage.tables import described

QUESTION_DAYS: Final = 30
CLOSED_DAYS: Final = 90
MONTHS: Final = 13
_TURNED_DOWN: Final = (State.DECLINED.value, State.TAKEN_BACK.value)
_NEVER_PUBLISHED: Final = (State.DRAFT.value, State.PROPOSED.value, State.CHANGES_REQUESTED.value, *_TURNED_DOWN)
_NO_WORDS: Final = "[]"
_SALT: Final = "people-salt"
FORGOTTEN: Final = "forgotten"


async def forget_in_time(database: Database, now: int) -> dict[str, int]:
    """Delete everything whose time is over, in one transaction; gives how many rows went, by table."""
    gone: dict[str, int] = {}
    async with database.writing(passing=True) as connection:
        for table, days in _BY_AGE.items():
            old = delete(tables.METADATA.tables[table])
            count = await connection.execute(old.where(tables.METADATA.tables[table].c.at < now - days * DAY))
            gone[table] = count.rowcount
        gone["edits"] = await _forget_edits(connection, now)
        first = _months_ago(now, MONTHS)
        months = await connection.execute(delete(tables.monthly).where(tables.monthly.c.month < first))
        gone["monthly"] = months.rowcount
    return {table: count for table, count in gone.items() if count}


_BY_AGE: Final = {
    "replies": REPLY_DAYS,
    "seen": SEEN_DAYS,
    "answer_notes": QUESTION_DAYS,
    "sent_questions": QUESTION_DAYS,
    "alerts": ALERT_DAYS + 1,
}


async def _forget_edits(connection: AsyncConnection, now: int) -> int:
    """Edits that never got published, and sooner those that were turned down with words that members sent; a lifted
    tombstone stays, so that an old export does not hide it again."""
    edits = tables.edits.c
    shown = select(tables.edit_steps.c.edit_id).where(tables.edit_steps.c.step == Step.SHOW.value)
    left_lying = edits.state.in_(_NEVER_PUBLISHED) & (edits.changed_at < now - CLOSED_DAYS * DAY)
    turned_down = edits.state.in_(_TURNED_DOWN) & (edits.trials != _NO_WORDS)
    words = turned_down & (edits.changed_at < now - QUESTION_DAYS * DAY)
    old = delete(tables.edits).where(left_lying | words, edits.id.not_in(shown))
    return (await connection.execute(old)).rowcount


def _months_ago(now: int, months: int) -> str:
    today = datetime.fromtimestamp(now, UTC)
    count = today.year * 12 + today.month - 1 - months
    return f"{count // 12:04}-{count % 12 + 1:02}"


# --- people ------------------------------------------------------------------------------------------------------


async def opaque_id(database: Database, user_id: int) -> str:
    """The id by which a person's edits are known: a keyed hash (HMAC-SHA-256), with a key that never leaves here."""
    fresh = {"name": _SALT, "value": secrets.token_hex(32)}
    async with database.writing() as connection:
        await connection.execute(insert_or_ignore(tables.state, fresh))
        salt = await connection.execute(select(tables.state.c.value).where(tables.state.c.name == _SALT))
        key = str(salt.scalar_one())
    return hmac.new(bytes.fromhex(key), str(user_id).encode(), hashlib.sha256).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept about one person, as plain data."""

    preferences: dict[str, Any] | None
    replies: tuple[dict[str, Any], ...]
    notes: tuple[dict[str, Any], ...]
    steps: tuple[dict[str, Any], ...]

    def data(self) -> dict[str, Any]:
        """For ``/privacy export``."""
        return {
            "preferences": self.preferences,
            "replies": list(self.replies),
            "waiting_for_an_answer": list(self.notes),
            "steps_on_edits": list(self.steps),
        }


async def kept_about(database: Database, user_id: int) -> Kept:
    """Everything that names a person."""
    actor = await opaque_id(database, user_id)
    async with database.reading() as connection:
        members = await _rows(connection, select(tables.members).where(tables.members.c.user_id == user_id))
        replies = await _rows(connection, select(tables.replies).where(tables.replies.c.asker_id == user_id))
        notes = await _rows(connection, select(tables.answer_notes).where(tables.answer_notes.c.user_id == user_id))
        steps = await _rows(connection, select(tables.edit_steps).where(tables.edit_steps.c.actor == actor))
    return Kept(members[0] if members else None, replies, notes, steps)


async def _rows(connection: AsyncConnection, query: Any) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row._mapping) for row in await connection.execute(query))


async def forget_person(database: Database, user_id: int) -> int:
    """Delete all that names a person; gives how many rows went or lost their name.

    Their published words stay, by role alone. Their open edits are taken back: nobody is left who may not approve them.
    """
    actor = await opaque_id(database, user_id)
    now = int(datetime.now(UTC).timestamp())
    async with database.writing() as connection:
        count = await _take_back(connection, actor, now)
        for column in (tables.members.c.user_id, tables.replies.c.asker_id, tables.answer_notes.c.user_id):
            count += (await connection.execute(delete(column.table).where(column == user_id))).rowcount
        for column in (tables.edits.c.author, tables.edit_steps.c.actor):
            nameless = update(column.table).where(column == actor).values({column.name: FORGOTTEN})
            count += (await connection.execute(nameless)).rowcount
    return count


async def _take_back(connection: AsyncConnection, actor: str, now: int) -> int:
    table = tables.edits
    wrote = select(tables.edit_steps.c.edit_id).where(tables.edit_steps.c.actor == actor)
    waiting = table.c.state.in_([state.value for state in OPEN]) & ((table.c.author == actor) | table.c.id.in_(wrote))
    rows = (await connection.execute(select(table.c.id, table.c.state, table.c.version).where(waiting))).all()
    for row in rows:
        values = {"state": State.TAKEN_BACK.value, "version": row.version + 1, "changed_at": now}
        await connection.execute(update(table).where(table.c.id == row.id).values(values))
        step = {
            "edit_id": row.id,
            "step": Step.TAKE_BACK.value,
            "before": row.state,
            "after": State.TAKEN_BACK.value,
            "actor": PROGRAM.id,
            "role": Role.PROGRAM.value,
            "why": "the author left",
            "at": now,
        }
        await connection.execute(tables.edit_steps.insert().values(step))
    return len(rows)


def privacy_table() -> str:
    """Every stored column with why and for how long, as a Markdown table."""
    rows = [f"| `{one.table}.{one.column}` | {one.why} | {one.kept} |" for one in described()]
    return "\n".join(("| what | why | for how long |", "| --- | --- | --- |", *rows)) + "\n"
