from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage import Database
from tests.client.editors.house import House, house, some_pages


@pytest.fixture
async def lodge(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """The editors' house with two pages, quick to index."""
    async with house(database, some_pages(tmp_path / "knowledge", ("lithium", "ect"))) as made:
        yield made
