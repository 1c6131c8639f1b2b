"""Backups by hand or by timer, and putting one back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from bot.errors import UsageError
from bot.storage import copy_to, restore

NAME: Final = "nextstep-%Y%m%d-%H%M%S.sqlite3"
PATTERN: Final = "nextstep-????????-??????.sqlite3"


def back_up(database: Path, target: Path, now: datetime, keep: int | None = None) -> Path:
    """Copy the database, also while the bot runs. In a folder the copy is named by ``now``, and only the newest
    ``keep`` stay.

    Raises:
        StorageError: the database is missing or damaged, or the copy cannot be written.
        UsageError: the target is the database itself, or ``keep`` has no folder to look after.
    """
    if keep is not None and (keep < 1 or not target.is_dir()):
        raise UsageError("--keep takes a number from 1 up, and a folder for the backups.")
    into_folder = target.is_dir()
    file = target / now.strftime(NAME) if into_folder else target
    _refuse_same(database, file)
    made = copy_to(database, file)
    if keep is not None:
        for old in sorted(target.glob(PATTERN))[:-keep]:
            old.unlink()
    return made


def put_back(backup: Path, database: Path) -> Path | None:
    """Put a backup in the database's place while no bot runs; gives where the old one is kept.

    Raises:
        StorageError: the backup is missing, damaged or of a newer program, or the database is in use.
        UsageError: the backup is the database itself.
    """
    _refuse_same(database, backup)
    return restore(backup, database)


def _refuse_same(database: Path, other: Path) -> None:
    if other.resolve() == database.resolve():
        raise UsageError(f"{other} is the database itself. Name another file.")
