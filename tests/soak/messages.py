"""Replays messages of many members through one answerer, as a client does, and looks at memory and faults.

The trials' questions and messages about danger are drawn with a fixed seed, from more conversations than a client
keeps, so that the oldest are forgotten all the time.
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.answering.model import Mode, Question, Reply
from bot.answering.pipeline import Answerer
from bot.app import Conversations
from bot.evaluation.scoring import START
from bot.knowledge.locating import packaged
from tests.bench.questions import SEED, Ground, load

_KEPT: Final = 500
_MEMBERS: Final = 2000
_MOST_GROWTH: Final = 16.0
"""Megabytes that the process may grow by between a third of the run and its end."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a run showed. Memory in megabytes, resident."""

    messages: int
    seconds: float
    settled: float
    ended: float
    faults: int

    @property
    def problems(self) -> list[str]:
        grown = self.ended - self.settled
        growth = [f"memory grew by {grown:.1f} MB after the first third"] if grown > _MOST_GROWTH else []
        return [*growth, *([f"{self.faults} replies came from a fault"] if self.faults else [])]

    def __str__(self) -> str:
        rate = self.messages / self.seconds
        memory = f"{self.settled:.0f} MB after a third, {self.ended:.0f} MB at the end"
        return f"messages: {self.messages:,} at {rate:,.0f}/s, {self.faults} faults, memory {memory}"


def soak(messages: int, ground: Ground | None = None) -> Soaked:
    """Replay so many messages. ``ground`` is the packaged knowledge when not given."""
    ground = ground or load(packaged())
    answerer, conversations = Answerer(ground.knowledge, ground.safety), Conversations(_KEPT)
    chance = random.Random(SEED)
    settled, faults, start = 0.0, 0, time.perf_counter()
    for number in range(messages):
        question = Question(
            chance.choice(ground.messages), START + timedelta(seconds=number), chance.choice((*Mode, Mode.ADDRESSED))
        )
        reply = conversations.reply(answerer, question, str(chance.randrange(_MEMBERS)))
        faults += _is_fault(reply)
        if number == messages // 3:
            settled = resident()
    return Soaked(messages, time.perf_counter() - start, settled, resident(), faults)


def _is_fault(reply: Reply) -> bool:
    return any(reason.stage == "pipeline" for reason in reply.why)


def resident() -> float:
    """Megabytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
