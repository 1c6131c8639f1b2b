"""Shared by all tests: the packaged knowledge, read once per worker."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # tests share their cores: threads would wait for each other

from bot.answering.pipeline import Answerer
from bot.app import Served, serve
from tests.discord_server.openapi import ENVIRONMENT, FILE, locate


@pytest.fixture(scope="session")
def served() -> Served:
    """The packaged knowledge as it is served."""
    return serve()


@pytest.fixture(scope="session")
def answerer(served: Served) -> Answerer:
    """Answers from the packaged knowledge."""
    return served.answerer


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say when what the bot sends was not held against Discord's own file, as that is optional here."""
    if locate() is None:
        terminalreporter.write_line(
            f"SKIPPED: bodies against {FILE}, which is not here; own rules alone ({ENVIRONMENT})"
        )
