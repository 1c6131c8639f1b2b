"""Opening the database: one process a file, the newest schema, write-ahead log, one writer at a time."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Hashable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Executable, event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import DatabaseRefused, StorageError
from bot.storage.backups import check, check_quickly, copy_to
from bot.storage.spare import Spare, open_spare
from bot.storage.troubles import spoken
from bot.storage.upgrading import current, newest, upgrade
from bot.storage.waiting import Waiting

log = logging.getLogger(__name__)
BUSY_SECONDS: Final = 5.0
LATER_SECONDS: Final = 0.2
CONNECTIONS: Final = 3
"""All are opened at the start: one made while the disk is in trouble could only ever read."""
READS: Final = "nextstep_reads"


class FileLock:
    """Held by the one process that uses a database file; given back by the system when the process dies.

    It is an exclusive transaction on an empty database beside the file, which works wherever SQLite does.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(lock_of(path), timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._connection.close()
            if "locked" not in str(error):
                raise
            raise DatabaseRefused(
                f"The database {path} is already used by another NextStep process. Stop that one first, "
                "or give this one a database of its own."
            ) from error

    def release(self) -> None:
        """Let another process have the file."""
        self._connection.close()


def lock_of(path: Path) -> Path:
    """The file beside a database that tells one process from the next."""
    return path.with_name(path.name + ".lock")


@dataclass
class Database:
    """An open database. Use :meth:`reading` and :meth:`writing`; close it with :meth:`close`."""

    path: Path
    engine: AsyncEngine
    _lock: FileLock | None
    spare: Spare | None = None
    """The database in memory that stands in for a file that cannot be used."""
    trouble: str = ""
    """What is wrong with the file at present, in words for the operator; empty while all is well."""
    _file: tuple[int, int] | None = None
    _writer: asyncio.Lock = field(default_factory=asyncio.Lock)
    _readers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS - 1))
    """However many wait to read, one connection is left to whoever writes; nobody is turned away for having waited."""
    _waiting: Waiting = field(default_factory=Waiting)
    _under_way: bool = False
    """Whether what waited is being written at this moment: whoever reads waits for it too."""
    _flusher: asyncio.Task[None] | None = None
    _resting: bool = False
    """Whether the flusher is only waiting for its time to come."""
    lateness: float = LATER_SECONDS
    """For how many seconds what :meth:`later` was given waits for company."""

    @asynccontextmanager
    async def reading(self, *, flushed: bool = True) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads; ``flushed`` first writes what :meth:`later` was given.

        Raises:
            StorageError: the file cannot be read.
        """
        if flushed:
            await self.flush()
        with self._noticed():
            async with self._readers, self.engine.connect() as connection:
                yield await connection.execution_options(**{READS: True})

    @asynccontextmanager
    async def writing(self, *, passing: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes (``BEGIN IMMEDIATE``); all of it is kept, or nothing.

        ``passing`` is for what may be lost with the process. Everything else is refused while the file cannot be
        used: nobody shall believe that a setting was kept.

        Raises:
            StorageError: the file refused the write, or cannot be used at all.
        """
        if self.spare is not None and not passing:
            raise StorageError(self.trouble)
        with self._noticed(writes=True):
            async with self._writer:
                # In a transaction of its own: what waits must not be undone when the caller's is refused.
                if self._waiting:
                    self._under_way = True
                    try:
                        async with self.engine.begin() as connection:
                            await self._write_waiting(connection)
                    finally:
                        self._under_way = False
                async with self.engine.begin() as connection:
                    yield connection

    @contextmanager
    def _noticed(self, *, writes: bool = False) -> Iterator[None]:
        """Keep in mind what is wrong with the file, until a write succeeds again."""
        try:
            with spoken(self.path):
                yield
        except StorageError as error:
            cause = getattr(error.__cause__, "orig", error.__cause__)
            if self.spare is None and cause is not None and not isinstance(cause, sqlite3.IntegrityError):
                self.trouble = str(error)
            raise
        if writes and self.spare is None:
            self.trouble = self._missing()

    def look(self) -> str:
        """What is wrong with the file at this moment: also that it was taken away, which no write would notice."""
        if not self.trouble:
            self.trouble = self._missing()
        return self.trouble

    def _missing(self) -> str:
        if self._file is None or self._file == _identity(self.path):
            return ""
        return (
            f"The database {self.path} was deleted or replaced while the bot runs. What is saved now is lost when it "
            "ends. Stop the bot, put a backup back with `nextstep restore FILE`, start it."
        )

    def later(self, statement: Executable, *rows: Mapping[str, Any], about: Hashable = None) -> None:
        """Write soon, many in one transaction: for notes that nobody waits for. One write for each row.

        What is noted ``about`` the same thing is written in order; other notes may pass each other, so that those of
        one sort are written together. What is read afterwards is always after what was written so. A killed process
        loses at most the last :attr:`lateness` of them.
        """
        self._waiting.add(statement, rows, about)
        if self._flusher is None or self._flusher.done():
            self._resting = True
            self._flusher = asyncio.create_task(self._flush_soon())

    async def flush(self) -> None:
        """Write what waits.

        Raises:
            StorageError: the file refused the write; what waited is dropped, so that one bad write stays one.
        """
        if self._waiting or self._under_way:
            async with self.writing(passing=True):
                pass

    async def _flush_soon(self) -> None:
        await asyncio.sleep(self.lateness)
        self._resting = False
        try:
            await self.flush()
        except StorageError as error:
            tell(error)
        else:
            if self.spare is None and self.look():
                tell(self.trouble)

    async def _write_waiting(self, connection: AsyncConnection) -> None:
        waiting, self._waiting = self._waiting, Waiting()
        for statement, rows in waiting.batches:
            await connection.execute(statement, rows)

    async def backup(self, target: Path) -> Path:
        """Copy the database while it is in use.

        Raises:
            StorageError: the target cannot be written, or there is no file to copy.
        """
        if self.spare is not None:
            raise StorageError(self.trouble)
        return await asyncio.to_thread(copy_to, self.path, target)

    async def close(self) -> None:
        """Write what waits and let the file go. Notes that the file refuses are lost, as with the process's end."""
        try:
            if self._flusher is not None:
                if self._resting:  # later on, cancelling it could leave a transaction open
                    self._flusher.cancel()
                await asyncio.wait({self._flusher})
            await self.flush()
        except StorageError as error:
            tell(error)
        finally:
            await self.engine.dispose()
            if self.spare is not None:
                self.spare.close()
            if self._lock is not None:
                self._lock.release()


