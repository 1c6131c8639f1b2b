"""The whole process in trouble: what its operator sees, and that members keep getting answers and support."""

from __future__ import annotations

import asyncio
import concurrent.futures
import errno
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import Settings as BotSettings
from bot.operations.doctor import database as look_at_database
from bot.operations.doctor import running
from bot.operations.health import check_health
from bot.operations.keeping import put_back
from bot.storage import GuildSettings, Settings, copy_to, open_database
from bot.storage.database import LATER_SECONDS
from tests.client.test_life import START_SECONDS, ended, process
from tests.discord_server import LocalDiscord
from tests.operations.test_metrics import free_port
from tests.operations.trouble import Trouble, needs_compiler

SUPPORT = "i want to kill myself tonight"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.bind(str(tmp_path / "notify"))
        wire.setblocking(False)
        yield wire


async def told(manager: socket.socket) -> str:
    return (await asyncio.wait_for(asyncio.get_running_loop().sock_recv(manager, 200), START_SECONDS)).decode()


async def answers(discord: LocalDiscord) -> None:
    """A question and a cry for help both get what they ask for."""
    answer = await discord.reply_to(await discord.mention("what is lithium?"))
    assert "### Lithium" in answer.text()
    support = await discord.reply_to(await discord.mention(SUPPORT, by=discord.bob))
    assert "Show support" in support.labels()


async def said(child: asyncio.subprocess.Process, what: str) -> str:
    """The log as far as the line that holds ``what``."""
    assert child.stderr is not None
    log = ""
    while what not in log:
        line = await asyncio.wait_for(child.stderr.readline(), START_SECONDS)
        assert line, f"{what} was never said"
        log += line.decode()
    return log


def lines_about_storage(log: str) -> list[str]:
    """What the operator is told about the database; with it, that no words of members are there."""
    assert "Traceback" not in log
    assert "lithium?" not in log
    return [line for line in log.splitlines() if "where=storage" in line or "event=database" in line]


async def test_a_service_manager_hears_ready_alive_and_leaving(
    tmp_path: Path, pages: Path, manager: socket.socket
) -> None:
    port = free_port()
    more = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "NEXTSTEP_METRICS_PORT": str(port)}
    async with LocalDiscord() as discord, process(discord, tmp_path, pages, **more) as child:
        heard = [await told(manager)]
        while "READY=1" not in heard[-1]:
            heard.append(await told(manager))
        await discord.connected(seconds=START_SECONDS)
        await answers(discord)
        assert "WATCHDOG=1" in await told(manager) or any("WATCHDOG=1" in state for state in heard)
        await discord.slash("me")
        discord.fail("POST", "/channels/*/messages", 503)
        await discord.reply_to(await discord.mention("what is ECT?"))
        text = await asyncio.to_thread(
            lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
        )
        assert 'nextstep_answers_total{kind="support"} 1.0' in text
        assert "nextstep_interaction_seconds_count 1.0" in text
        assert 'nextstep_rest_errors_total{status="503"} 1.0' in text
        assert "nextstep_knowledge_entries 9.0" in text
        for queue in ("replies", "edits", "alerts", "sent-questions"):
            assert f'nextstep_queue_length{{queue="{queue}"}} 0.0' in text
        assert 'nextstep_gateway_up{shard="0"} 1.0' in text
        assert not [word for word in ("lithium", "kill", str(discord.guild.id), str(discord.bob.id)) if word in text]
        child.send_signal(signal.SIGTERM)
        assert (await ended(child))[0] == 0
        while "STOPPING=1" not in heard[-1]:
            heard.append(await told(manager))


async def test_a_second_process_on_the_same_database_refuses_in_a_sentence(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages):
        await discord.connected(seconds=START_SECONDS)
        async with process(discord, tmp_path, pages) as second:
            code, log = await ended(second)
        assert code != 0
        assert "already used by another NextStep process" in log.splitlines()[-1]
        assert "Traceback" not in log
        await answers(discord)


