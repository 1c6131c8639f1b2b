"""Shared by all tests: the packaged knowledge, read once per worker, and an empty database."""

from __future__ import annotations

import gc
import os
import re
import shutil
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # tests share their cores: threads would wait for each other

from bot.answering.pipeline import Answerer
from bot.app import Served, serve
from bot.storage import Database, open_database
from bot.storage.upgrading import upgrade
from tests.discord_server.openapi import ENVIRONMENT, FILE, locate

_WHOLE: Final = re.compile(r"^(async )?def \w+\([^)]*\b(answerer: Answerer|served: Served)\b", re.MULTILINE)
"""A test that asks for the whole knowledge."""


def _settled() -> None:
    """What is there now stays to the end: the collector need not walk it after every few tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def served() -> Served:
    """The packaged knowledge as it is served."""
    made = serve()
    _settled()
    return made


@pytest.fixture(scope="session")
def answerer(served: Served) -> Answerer:
    """Answers from the packaged knowledge."""
    return served.answerer


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables; copying it is quicker than making one for each test."""
    path = tmp_path_factory.mktemp("storage") / "bot.db"
    upgrade(path)
    return path


@pytest.fixture
async def database(tmp_path: Path, empty_file: Path) -> AsyncIterator[Database]:
    """An empty database in the test's folder, open."""
    database = await open_database(Path(shutil.copy(empty_file, tmp_path / "bot.db")), lateness=0.01)
    yield database
    await database.close()


def pytest_configure(config: pytest.Config) -> None:
    """What tests compile is kept among themselves, for the next run too, and never in the user's own cache."""
    if (kept := getattr(config, "cache", None)) is not None:
        os.environ["XDG_CACHE_HOME"] = str(kept.mkdir("compiled"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What importing all this made stays; and no test that wants the whole knowledge is dealt out by itself."""
    want = {item.nodeid.split("::")[0] for item in session.items if "served" in getattr(item, "fixturenames", ())}
    if missed := want - _whole():
        raise pytest.UsageError(f"not seen to want the whole knowledge, see tests/conftest.py: {sorted(missed)}")
    gc.set_threshold(10_000, 20, 20)
    _settled()


class ByNeed(LoadScopeScheduling):  # type: ignore[misc]
    """One worker asks the whole knowledge all that it is asked: indexing it takes longer than the tests of many a
    folder. Everything else is dealt out test by test."""

    def _split_scope(self, nodeid: str) -> str:
        return "whole" if nodeid.split("::", maxsplit=1)[0] in _whole() else nodeid


@cache
def _whole() -> frozenset[str]:
    """The files with tests that ask for the whole knowledge."""
    root = Path(__file__).parent
    files = (path for path in root.rglob("test_*.py") if _WHOLE.search(path.read_text(encoding="utf-8")))
    return frozenset(path.relative_to(root.parent).as_posix() for path in files)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByNeed:
    """How tests are dealt out to workers."""
    return ByNeed(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say when what the bot sends was not held against Discord's own file, as that is optional here."""
    if locate() is None:
        terminalreporter.write_line(
            f"SKIPPED: bodies against {FILE}, which is not here; own rules alone ({ENVIRONMENT})"
        )
