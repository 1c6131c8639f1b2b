"""Which message was answered by which: one reply for each message, across restarts and replays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, delete, select, update

from bot.storage import tables
from bot.storage.database import Database
from bot.storage.records import SentReply
from bot.storage.statements import insert_or_ignore

DAY: Final = 24 * 60 * 60
REPLY_DAYS: Final = 30
SEEN_DAYS: Final = 30


@dataclass
class Replies:
    """Replies that were sent. Moments are seconds since 1970."""

    database: Database

    async def claim(self, message_id: int, channel_id: int, asker_id: int, at: int) -> bool:
        """Take a message for answering; ``False`` when it was taken before, also by an earlier process."""
        row = {
            "message_id": message_id,
            "channel_id": channel_id,
            "asker_id": asker_id,
            "kind": "",
            "entries": "",
            "at": at,
        }
        async with self.database.writing() as connection:
            return bool((await connection.execute(insert_or_ignore(tables.replies, row))).rowcount)

    async def sent(self, message_id: int, reply_id: int, kind: str, entries: tuple[str, ...]) -> None:
        """Note which message answers a claimed one."""
        await self._change(message_id, reply_id=reply_id, kind=kind, entries=" ".join(entries)[:400])

    async def release(self, message_id: int) -> None:
        """Give a claim back: nothing was sent, and an edit may be answered."""
        async with self.database.writing() as connection:
            await connection.execute(delete(tables.replies).where(tables.replies.c.message_id == message_id))

    async def to(self, message_id: int) -> SentReply | None:
        """The reply to a message."""
        return await self._one(tables.replies.c.message_id == message_id)

    async def by(self, reply_id: int) -> SentReply | None:
        """The record of a reply, by the bot's own message."""
        return await self._one(tables.replies.c.reply_id == reply_id)

    async def forget_of(self, asker_id: int) -> int:
        """Delete all records of one asker; gives how many there were."""
        async with self.database.writing() as connection:
            result = await connection.execute(delete(tables.replies).where(tables.replies.c.asker_id == asker_id))
            return result.rowcount

    async def all_of(self, asker_id: int) -> tuple[SentReply, ...]:
        """All records of one asker, newest first."""
        query = select(tables.replies).where(tables.replies.c.asker_id == asker_id)
        async with self.database.reading() as connection:
            rows = (await connection.execute(query.order_by(tables.replies.c.at.desc()))).all()
        return tuple(_reply(row) for row in rows)

    async def first_time(self, name: str, at: int) -> bool:
        """Whether something that is done once only (a thread, an event) is seen for the first time."""
        async with self.database.writing() as connection:
            return bool((await connection.execute(insert_or_ignore(tables.seen, {"name": name, "at": at}))).rowcount)

    async def expire(self, now: int) -> int:
        """Delete what is older than its time; gives how many rows went."""
        async with self.database.writing() as connection:
            old = await connection.execute(delete(tables.replies).where(tables.replies.c.at < now - REPLY_DAYS * DAY))
            done = await connection.execute(delete(tables.seen).where(tables.seen.c.at < now - SEEN_DAYS * DAY))
            return old.rowcount + done.rowcount

    async def _change(self, message_id: int, **values: object) -> None:
        async with self.database.writing() as connection:
            query = update(tables.replies).where(tables.replies.c.message_id == message_id)
            await connection.execute(query.values(**values))

    async def _one(self, condition: Any) -> SentReply | None:
        async with self.database.reading() as connection:
            row = (await connection.execute(select(tables.replies).where(condition).limit(1))).one_or_none()
        return None if row is None else _reply(row)


def _reply(row: Row[tuple[object, ...]]) -> SentReply:
    data = dict(row._mapping)
    return SentReply(**{**data, "entries": tuple(str(data["entries"]).split())})
