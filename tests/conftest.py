"""Shared by all tests: the packaged knowledge, read once per worker, and an empty database."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # tests share their cores: threads would wait for each other

from bot.answering.pipeline import Answerer
from bot.app import Served, serve
from bot.storage import Database, open_database
from bot.storage.upgrading import upgrade
from tests.discord_server.openapi import ENVIRONMENT, FILE, locate


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


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker asks the whole knowledge all that it is asked: indexing it takes longer than the rest of the tests of
    many a folder."""
    for item in items:
        if "served" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("whole"))
    gc.set_threshold(10_000, 20, 20)
    _settled()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say when what the bot sends was not held against Discord's own file, as that is optional here."""
    if locate() is None:
        terminalreporter.write_line(
            f"SKIPPED: bodies against {FILE}, which is not here; own rules alone ({ENVIRONMENT})"
        )
