"""What went wrong with the database file, in words for the person who runs the bot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError

_SENTENCES: Final = (
    (
        ("not a database", "malformed", "disk image", "no such table", "no such column", "decode"),
        "is damaged or is no NextStep database. Put a backup back: stop the bot, `nextstep restore FILE`, start it.",
    ),
    (
        ("locked", "busy"),
        "is in use by another program. Stop that program (a second bot, a database viewer) and try again.",
    ),
    (
        ("readonly", "read-only", "attempt to write"),
        "cannot be written. Give this account write access to it and its folder.",
    ),
    (("full", "no space"), "cannot grow: the disk is full. Free some space; nothing that was saved is lost."),
    (("unable to open",), "cannot be opened. Check that its folder exists and that this account may write there."),
    (
        ("disk i/o",),
        "cannot be read or written: the disk reports an error, or has become read-only. Check the disk, then start "
        "the bot again.",
    ),
)


def sentence(path: Path, error: BaseException) -> str:
    """One sentence on what is wrong with the file and what to do."""
    text = str(getattr(error, "orig", None) or error).lower()
    for words, rest in _SENTENCES:
        if any(word in text for word in words):
            return f"The database {path} {rest}"
    return f"The database {path} refused a step ({type(getattr(error, 'orig', None) or error).__name__})."


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Turn what the database drivers raise into :class:`StorageError` with a clear sentence; values stay out of it."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError, UnicodeError) as error:
        raise StorageError(sentence(path, error)) from error
