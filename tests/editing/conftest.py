from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import open_database
from tests.editing.room import Room, knowledge_folder


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    database = await open_database(tmp_path / "bot.db")
    room = Room(knowledge_folder(tmp_path / "knowledge"), database)
    await room.publisher.start()
    room.swapped.clear()
    yield room
    await database.close()
