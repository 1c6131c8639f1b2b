"""Shared by all tests: the packaged knowledge, read once per worker."""

from __future__ import annotations

import pytest

from bot.answering.pipeline import Answerer
from bot.app import Served, serve


@pytest.fixture(scope="session")
def served() -> Served:
    """The packaged knowledge as it is served."""
    return serve()


@pytest.fixture(scope="session")
def answerer(served: Served) -> Answerer:
    """Answers from the packaged knowledge."""
    return served.answerer
