from __future__ import annotations

from pathlib import Path

import pytest

from bot.storage import Database
from tests.editing.room import Room, knowledge_folder


@pytest.fixture
async def room(tmp_path: Path, database: Database) -> Room:
    room = Room(knowledge_folder(tmp_path / "knowledge"), database)
    await room.publisher.start()
    room.swapped.clear()
    return room
