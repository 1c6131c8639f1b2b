"""A database in memory, for when the file cannot be used: answers and support need none, and go on."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.storage.backups import is_whole
from bot.storage.upgrading import upgrade_at


@dataclass(frozen=True, slots=True)
class Spare:
    """A database that lives as long as ``keeper``. ``url`` is SQLAlchemy's address without the dialect's name."""

    url: str
    keeper: sqlite3.Connection
    filled: bool
    """Whether it began as a copy of the file; else it is empty, and all settings are the careful defaults."""

    def close(self) -> None:
        """Let it go, with all that is in it."""
        self.keeper.close()


def open_spare(path: Path) -> Spare:
    """A database in memory with what the file at ``path`` holds, if all of that can be read; else an empty one.

    All or nothing: settings without the refusals that belong to them would be worse than none.
    """
    try:
        return _opened(path)
    except (sqlite3.Error, SQLAlchemyError, UnicodeError):
        return _opened(None)


def _opened(path: Path | None) -> Spare:
    """Every connection to ``/name`` of SQLite's ``memdb`` shares one database, with the same locks as a file."""
    name = f"file:/nextstep-{secrets.token_hex(8)}?vfs=memdb"
    keeper = sqlite3.connect(name, uri=True, check_same_thread=False, isolation_level=None)
    try:
        filled = path is not None and _copy(path, keeper)
        upgrade_at(f"sqlite:///{name}&uri=true")
        if not is_whole(keeper):
            raise sqlite3.DatabaseError("malformed")  # noqa: TRY301 - as SQLite itself would
    except BaseException:
        keeper.close()
        raise
    return Spare(f"{name}&uri=true", keeper, filled)


def _copy(path: Path, target: sqlite3.Connection) -> bool:
    """Whether there was a whole database to copy; raises what SQLite raises."""
    if not path.exists():
        return False
    with closing(_reading(path)) as source:
        if source.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            return False
        target.executescript("\n".join(source.iterdump()))
    return True


def _reading(path: Path) -> sqlite3.Connection:
    """The file, opened for reading alone; where not even a reader may leave its marks beside it, as it stands."""
    for how in ("mode=ro", "mode=ro&immutable=1"):
        source = sqlite3.connect(f"{path.as_uri()}?{how}", uri=True)
        try:
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            source.close()
        else:
            return source
    raise sqlite3.OperationalError("unable to open database file")
