from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage import Database, open_database
from bot.storage.upgrading import upgrade


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables; copying it is quicker than making one for each test."""
    path = tmp_path_factory.mktemp("storage") / "bot.db"
    upgrade(path)
    return path


@pytest.fixture
async def database(tmp_path: Path, empty_file: Path) -> AsyncIterator[Database]:
    database = await open_database(Path(shutil.copy(empty_file, tmp_path / "bot.db")))
    yield database
    await database.close()
