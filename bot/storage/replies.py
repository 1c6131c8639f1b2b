"""Which message was answered by which: one reply for each message, across restarts and replays."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.errors import StorageError
from bot.storage import tables
from bot.storage.database import Database, tell
from bot.storage.records import SentReply
from bot.storage.statements import insert_or_ignore

DAY: Final = 24 * 60 * 60
REPLY_DAYS: Final = 30
SEEN_DAYS: Final = 30

_OF: Final = tables.replies.c.message_id == bindparam("of")
_CLAIM: Final = insert(tables.replies).on_conflict_do_nothing()
_RELEASE: Final = delete(tables.replies).where(_OF)
_SENT: Final = (
    update(tables.replies)
    .where(_OF)
    .values(reply_id=bindparam("reply_id"), kind=bindparam("kind"), entries=bindparam("entries"))
)


@dataclass
class Replies:
    """Replies that were sent. Moments are seconds since 1970.

    Claims are settled in memory, so that nobody waits for the disk, and written soon after; :meth:`load` brings
    back what an earlier process claimed lately.
    """

    database: Database
    keep: int = 50_000
    _claimed: OrderedDict[int, None] = field(default_factory=OrderedDict)
    _done: OrderedDict[str, None] = field(default_factory=OrderedDict)

    async def load(self) -> None:
        """Know the latest claims of earlier processes; call once after opening."""
        query = select(tables.replies.c.message_id).order_by(tables.replies.c.message_id.desc()).limit(self.keep)
        async with self.database.reading() as connection:
            rows = (await connection.execute(query)).scalars().all()
        self._claimed = OrderedDict.fromkeys(reversed(rows))

    def claim(self, message_id: int, channel_id: int, asker_id: int, at: int) -> bool:
        """Take a message for answering; ``False`` when it was taken before, also by an earlier process."""
        if message_id in self._claimed:
            return False
        self._claimed[message_id] = None
        while len(self._claimed) > self.keep:
            self._claimed.popitem(last=False)
        row = {"message_id": message_id, "channel_id": channel_id, "asker_id": asker_id, "kind": "", "entries": ""}
        self.database.later(_CLAIM, {**row, "at": at}, about=message_id)
        return True

    def sent(self, message_id: int, reply_id: int, kind: str, entries: tuple[str, ...]) -> None:
        """Note which message answers a claimed one."""
        change = {"reply_id": reply_id, "kind": kind, "entries": " ".join(entries)[:400]}
        self.database.later(_SENT, {"of": message_id, **change}, about=message_id)

    def release(self, message_id: int) -> None:
        """Give a claim back: nothing was sent, and an edit may be answered."""
        self._claimed.pop(message_id, None)
        self.database.later(_RELEASE, {"of": message_id}, about=message_id)

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
        if name in self._done:
            return False
        self._done[name] = None
        while len(self._done) > self.keep:
            self._done.popitem(last=False)
        try:
            async with self.database.writing(passing=True) as connection:
                seen = await connection.execute(insert_or_ignore(tables.seen, {"name": name, "at": at}))
                return bool(seen.rowcount)
        except StorageError as error:
            tell(error)
            return True

    async def _one(self, condition: Any) -> SentReply | None:
        async with self.database.reading() as connection:
            row = (await connection.execute(select(tables.replies).where(condition).limit(1))).one_or_none()
        return None if row is None else _reply(row)


def _reply(row: Row[tuple[object, ...]]) -> SentReply:
    data = dict(row._mapping)
    return SentReply(**{**data, "entries": tuple(str(data["entries"]).split())})
