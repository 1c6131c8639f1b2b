"""The whole process in trouble: what its operator sees, and that members keep getting answers and support."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.storage.database import LATER_SECONDS
from tests.client.test_life import ended, process
from tests.discord_server import LocalDiscord
from tests.operations.test_metrics import free_port

SUPPORT = "i want to kill myself tonight"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.bind(str(tmp_path / "notify"))
        wire.setblocking(False)
        yield wire


async def told(manager: socket.socket) -> str:
    return (await asyncio.wait_for(asyncio.get_running_loop().sock_recv(manager, 200), 30)).decode()


async def answers(discord: LocalDiscord) -> None:
    """A question and a cry for help are both answered, by different texts."""
    answer = await discord.reply_to(await discord.mention("what is lithium?"))
    support = await discord.reply_to(await discord.mention(SUPPORT, by=discord.bob))
    assert answer is not support


async def test_a_service_manager_hears_ready_alive_and_leaving(
    tmp_path: Path, pages: Path, manager: socket.socket
) -> None:
    port = free_port()
    more = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "NEXTSTEP_METRICS_PORT": str(port)}
    async with LocalDiscord() as discord, process(discord, tmp_path, pages, **more) as child:
        heard = [await told(manager)]
        while "READY=1" not in heard[-1]:
            heard.append(await told(manager))
        await discord.connected(seconds=30)
        await answers(discord)
        assert "WATCHDOG=1" in await told(manager) or any("WATCHDOG=1" in state for state in heard)
        text = await asyncio.to_thread(
            lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
        )
        assert 'nextstep_answers_total{kind="support"} 1.0' in text
        assert 'nextstep_gateway_up{shard="0"} 1.0' in text
        assert not [word for word in ("lithium", "kill", str(discord.guild.id), str(discord.bob.id)) if word in text]
        child.send_signal(signal.SIGTERM)
        assert (await ended(child))[0] == 0
        while "STOPPING=1" not in heard[-1]:
            heard.append(await told(manager))


async def test_a_second_process_on_the_same_database_refuses_in_a_sentence(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages):
        await discord.connected(seconds=30)
        async with process(discord, tmp_path, pages) as second:
            code, log = await ended(second)
        assert code != 0
        assert "already used by another NextStep process" in log.splitlines()[-1]
        assert "Traceback" not in log
        await answers(discord)


async def test_a_token_that_expires_in_flight_ends_with_78(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord(strict=False) as discord, process(discord, tmp_path, pages) as child:
        await discord.connected(seconds=30)
        await answers(discord)
        discord.rest.token = discord.gateway.token = "another"
        await discord.gateway.close_all(4004)
        code, log = await ended(child)
        assert code == 78
        assert "Reset Token" in log.splitlines()[-1]
        assert "Traceback" not in log


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the limit of a running process is set as on Linux")
async def test_on_a_full_or_read_only_disk_members_are_answered(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages) as child:
        await discord.connected(seconds=30)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (0, 0))
        for _ in range(2):
            await answers(discord)
            await asyncio.sleep(LATER_SECONDS + 0.3)
        await discord.slash("ask", question="what is ECT?")
        child.send_signal(signal.SIGTERM)
        code, log = await ended(child)
        assert code in {0, 2}
        told_operator = [line for line in log.splitlines() if "where=storage" in line]
        assert len(told_operator) == 1, log
        assert "disk" in told_operator[0]
        assert "Traceback" not in log
        assert "lithium?" not in log


async def test_when_the_database_is_deleted_members_are_answered(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages):
        await discord.connected(seconds=30)
        for file in tmp_path.glob("bot.db*"):
            file.unlink()
        await answers(discord)


async def test_when_the_database_is_damaged_members_are_answered(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages):
        await discord.connected(seconds=30)
        await answers(discord)
        for file in tmp_path.glob("bot.db*"):
            if not file.name.endswith(".lock"):
                with file.open("r+b") as opened:
                    opened.write(b"\xff" * file.stat().st_size)
        await answers(discord)


async def test_a_database_that_is_damaged_at_the_start_is_said_in_a_sentence(tmp_path: Path, pages: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"\xff" * 9000)
    async with LocalDiscord() as discord, process(discord, tmp_path, pages) as child:
        code, log = await ended(child)
        assert code != 0
        assert "bot.db" in log.splitlines()[-1]
        assert "restore" in log.splitlines()[-1]
        assert "Traceback" not in log
