"""Brings a database file to this program's schema: forward only, with a backup before, never past its own version.

Alembic is imported where there is something to upgrade: most starts find the newest schema.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from bot.errors import DatabaseUnfit
from bot.storage.backups import copy_to

if TYPE_CHECKING:
    from alembic.config import Config


@contextmanager
def _config() -> Iterator[Config]:
    from alembic.config import Config  # noqa: PLC0415

    with resources.as_file(resources.files("bot.storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        yield config


def newest() -> str:
    """The revision that this program works with: that of the last script by name (``s0002_edits.py``)."""
    scripts = (resources.files("bot.storage") / "migrations" / "versions").iterdir()
    names = (script.name for script in scripts)
    return max(name[1:5] for name in names if name.startswith("s") and name.endswith(".py"))


def current(path: Path) -> str | None:
    """The revision of a database file; ``None`` when it is new or empty."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in tables:
            if tables:
                raise DatabaseUnfit(f"The database {path} belongs to another program. Name another file.")
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def upgrade(path: Path) -> Path | None:
    """Bring the file to the newest schema; gives the backup that was taken, if there was anything to back up.

    Raises:
        DatabaseUnfit: the file was written by a newer program, or belongs to another one.
    """
    found = current(path)
    head = newest()
    if found == head:
        return None
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    with _config() as config:
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise DatabaseUnfit(
                f"The database {path} was written by a newer NextStep (schema {found}; this one knows {head}). "
                "Install the newer version again, or restore a backup from before the upgrade."
            )
        backup = copy_to(path, path.with_name(f"{path.name}.before-{head}")) if found is not None else None
        _run(config, f"sqlite:///{path}")
    return backup


def upgrade_at(url: str) -> None:
    """Bring the database at an SQLAlchemy address, which nobody else's program wrote, to the newest schema."""
    with _config() as config:
        _run(config, url)


def _run(config: Config, url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            _upgrade_on(config, connection)
            connection.commit()
    finally:
        engine.dispose()


def _upgrade_on(config: Config, connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415

    config.attributes["connection"] = connection
    command.upgrade(config, "head")
