"""Opening, upgrading, sharing and losing the database file."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from bot.editing.upkeep import Verdict
from bot.errors import StorageError
from bot.storage import (
    Feedback,
    GuildSettings,
    Member,
    Members,
    Replies,
    Settings,
    Staffed,
    State,
    copy_to,
    described,
    migrations,
    open_database,
    open_or_do_without,
    restore,
)
from bot.storage.database import CONNECTIONS
from bot.storage.tables import METADATA
from bot.storage.upgrading import newest


async def test_a_new_file_has_exactly_the_tables_that_are_described(tmp_path: Path) -> None:
    await (await open_database(tmp_path / "sub" / "bot.db")).close()
    engine = create_engine(f"sqlite:///{tmp_path}/sub/bot.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_scripts_are_named_by_their_revision_and_the_last_one_is_the_newest() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"s{script.revision}_")
    assert newest() == scripts.get_current_head()


def test_every_column_says_why_and_how_long() -> None:
    assert [kept for kept in described() if not kept.why or not kept.kept] == []


async def test_it_writes_ahead_and_enforces_keys(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db")
    async with database.reading() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar() == 1
    with pytest.raises(StorageError):
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO guild_channels VALUES (1, 2, 'answer')"))
    await database.close()


async def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db")

    async def write_half() -> None:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO state VALUES ('a', 'b')"))
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        await write_half()
    assert await State(database).get("a") is None
    await database.close()


async def test_fifty_writers_at_once_all_get_their_turn(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db")
    replies = Replies(database)
    won = await asyncio.gather(*(replies.first_time("thread", number) for number in range(50)))
    assert sum(won) == 1
    await database.close()


async def test_whoever_writes_need_not_wait_for_the_many_who_want_to_read(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db")
    reading, enough = [asyncio.Event() for _ in range(CONNECTIONS)], asyncio.Event()

    async def read(begun: asyncio.Event) -> None:
        async with database.reading():
            begun.set()
            await enough.wait()

    readers = [asyncio.create_task(read(begun)) for begun in reading]
    async with asyncio.timeout(60):
        for begun in reading[: CONNECTIONS - 1]:
            await begun.wait()
        await State(database).put("a", "b")
        assert not reading[-1].is_set(), "as many read at once as there are connections for it"
        enough.set()
        await asyncio.gather(*readers)
    assert await State(database).get("a") == "b"
    await database.close()


async def test_who_reads_while_what_waited_is_being_written_sees_it(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db")
    feedback = Feedback(database)
    for number in range(60):
        await feedback.rate(f"page-{number}", "overview", Verdict.HELPFUL, 1_795_000_000)
        flushing = asyncio.create_task(database.flush())
        await asyncio.sleep(number % 20 / 5_000)  # up to four milliseconds: before, within and after the write
        assert len(await feedback.months()) == number + 1
        await flushing
    await database.close()


async def test_what_is_written_later_is_there_for_whoever_reads_and_after_closing(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db")
    replies = Replies(database)
    assert [replies.claim(number, 1, 2, 0) for number in (7, 7, 8)] == [True, False, True]
    assert {record.message_id for record in await replies.all_of(2)} == {7, 8}
    replies.claim(9, 1, 2, 0)
    await database.close()
    again = await open_database(tmp_path / "bot.db")
    assert len(await Replies(again).all_of(2)) == 3
    await again.close()


async def test_closing_writes_at_once_what_would_have_waited_longer(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db", lateness=3600)
    Replies(database).claim(7, 1, 2, 0)
    await asyncio.sleep(0)  # what holds it back has begun to wait
    async with asyncio.timeout(60):
        await database.close()
    again = await open_database(tmp_path / "bot.db")
    assert {record.message_id for record in await Replies(again).all_of(2)} == {7}
    await again.close()


async def test_a_second_process_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first = await open_database(tmp_path / "bot.db")
    with pytest.raises(StorageError, match="already used by another NextStep process"):
        await open_database(tmp_path / "bot.db")
    await first.close()
    await (await open_database(tmp_path / "bot.db")).close()


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    await (await open_database(path)).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer NextStep"):
        await open_database(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE accounts (id INTEGER)")
    with pytest.raises(StorageError, match="another program"):
        await open_database(path)


async def test_damage_is_said_plainly(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    path.write_bytes(b"this is not a database at all, and long enough to be read as one" * 20)
    with pytest.raises(StorageError, match="damaged"):
        await open_database(path)


async def test_a_file_locked_by_a_viewer_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.storage.database.BUSY_SECONDS", 0.05)
    path = tmp_path / "bot.db"
    database = await open_database(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as viewer:
        viewer.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="in use by another program"):
            await State(database).put("a", "b")
    await State(database).put("a", "b")
    await database.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
async def test_a_read_only_folder_is_said_plainly(tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir(mode=0o500)
    with pytest.raises(StorageError, match="write"):
        await open_database(folder / "bot.db")


async def test_a_path_that_cannot_be_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        await open_database(tmp_path / "file" / "bot.db")


async def test_a_full_disk_is_said_plainly_and_what_was_saved_stays(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db")
    state = State(database)
    await state.put("kept", "yes")
    async with database.reading() as connection:
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
    for connection in [await database.engine.connect() for _ in range(CONNECTIONS)]:
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        await connection.close()
    with pytest.raises(StorageError, match="disk is full"):
        await state.put("large", "x" * 1_000_000)
    assert await state.get("kept") == "yes"
    await database.close()


async def test_no_error_repeats_a_value(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "bot.db")
    with pytest.raises(StorageError) as caught:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO state VALUES (:n, NULL)"), {"n": "a secret"})
    assert "secret" not in str(caught.value)
    await database.close()


async def test_a_backup_is_taken_while_the_bot_writes_and_can_be_put_back(tmp_path: Path) -> None:
    path, target = tmp_path / "bot.db", tmp_path / "backups" / "one.db"
    database = await open_database(path)
    members = Members(database)
    await members.save(Member(1, country="GB"))
    writes = [members.save(Member(number)) for number in range(2, 40)]
    await asyncio.gather(database.backup(target), *writes)
    await members.save(Member(1, country="FR"))
    with pytest.raises(StorageError, match="already used"):
        restore(target, path)
    await database.close()
    kept = restore(target, path)
    assert kept is not None
    assert kept.exists()
    again = await open_database(path)
    assert (await Members(again).of(1)).country == "GB"
    await again.close()


async def test_a_damaged_backup_is_not_put_back(tmp_path: Path) -> None:
    path, target = tmp_path / "bot.db", tmp_path / "one.db"
    await (await open_database(path)).close()
    copy_to(path, target)
    target.write_bytes(target.read_bytes()[:3000])
    with pytest.raises(StorageError, match="damaged"):
        restore(target, path)
    await (await open_database(path)).close()


def test_a_backup_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        copy_to(tmp_path / "none.db", tmp_path / "copy.db")


def test_steps_go_forward_only() -> None:
    folder = Path(__file__).parents[2] / "bot" / "storage" / "migrations" / "versions"
    for step in folder.glob("s*.py"):
        assert re.search(r"def downgrade.*\n.*\n\s+raise NotImplementedError", step.read_text("utf-8")), step.name


@pytest.mark.parametrize(
    ("inside", "instead"),
    [
        (b"CREATE TABLE guilds", b"CREATE TABLE gu\xffld~"),
        (b"opted_out", b"\x80\x81\x82\x83\x84\x85\x86\x87\x88"),
        (b"Europe/London", b"Eu\xff\xfe\xfd/L\x80\x81\x82\x83\x84"),
        (b"SQLite format 3", b"\xff" * 15),
    ],
    ids=["a table", "a column", "a value", "the head"],
)
async def test_whatever_is_damaged_at_the_start_memory_stands_in(
    tmp_path: Path, inside: bytes, instead: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "bot.db"
    database = await open_database(path)
    await Settings(database).save(GuildSettings(1, staffed=Staffed(0, 60, "Europe/London")))
    await database.close()
    whole = path.read_bytes()
    assert inside in whole
    path.write_bytes(whole.replace(inside, instead))
    database = await open_or_do_without(path)
    assert "is damaged" in database.trouble
    assert "is damaged" in caplog.text
    settings, members = Settings(database), Members(database)
    await members.load()
    await settings.load()
    assert settings.of(1) == GuildSettings(1)
    await database.close()
