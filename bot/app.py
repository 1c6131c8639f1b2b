"""Wiring: the one place that knows everyone. Builds answerers from folders and settings."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path

from bot.answering.model import NEW, Conversation, Question, Reply
from bot.answering.pipeline import Answerer
from bot.collector import uncollected
from bot.compiled import compiled
from bot.knowledge.loading import load_knowledge
from bot.knowledge.locating import locate
from bot.knowledge.model import Knowledge
from bot.knowledge.problems import Problem
from bot.knowledge.safety import load_safety

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """An answerer ready to serve, and what was wrong with the folder it came from."""

    answerer: Answerer
    folder: Path
    problems: tuple[str, ...]


def serve(named: Path | None = None) -> Served:
    """An answerer from the knowledge folder, from a compiled copy where there is one. Never raises for content."""
    folder = locate(named)

    def built() -> Served:
        with uncollected():
            return build(folder)

    # A copy is known by what is in the folder, and may have been made of an equal one that lay elsewhere.
    return replace(compiled(folder, built), folder=folder)


def build(folder: Path) -> Served:
    """An answerer built from the files of ``folder``. Broken entries are left out and named."""
    problems: list[str] = []
    try:
        loaded = load_knowledge(folder)
        knowledge = _without_hidden(loaded.knowledge, folder)
        problems += [str(problem) for problem in loaded.problems if isinstance(problem, Problem)]
    except Exception as fault:
        knowledge = Knowledge()
        problems.append(f"{folder} could not be loaded: {type(fault).__name__}. Only safety replies are served.")
    safety = load_safety(folder / "safety")
    problems += safety.problems
    return Served(Answerer(knowledge, safety), folder, tuple(problems))


def _without_hidden(knowledge: Knowledge, folder: Path) -> Knowledge:
    """The knowledge without what an editor has hidden in an emergency, where the folder says so."""
    if not (folder / "hidden.yaml").exists():
        return knowledge
    from bot.editing.overlay import overlay  # noqa: PLC0415 - brings the editing room, which an answer does not need
    from bot.editing.tombstones import read_tombstones  # noqa: PLC0415

    return overlay(knowledge, (), read_tombstones(folder)).knowledge


class Conversations:
    """The memory of a client: the latest conversations, by key, bounded; the least recently used goes first."""

    def __init__(self, limit: int = 4096) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Conversation] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str) -> Conversation:
        """The conversation of ``key``, or a new one."""
        return self._kept.get(key, NEW)

    def put(self, key: str, conversation: Conversation) -> None:
        """Remember ``conversation`` under ``key``."""
        self._kept[key] = conversation
        self._kept.move_to_end(key)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        """Forget what is kept under ``key``."""
        self._kept.pop(key, None)

    def reply(self, answerer: Answerer, question: Question, key: str | None) -> Reply:
        """Answer within the conversation of ``key``, or by itself when there is none."""
        if key is None:
            return answerer.reply(question)[0]
        reply, after = answerer.reply(question, self.get(key))
        self.put(key, after)
        return reply