async def test_a_token_that_expires_in_flight_ends_with_78(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord(strict=False) as discord, process(discord, tmp_path, pages) as child:
        await discord.connected(seconds=START_SECONDS)
        await answers(discord)
        discord.rest.token = discord.gateway.token = "another"
        await discord.gateway.close_all(4004)
        code, log = await ended(child)
        assert code == 78
        assert "Reset Token" in log.splitlines()[-1]
        assert "Traceback" not in log


@needs_compiler
@pytest.mark.parametrize(
    ("refusal", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "has become read-only")],
    ids=["full", "fixed"],
)
async def test_while_the_disk_takes_nothing_members_are_answered(
    tmp_path: Path, pages: Path, trouble: Trouble, refusal: int, said: str
) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages, **trouble.environment) as child:
        await discord.connected(seconds=START_SECONDS)
        trouble.order(refuse=refusal)
        for _ in range(2):
            await answers(discord)
            await asyncio.sleep(LATER_SECONDS + 0.1)
        refused = await discord.slash("me", by=discord.bob)
        refused = await discord.press(refused.shown, refused.shown.labels()[0], by=discord.bob)
        assert "I cannot save anything at the moment" in refused.text()
        trouble.order()
        await answers(discord)
        saved = await discord.slash("me", by=discord.bob)
        saved = await discord.press(saved.shown, saved.shown.labels()[0], by=discord.bob)
        assert "I cannot save" not in saved.text()
        child.send_signal(signal.SIGTERM)
        code, log = await ended(child)
    assert code == 0
    (line,) = lines_about_storage(log)
    assert said in line


async def test_when_the_database_is_deleted_members_are_answered(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages) as child:
        await discord.connected(seconds=START_SECONDS)
        (tmp_path / "bot.db").unlink()
        for _ in range(2):
            await answers(discord)
            await asyncio.sleep(LATER_SECONDS + 0.1)
        child.send_signal(signal.SIGTERM)
        code, log = await ended(child)
    assert code == 0
    (line,) = lines_about_storage(log)
    assert "was deleted or replaced while the bot runs" in line
    assert "nextstep restore FILE" in line


async def test_when_the_database_is_damaged_members_are_answered(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages) as child:
        await discord.connected(seconds=START_SECONDS)
        await answers(discord)
        for file in tmp_path.glob("bot.db*"):
            if not file.name.endswith(".lock"):
                with file.open("r+b") as opened:
                    opened.write(b"\xff" * file.stat().st_size)
        newcomer = discord.world.member(discord.guild, "Newcomer")
        answer = await discord.reply_to(await discord.mention("what is lithium?", by=newcomer))
        assert "### Lithium" in answer.text()
        log = await said(child, "where=storage")
        await answers(discord)
        refused = await discord.slash("me")
        refused = await discord.press(refused.shown, refused.shown.labels()[0])
        assert "I cannot save anything at the moment" in refused.text()
        child.send_signal(signal.SIGTERM)
        code, rest = await ended(child)
    assert code == 0
    (line,) = lines_about_storage(log + rest)
    assert "is damaged" in line
    assert "nextstep restore FILE" in line


async def test_with_a_broken_knowledge_folder_support_is_there_and_the_rest_is_honest(tmp_path: Path) -> None:
    broken = tmp_path / "knowledge"
    broken.mkdir()
    (broken / "interface.yaml").write_text("first-contact: [", "utf-8")
    async with LocalDiscord() as discord, process(discord, tmp_path, broken) as child:
        await discord.connected(seconds=START_SECONDS)
        answer = await discord.reply_to(await discord.mention("what is lithium?"))
        assert "I have no answer for you at the moment" in answer.text()
        support = await discord.reply_to(await discord.mention(SUPPORT, by=discord.bob))
        assert "Show support" in support.labels()
        child.send_signal(signal.SIGTERM)
        code, log = await ended(child)
    assert code == 0
    assert "interface.yaml" in log


async def prepared(path: Path, *, general: int) -> None:
    """A database in which a server chose plain text."""
    database = await open_database(path)
    await Settings(database).save(GuildSettings(general, plain=True))
    await database.close()


