"""The bot as a process of its own: start, signals, exit codes, health, restarts."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from bot.knowledge.locating import packaged
from bot.knowledge.model import Kind
from bot.knowledge.writing import file_text
from bot.operations.health import check_health
from tests import shipped
from tests.client import small
from tests.discord_server import LocalDiscord

START_SECONDS: Final = 120.0
"""How long a process may take to start: patience for a machine with much else to do, not a bar."""


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge folder with a few pages, quick to index."""
    folder = tmp_path_factory.mktemp("knowledge")
    for file in (*packaged().rglob("*.yaml"), *packaged().rglob("*.json")):
        inside = file.relative_to(packaged())
        if inside.parts[0] in {kind.folder for kind in Kind} and file.stem not in small.KEPT:
            continue
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / inside)
    brief = shipped.brief()
    for key in small.KEPT:
        (folder / brief.entries[key].kind.folder / f"{key}.yaml").write_text(file_text(brief.entries[key]), "utf-8")
    for redirect in brief.redirects.values():
        (folder / "redirects" / f"{redirect.id}.yaml").write_text(file_text(redirect), "utf-8")
    (folder / "look-alikes.yaml").write_text("pairs: []\n", "utf-8")
    words = {**brief.vocabulary.model_dump(mode="json"), "ambiguous": {}}
    (folder / "vocabulary.yaml").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
    return folder


@asynccontextmanager
async def process(
    discord: LocalDiscord, folder: Path, pages: Path, **more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``nextstep run`` in a process of its own, killed at the end if it has not ended by then."""
    environment = {
        **os.environ,
        **discord.environment,
        "NEXTSTEP_KNOWLEDGE": str(pages),
        "NEXTSTEP_DATABASE": str(folder / "bot.db"),
        "NEXTSTEP_HEALTH_FILE": str(folder / "health.json"),
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run",
        env={**environment, **more}, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def ended(child: asyncio.subprocess.Process) -> tuple[int, str]:
    """Exit code and log."""
    _, log = await asyncio.wait_for(child.communicate(), START_SECONDS)
    assert child.returncode is not None
    return child.returncode, log.decode()


async def test_it_answers_finishes_what_it_began_and_leaves_cleanly(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord, process(discord, tmp_path, pages) as child:
        await discord.connected(seconds=START_SECONDS)
        await discord.reply_to(await discord.mention("what is lithium?"))
        verdict = check_health(tmp_path / "health.json", time.time())
        assert verdict.well, verdict.said
        discord.rest.delay = 0.3
        last = await discord.mention("what is ECT?")
        await asyncio.sleep(0.1)
        child.send_signal(signal.SIGTERM)
        code, log = await ended(child)
        assert code == 0
        assert len(discord.replies(last)) == 1
        assert discord.gateway.counts.get("closed 1000") == 1
        assert "lithium?" not in log
        assert "Alice" not in log
        assert discord.token not in log
        assert not (tmp_path / "health.json").exists()


async def test_a_killed_bot_comes_back_and_answers_nothing_twice(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord() as discord:
        async with process(discord, tmp_path, pages) as child:
            await discord.connected(seconds=START_SECONDS)
            first = await discord.mention("what is lithium?")
            await discord.reply_to(first)
            child.kill()
            await child.wait()
        async with process(discord, tmp_path, pages):
            await discord.connected(times=2, seconds=START_SECONDS)
            discord.gateway.publish("MESSAGE_CREATE", first)
            await discord.reply_to(await discord.mention("what is ECT?"))
            assert len(discord.replies(first)) == 1
            assert sum(r.method == "PUT" for r in discord.requests) == 1


async def test_what_only_a_person_can_mend_exits_78_with_one_sentence(tmp_path: Path, pages: Path) -> None:
    async with LocalDiscord(strict=False) as discord, process(discord, tmp_path, pages, DISCORD_TOKEN="no") as child:
        code, log = await ended(child)
        assert code == 78
        assert "developer portal" in log.splitlines()[-1]
        assert "Traceback" not in log
