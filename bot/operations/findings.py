"""What a look at a deployment finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something is."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``todo`` says what to do unless it is fine."""

    name: str
    state: State
    said: str
    todo: str = ""

    def __str__(self) -> str:
        first = f"{self.state.value:<5}  {self.name:<11}  {self.said}"
        return f"{first}\n{'':20}→ {self.todo}" if self.todo else first


def fine(name: str, said: str) -> Finding:
    """Nothing to do."""
    return Finding(name, State.FINE, said)


def note(name: str, said: str, todo: str) -> Finding:
    """It runs as it is; something is better changed."""
    return Finding(name, State.NOTE, said, todo)


def wrong(name: str, said: str, todo: str) -> Finding:
    """The bot does not start, or does not do its work, until this is changed."""
    return Finding(name, State.WRONG, said, todo)


def summary(findings: Iterable[Finding]) -> str:
    """One closing sentence."""
    states = [finding.state for finding in findings]
    bad, notes = states.count(State.WRONG), states.count(State.NOTE)
    if bad:
        return f"{bad} of {len(states)} things have to be mended before the bot can run well."
    return f"Ready to run. {notes} of {len(states)} things could be better." if notes else "Ready to run."
