"""``python -m tests.deploy.walk``: README's five minutes, followed word by word in a fresh folder, and timed.

A local Discord stands in for the real one, so making the application (step 1) is the only thing that is not done. The
commands are those that README gives; a README that no longer gives them fails the walk.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import re
import shlex
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.discord_server import LocalDiscord
from tests.discord_server.world import Guild

ROOT: Final = Path(__file__).resolve().parents[2]
HEADING: Final = "## On your Discord server in five minutes"
START_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Steps:
    """What README tells an administrator to type: in the shell, and then on Discord."""

    shell: str
    setup: str
    test: str
    ask: str
    question: str


def read(readme: str) -> Steps:
    """The five minutes as they are written. Raises ``AssertionError`` where a step is no longer there."""
    part = readme.partition(HEADING)[2].partition("\n## ")[0]
    wanted = r"`DISCORD_TOKEN=… ([^`]+)`.*`/(setup)`.*press \*\*([^*]+)\*\*\..*`/(ask) ([^`]+)`"
    found = re.search(wanted, part, re.DOTALL)
    assert found is not None, f"README's “{HEADING}” lacks one of its steps"
    return Steps(*found.groups())


@dataclass
class Watch:
    """How long each step took."""

    began: float = field(default_factory=time.monotonic)
    steps: list[tuple[str, float]] = field(default_factory=list)

    def done(self, step: str) -> None:
        """A step ended now."""
        spent = time.monotonic() - self.began - sum(seconds for _, seconds in self.steps)
        self.steps.append((step, spent))

    @property
    def seconds(self) -> float:
        """From the first step to the end of the last."""
        return sum(seconds for _, seconds in self.steps)

    def __str__(self) -> str:
        rows = [f"{seconds:8.1f} s  {step}" for step, seconds in self.steps]
        return "\n".join([*rows, f"{self.seconds:8.1f} s  in all, without making the application in the portal"])


def fresh(folder: Path) -> Path:
    """What somebody gets who clones the repository: its last commit, and nothing else that lies about here."""
    made = subprocess.run(["git", "archive", "--format=tar", "HEAD"], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(made.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@asynccontextmanager
async def typed(command: str, folder: Path, discord: LocalDiscord) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command of the shell, in ``folder``, that runs until the block ends."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "VENV"))}
    child = await asyncio.create_subprocess_exec(
        *shlex.split(command), cwd=folder, env={**own, **discord.environment}, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield child
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGTERM)
        await asyncio.wait_for(child.wait(), 20)


async def walk(command: str, folder: Path, steps: Steps) -> Watch:
    """Start, invite, set up, ask; gives the times. Raises when a step does not do what README says."""
    watch = Watch()
    async with LocalDiscord() as discord:
        server, administrator = _server(discord), discord.admin
        channel = discord.world.channel(server, "questions")
        async with typed(command, folder, discord) as child:
            ready = asyncio.ensure_future(discord.connected(seconds=START_SECONDS))
            await asyncio.wait({ready, asyncio.ensure_future(child.wait())}, return_when=asyncio.FIRST_COMPLETED)
            assert ready.done(), f"{command} ended by itself"
            await discord.synced()
            watch.done(command)
            discord.invite(server)
            await discord.settled(0.1)
            watch.done("invited")
            panel = await discord.slash(steps.setup, by=administrator, channel=channel)
            assert panel.original is not None
            answer_here = panel.original.controls()[0]["custom_id"]
            await discord.choose(panel.original, answer_here, [str(channel.id)], by=administrator)
            more = await discord.press(panel.original, "Country, hours, style", by=administrator)
            form = await discord.press(more.source or panel.original, "Change country", by=administrator)
            await discord.submit(form, {"Country": "GB"})
            report = await discord.press(panel.original, steps.test, by=administrator)
            await discord.until(lambda: "fine" in report.text(), what="the report")
            watch.done(f"/{steps.setup}: a channel, a country, {steps.test}")
            answer = await discord.slash(steps.ask, by=administrator, channel=channel, question=steps.question)
            assert "### Lithium: side effects" in answer.text()
            watch.done(f"first answer: /{steps.ask} {steps.question}")
    return watch


def _server(discord: LocalDiscord) -> Guild:
    """A server of the administrator's own, without the bot in it."""
    discord.world.installed.discard(discord.guild.id)
    del discord.guild.members[discord.world.bot.id]
    return discord.guild


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk, and print the times."""
    options = argparse.ArgumentParser(prog="python -m tests.deploy.walk", description=__doc__)
    options.add_argument("--keep", type=Path, help="the fresh folder, kept afterwards; a temporary one by default")
    given = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nextstep-walk-") as made:
        folder = fresh(given.keep or Path(made) / "nextstep")
        os.environ["XDG_CACHE_HOME"] = str(Path(made) / "cache")  # nothing that was compiled here before helps
        steps = read((folder / "README.md").read_text(encoding="utf-8"))
        watch = asyncio.run(walk(steps.shell, folder, steps))
    sys.stdout.write(f"{watch}\n")
    return 0 if watch.seconds < 300 else 1


if __name__ == "__main__":
    sys.exit(main())
