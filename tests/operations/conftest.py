from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.test_life import pages as pages  # noqa: PLC0414 - a fixture for this folder
from tests.operations.trouble import Trouble, compiled


@pytest.fixture(scope="session")
def faults_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("faults"))


@pytest.fixture
def trouble(faults_library: Path, tmp_path: Path) -> Trouble:
    """What the process can be ordered to suffer; nothing yet."""
    made = Trouble(faults_library, tmp_path / "orders", tmp_path / "bot.db")
    made.order()
    return made
