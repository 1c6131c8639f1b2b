"""The health file: what the running bot writes every 15 seconds, and what ``nextstep health`` makes of it.

The file is one JSON object::

    {"at": 1764000000.0, "latency": 0.041, "shards_closed": 0, "ticks": 4711, "away": 0.0, "trouble": ""}

``at`` is when it was written (seconds since 1970), ``latency`` that of the gateway in seconds and ``null`` while it is
away, ``shards_closed`` how many connections are closed, ``ticks`` how often the loop turned, ``away`` for how many
seconds Discord has been out of reach (by a clock that nobody sets), and ``trouble`` what a person has to mend although
members are answered, such as a database that cannot be written.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

TICK_SECONDS: Final = 15.0
STALE_SECONDS: Final = 45.0
AWAY_SECONDS: Final = 120.0
_UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Health:
    """One beat of the bot. Seconds throughout."""

    at: float
    latency: float | None
    shards_closed: int = 0
    ticks: int = 0
    away: float = 0.0
    trouble: str = ""

    @property
    def connected(self) -> bool:
        """Whether Discord is in reach on every connection."""
        return self.latency is not None and self.shards_closed == 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the bot is well, and a sentence on it."""

    well: bool
    said: str


@dataclass
class Heart:
    """Counts beats and how long Discord has been away. One a process; ``clock`` must never be set back."""

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    _ticks: int = 0
    _there: float = field(init=False)

    def __post_init__(self) -> None:
        self._there = self.clock()

    def beat(self, latency: float, shards_closed: int, trouble: str = "") -> Health:
        """The health at this moment; ``latency`` may be infinite or not a number, as a library gives it when away."""
        self._ticks += 1
        known = round(latency, 4) if math.isfinite(latency) else None
        moment = self.clock()
        if known is not None and not shards_closed:
            self._there = moment
        return Health(self.now(), known, shards_closed, self._ticks, round(moment - self._there, 1), trouble)


def write_health(path: Path, health: Health) -> None:
    """Put the health in place in one step, so that a reader never sees half of it.

    Raises:
        OSError: the file cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(asdict(health)), encoding="utf-8")
    os.replace(partial, path)


def check_health(path: Path, now: float) -> Verdict:
    """Whether the bot that writes ``path`` is well at ``now`` (seconds since 1970)."""
    try:
        health = _health(json.loads(path.read_text(encoding="utf-8")))
    except _UNREADABLE:
        return Verdict(
            False, f"There is no readable health file at {path}: the bot is not running, or writes it elsewhere."
        )
    verdict = judge(health, now)
    return Verdict(verdict.well, f"{verdict.said} {health.trouble}".strip())


def trouble_in(path: Path, now: float) -> str:
    """What the bot that writes ``path`` says has to be mended; empty when nothing, or no bot runs."""
    try:
        health = _health(json.loads(path.read_text(encoding="utf-8")))
    except _UNREADABLE:
        return ""
    return health.trouble if abs(now - health.at) <= STALE_SECONDS else ""


def judge(health: Health, now: float) -> Verdict:
    """Whether a beat is recent, and Discord not away for long. Starting the bot again mends no trouble but these."""
    age = now - health.at
    if age > STALE_SECONDS:
        return Verdict(False, f"The bot last gave a sign {age:.0f} seconds ago; it should every {TICK_SECONDS:.0f}.")
    if age < -STALE_SECONDS:
        return Verdict(False, "The last sign of the bot is from the future: this machine's clock was set back.")
    if health.connected:
        return Verdict(True, f"The bot is well; Discord answers in {(health.latency or 0) * 1000:.0f} ms.")
    if health.away > AWAY_SECONDS:
        return Verdict(False, f"The bot has been away from Discord for {health.away:.0f} seconds.")
    return Verdict(True, f"The bot is reconnecting to Discord (for {health.away:.0f} seconds now).")


def _health(data: Any) -> Health:
    latency = data["latency"]
    health = Health(
        float(data["at"]),
        None if latency is None else float(latency),
        int(data["shards_closed"]),
        int(data["ticks"]),
        float(data["away"]),
        str(data.get("trouble", "")),
    )
    if not all(map(math.isfinite, (health.at, health.away, health.latency or 0.0))):
        raise ValueError("not finite")
    return health