async def test_damaged_at_the_start_it_answers_from_memory_until_a_backup_is_put_back(
    tmp_path: Path, pages: Path
) -> None:
    database = tmp_path / "bot.db"
    async with LocalDiscord() as discord:
        await prepared(database, general=discord.guild.id)
        copy_to(database, tmp_path / "backup.db")
        database.write_bytes(b"\xff" * 9000)
        async with process(discord, tmp_path, pages) as child:
            await discord.connected(seconds=START_SECONDS)
            await answers(discord)
            refused = await discord.slash("me")
            refused = await discord.press(refused.shown, refused.shown.labels()[0])
            assert "I cannot save anything at the moment" in refused.text()
            said = check_health(tmp_path / "health.json", time.time())
            assert said.well
            assert "nextstep restore FILE" in said.said
            found = doctor(tmp_path)
            assert "is damaged" in found["database"]
            assert "is damaged" in found["running bot"]
            child.send_signal(signal.SIGTERM)
            code, log = await ended(child)
        assert code == 0
        (line,) = lines_about_storage(log)
        assert "nextstep restore FILE" in line
        put_back(tmp_path / "backup.db", database)
        assert (tmp_path / "bot.db.damaged").read_bytes() == b"\xff" * 9000
        assert "running bot" not in doctor(tmp_path)
        async with process(discord, tmp_path, pages):
            await discord.connected(times=2, seconds=START_SECONDS)
            answer = await discord.reply_to(await discord.mention("what is lithium?"))
            assert answer.components == [] or "### " not in answer.text()


@needs_compiler
async def test_unwritable_at_the_start_it_keeps_to_the_settings_that_it_can_read(
    tmp_path: Path, pages: Path, trouble: Trouble
) -> None:
    trouble.order(refuse=errno.EROFS)
    async with LocalDiscord() as discord:
        await prepared(tmp_path / "bot.db", general=discord.guild.id)
        async with process(discord, tmp_path, pages, **trouble.environment) as child:
            await discord.connected(seconds=START_SECONDS)
            answer = await discord.reply_to(await discord.mention("what is lithium?"))
            assert answer.content.startswith("Lithium"), "plain text, as the server chose"
            assert "used as they are" in check_health(tmp_path / "health.json", time.time()).said
            child.send_signal(signal.SIGTERM)
            code, log = await ended(child)
    assert code == 0
    (line,) = lines_about_storage(log)
    assert "this account may write there" in line


async def test_deleted_before_the_start_a_new_one_is_made_and_said(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord:
        await prepared(tmp_path / "bot.db", general=discord.guild.id)
        (tmp_path / "bot.db").unlink()
        assert "is gone, although a bot has run with it" in doctor(tmp_path)["database"]
        async with process(discord, tmp_path, pages) as child:
            await discord.connected(seconds=START_SECONDS)
            await answers(discord)
            child.send_signal(signal.SIGTERM)
            _, log = await ended(child)
    (line,) = lines_about_storage(log)
    assert "a new, empty one was made" in line


def doctor(folder: Path) -> dict[str, str]:
    """What the doctor finds about the database of a bot that runs in ``folder``."""
    settings = BotSettings(nextstep_database=folder / "bot.db", nextstep_health_file=folder / "health.json")
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        looked = thread.submit(lambda: asyncio.run(look_at_database(settings.nextstep_database))).result()
    return {one.name: f"{one.said} {one.todo}" for one in (looked.finding, *running(settings, time.time()))}


@needs_compiler
async def test_when_the_clock_is_set_back_an_hour_everything_goes_on(
    tmp_path: Path, pages: Path, trouble: Trouble
) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages, **trouble.environment) as child:
        await discord.connected(seconds=START_SECONDS)
        await answers(discord)
        trouble.order(shift=-3600)
        await answers(discord)
        asked = await discord.slash("ask", question="what is ECT?")
        assert "ECT" in asked.text()
        trouble.order(shift=3600)
        await answers(discord)
        child.send_signal(signal.SIGTERM)
        code, log = await ended(child)
    assert code == 0
    unwanted = [line for line in log.splitlines() if "level=INFO" not in line]
    assert unwanted == []
