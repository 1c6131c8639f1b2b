"""Opening the database: one process a file, the newest schema, write-ahead log, one writer at a time."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Executable, event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StorageError
from bot.storage.backups import check, copy_to
from bot.storage.troubles import spoken
from bot.storage.upgrading import current, newest, upgrade

log = logging.getLogger(__name__)
BUSY_SECONDS: Final = 5.0
LATER_SECONDS: Final = 0.2
READS: Final = "nextstep_reads"


class FileLock:
    """Held by the one process that uses a database file; given back by the system when the process dies.

    It is an exclusive transaction on an empty database beside the file, which works wherever SQLite does.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            path.with_name(path.name + ".lock"), timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise StorageError(
                f"The database {path} is already used by another NextStep process. Stop that one first, "
                "or give this one a database of its own."
            ) from error

    def release(self) -> None:
        """Let another process have the file."""
        self._connection.close()


@dataclass
class Database:
    """An open database. Use :meth:`reading` and :meth:`writing`; close it with :meth:`close`."""

    path: Path
    engine: AsyncEngine
    _lock: FileLock
    _writer: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: list[tuple[Executable, Mapping[str, Any]]] = field(default_factory=list)
    _flusher: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def reading(self, *, flushed: bool = True) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads; ``flushed`` first writes what :meth:`later` was given.

        Raises:
            StorageError: the file cannot be read.
        """
        if flushed:
            await self.flush()
        with spoken(self.path):
            async with self.engine.connect() as connection:
                yield await connection.execution_options(**{READS: True})

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes (``BEGIN IMMEDIATE``); all of it is kept, or nothing.

        Raises:
            StorageError: the file refused the write.
        """
        with spoken(self.path):
            async with self._writer:
                # In a transaction of its own: what waits must not be undone when the caller's is refused.
                if self._waiting:
                    async with self.engine.begin() as connection:
                        await self._write_waiting(connection)
                async with self.engine.begin() as connection:
                    yield connection

    def later(self, statement: Executable, *rows: Mapping[str, Any]) -> None:
        """Write soon, in order, many in one transaction: for notes that nobody waits for. One write for each row.

        What is read afterwards is always after what was written so. A killed process loses at most
        :data:`LATER_SECONDS` of them.
        """
        self._waiting += [(statement, row) for row in rows]
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_soon())

    async def flush(self) -> None:
        """Write what waits.

        Raises:
            StorageError: the file refused the write; what waited is dropped, so that one bad write stays one.
        """
        if self._waiting:
            async with self.writing():
                pass

    async def _flush_soon(self) -> None:
        await asyncio.sleep(LATER_SECONDS)
        try:
            await self.flush()
        except StorageError as error:
            log.error("event=fault where=storage what=%s", error)  # noqa: TRY400 - the sentence says it

    async def _write_waiting(self, connection: AsyncConnection) -> None:
        waiting, self._waiting = self._waiting, []
        for statement, rows in groupby(waiting, key=itemgetter(0)):
            await connection.execute(statement, [dict(row) for _, row in rows])

    async def backup(self, target: Path) -> Path:
        """Copy the database while it is in use.

        Raises:
            StorageError: the target cannot be written.
        """
        return await asyncio.to_thread(copy_to, self.path, target)

    async def close(self) -> None:
        """Write what waits and let the file go."""
        try:
            if self._flusher is not None:
                await self._flusher  # cancelling it could leave a transaction open
            await self.flush()
        finally:
            await self.engine.dispose()
            self._lock.release()


async def open_database(path: Path) -> Database:
    """Open (and create, and bring up to date) a database file for this process alone.

    Raises:
        StorageError: it is in use, damaged, read-only, of a newer program, or the disk is full.
    """
    path = path.absolute()
    with spoken(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
    try:
        with spoken(path):
            await asyncio.to_thread(upgrade, path)
        engine = _engine(path)
        database = Database(path, engine, lock)
        async with database.writing():
            pass
    except BaseException:
        lock.release()
        raise
    return database


def _engine(path: Path) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", connect_args={"timeout": BUSY_SECONDS}, pool_size=2, max_overflow=2
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, record: object) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def restore(backup: Path, path: Path) -> Path | None:
    """Put a backup in the place of a database that no process uses; the old file is kept and its path given back.

    Raises:
        StorageError: the backup is missing, damaged or newer than this program, or the database is in use.
    """
    backup, path = backup.absolute(), path.absolute()
    if not backup.exists():
        raise StorageError(f"There is no backup at {backup}. Check the path.")
    check(backup)
    _refuse_foreign(backup)
    with spoken(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
    try:
        kept = copy_to(path, path.with_name(path.name + ".before-restore")) if _usable(path) else None
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        copy_to(backup, path)
    finally:
        lock.release()
    return kept


def _refuse_foreign(backup: Path) -> None:
    found, head = current(backup), newest()
    if found is None or found > head:
        raise StorageError(f"The file {backup} is no NextStep backup that this version can read (schema {found}).")


def _usable(path: Path) -> bool:
    """Whether the present file can be kept aside; a damaged one is moved away as it is."""
    if not path.exists():
        return False
    try:
        check(path)
    except StorageError:
        path.replace(path.with_name(path.name + ".damaged"))
        return False
    return True
