from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import open_database
from tests.editing.room import Room, knowledge_folder


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the newest schema, to be copied: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("database") / "empty.db"

    async def create() -> None:
        await (await open_database(path)).close()

    asyncio.run(create())
    return path


@pytest.fixture
async def room(tmp_path: Path, empty_database: Path) -> AsyncIterator[Room]:
    shutil.copy(empty_database, tmp_path / "bot.db")
    database = await open_database(tmp_path / "bot.db")
    room = Room(knowledge_folder(tmp_path / "knowledge"), database)
    await room.publisher.start()
    room.swapped.clear()
    yield room
    await database.close()