def tell(error: StorageError | str) -> None:
    """Tell the operator, in the log, what is wrong with the database."""
    log.error("event=fault where=storage what=%s", error)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def open_database(path: Path, lateness: float = LATER_SECONDS) -> Database:
    """Open (and create, and bring up to date) a database file for this process alone.

    ``lateness`` is how many seconds notes that nobody waits for are held back, to be written together.

    Raises:
        DatabaseRefused: it is in use, of a newer program or of another one.
        StorageError: it is damaged, read-only, or the disk is full.
    """
    path = path.absolute()
    lock = await asyncio.to_thread(_locked, path)
    try:
        return await _opened(path, lock, lateness)
    except BaseException:
        lock.release()
        raise


async def open_or_do_without(path: Path) -> Database:
    """Open a database file; should it be damaged or unwritable, a database in memory with what could be read.

    Members get answers and support either way. Then :attr:`Database.trouble` says what is wrong and what to do, the
    log has it, and only what may be lost is written.

    Raises:
        DatabaseRefused: it is in use, of a newer program or of another one.
    """
    path = path.absolute()
    ran_before = lock_of(path).exists() and not path.exists()
    lock: FileLock | None = None
    try:
        lock = await asyncio.to_thread(_locked, path)
        database = await _opened(path, lock)
    except DatabaseRefused:
        if lock is not None:
            lock.release()
        raise
    except StorageError as error:
        return await _doing_without(path, lock, error)
    if ran_before:
        log.warning("event=database-new what=%s", _made_anew(path))
    return database


def _made_anew(path: Path) -> str:
    return (
        f"The database {path} was gone, and a new, empty one was made: servers have to be set up again. To put a "
        "backup back: stop the bot, `nextstep restore FILE`, start it."
    )


def _locked(path: Path) -> FileLock:
    with spoken(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(path)


async def _opened(path: Path, lock: FileLock, lateness: float = LATER_SECONDS) -> Database:
    with spoken(path):
        await asyncio.to_thread(upgrade, path)
        await asyncio.to_thread(check_quickly, path)
    database = Database(path, _engine(str(path)), lock, _file=_identity(path), lateness=lateness)
    try:
        async with database.writing(), AsyncExitStack() as all_at_once:
            for _ in range(CONNECTIONS - 1):
                await all_at_once.enter_async_context(database.reading(flushed=False))
    except BaseException:
        await database.engine.dispose()
        raise
    return database


async def _doing_without(path: Path, lock: FileLock | None, error: StorageError) -> Database:
    spare = await asyncio.to_thread(open_spare, path)
    kept = "The settings in it are used as they are, and" if spare.filled else "Servers have their first settings, and"
    trouble = f"{error} Until then members get answers and support; {kept[0].lower()}{kept[1:]} nothing can be changed."
    tell(trouble)
    return Database(path, _engine(spare.url), lock, spare, trouble)


def _engine(place: str) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{place}", connect_args={"timeout": BUSY_SECONDS}, pool_size=CONNECTIONS, max_overflow=0
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
