"""Backups while the bot runs, and putting one back while it does not."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StorageError
from bot.storage.tables import METADATA
from bot.storage.troubles import spoken


def copy_to(source: Path, target: Path) -> Path:
    """Copy a database, also while it is in use, into a new file; checks the copy and puts it in place in one step.

    Raises:
        StorageError: the source is missing or damaged, or the target cannot be written.
    """
    if not source.exists():
        raise StorageError(f"There is no database at {source}. Check the path.")
    partial = target.with_name(target.name + ".partial")
    with spoken(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        _private(partial)
    with spoken(source), closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(partial)) as writing:
        reading.backup(writing, pages=256)
        writing.execute("PRAGMA journal_mode = DELETE")
    check(partial)
    with spoken(target):
        os.replace(partial, target)
    return target


def _private(path: Path) -> None:
    """Create the file readable by this account alone."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def check_quickly(path: Path) -> None:
    """Read the whole file, of the newest schema, without comparing indexes and keys; for every start.

    Raises:
        StorageError: it is damaged.
    """
    with spoken(path), closing(sqlite3.connect(path)) as connection:
        whole = is_whole(connection)
    if not whole:
        raise StorageError(_damaged(path))


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether the file is sound and every column of every table can be read: SQLite's own check looks at neither
    names nor texts. Raises what SQLite raises."""
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        return False
    for table in METADATA.sorted_tables:
        columns = ", ".join(column.name for column in table.columns)
        for _ in connection.execute(f"SELECT {columns} FROM {table.name}"):  # noqa: S608 - names of our own
            pass
    return True


def _damaged(path: Path) -> str:
    return f"The database {path} is damaged. Put a backup back: stop the bot, `nextstep restore FILE`, start it."


def check(path: Path) -> None:
    """Read the whole file.

    Raises:
        StorageError: it is damaged.
    """
    with spoken(path), closing(sqlite3.connect(path)) as connection:
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if result != "ok" or broken is not None:
        raise StorageError(_damaged(path))
