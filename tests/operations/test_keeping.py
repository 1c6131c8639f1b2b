"""Backup, restore, upgrade and rollback, walked through the commands an operator types."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.errors import DatabaseUnfit, StorageError, UsageError
from bot.operations.keeping import back_up
from bot.storage import State, open_database, open_or_do_without
from bot.storage.upgrading import _config, current, newest

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def typed(database: Path, *words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"NEXTSTEP_DATABASE": str(database)})


async def put(database: Path, value: str) -> None:
    opened = await open_database(database)
    try:
        await State(opened).put("note", value)
    finally:
        await opened.close()


async def note(database: Path) -> str | None:
    opened = await open_database(database)
    try:
        return await State(opened).get("note")
    finally:
        await opened.close()


def first_revision() -> str:
    with _config() as config:
        (base,) = ScriptDirectory.from_config(config).get_bases()
    return base


def old_database(path: Path) -> None:
    """What the first version of the program left behind."""
    from alembic import command
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{path}")
    with _config() as config, engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, first_revision())
        connection.exec_driver_sql("INSERT INTO state VALUES ('note', 'kept through')")
    engine.dispose()


async def test_the_walk_backup_restore_upgrade_and_going_back(tmp_path: Path) -> None:
    database, copy = tmp_path / "bot.sqlite3", tmp_path / "copy.sqlite3"
    await asyncio.to_thread(old_database, database)

    # an upgrade, which takes a backup first
    running = await open_database(database)
    saved = tmp_path / f"bot.sqlite3.before-{newest()}"
    assert (current(database), current(saved)) == (newest(), first_revision())
    assert await State(running).get("note") == "kept through"

    # a backup while it runs; putting it back only once it is stopped
    await State(running).put("note", "before")
    made = await asyncio.to_thread(typed, database, "backup", str(copy))
    assert made.exit_code == 0, made.output
    await State(running).put("note", "after")
    refused = await asyncio.to_thread(typed, database, "restore", str(copy))
    assert isinstance(refused.exception, StorageError)
    assert "already used by another NextStep process" in str(refused.exception)
    await running.close()
    back = await asyncio.to_thread(typed, database, "restore", str(copy))
    assert back.exit_code == 0, back.output
    assert await note(database) == "before"
    assert await note(tmp_path / "bot.sqlite3.before-restore") == "after"

    # a newer version upgraded it; this one refuses it and leaves it alone, and takes the backup from before
    with closing(sqlite3.connect(database)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = 's9999'")
    for opening in (open_database, open_or_do_without):
        with pytest.raises(DatabaseUnfit, match="newer NextStep") as newer_kind:
            await opening(database)
        assert newer_kind.value.exit_code == 78
    back = await asyncio.to_thread(typed, database, "restore", str(saved))
    assert back.exit_code == 0, back.output
    assert current(database) == first_revision()
    assert await note(database) == "kept through"
    assert current(database) == newest()


async def test_in_a_folder_only_the_newest_backups_stay(tmp_path: Path) -> None:
    database, folder = tmp_path / "bot.sqlite3", tmp_path / "backups"
    folder.mkdir()
    (folder / "mine.txt").write_text("left alone")
    await put(database, "x")
    made = [back_up(database, folder, NOW + timedelta(days=day), keep=3) for day in range(5)]
    assert sorted(folder.iterdir()) == sorted([*made[-3:], folder / "mine.txt"])
    assert all(file.stat().st_mode & 0o077 == 0 for file in made[-3:])


async def test_a_backup_onto_the_database_itself_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "bot.sqlite3"
    await put(database, "x")
    link = tmp_path / "link.sqlite3"
    link.symlink_to(database)
    for command in ("backup", "restore"):
        assert isinstance(typed(database, command, str(link)).exception, UsageError)
    assert await note(database) == "x"


def test_keeping_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="folder"):
        back_up(tmp_path / "bot.sqlite3", tmp_path / "file.sqlite3", NOW, keep=3)


async def test_a_corrupted_page_is_neither_backed_up_nor_lost(tmp_path: Path) -> None:
    database, copy = tmp_path / "bot.sqlite3", tmp_path / "copy.sqlite3"
    await put(database, "x")
    assert (await asyncio.to_thread(typed, database, "backup", str(copy))).exit_code == 0
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    broken = database.read_bytes()
    failed = await asyncio.to_thread(typed, database, "backup", str(tmp_path / "second.sqlite3"))
    assert isinstance(failed.exception, StorageError)
    assert "damaged" in str(failed.exception)
    assert not (tmp_path / "second.sqlite3").exists()
    assert (await asyncio.to_thread(typed, database, "restore", str(copy))).exit_code == 0
    assert await note(database) == "x"
    assert (tmp_path / "bot.sqlite3.damaged").read_bytes() == broken


async def test_a_full_disk_is_said_in_one_sentence_and_costs_nothing(tmp_path: Path) -> None:
    database, copy = tmp_path / "bot.sqlite3", tmp_path / "copy.sqlite3"
    await put(database, "x" * 500_000)
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-B", "-m", "bot", "backup", str(copy)],
        env={"NEXTSTEP_DATABASE": str(database), "PATH": "/usr/bin:/bin"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "disk" in ended.stderr
    assert not copy.exists()
    assert await note(database) == "x" * 500_000


async def test_a_deleted_database_is_made_anew_and_can_be_put_back(tmp_path: Path) -> None:
    database, copy = tmp_path / "bot.sqlite3", tmp_path / "copy.sqlite3"
    await put(database, "x")
    assert (await asyncio.to_thread(typed, database, "backup", str(copy))).exit_code == 0
    database.unlink()
    missing = await asyncio.to_thread(typed, database, "backup", str(tmp_path / "none.sqlite3"))
    assert "no database" in str(missing.exception)
    assert await note(database) is None
    assert (await asyncio.to_thread(typed, database, "restore", str(copy))).exit_code == 0
    assert await note(database) == "x"
