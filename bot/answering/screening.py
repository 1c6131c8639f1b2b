"""Screening: what danger a message speaks of. Runs before everything else, on every message meant for the bot.

The rules are data (``knowledge/safety/rules``). A rule that is heard is then weighed by who is meant, whether it is
denied, over, quoted, asked about or a joke (:mod:`bot.answering.safety.situation`). The screen is no risk score and
no diagnosis: it decides which reply comes first, and when in doubt it shows the lines.
"""

from __future__ import annotations

from bot.answering.model import CALM, Category, Level, Mode, Screening
from bot.answering.safety.machine import Machine
from bot.knowledge.safety_constant import LAST_RESORT
from bot.knowledge.safety_model import Safety

FAILED = Screening(Level.CRISIS, Category.UNCLEAR, ("screen-failed",))
"""What a fault inside the screen counts as: the lines are shown."""


class Screen:
    """The compiled rules of one :class:`~bot.knowledge.safety_model.Safety`. Holds no state between messages."""

    def __init__(self, safety: Safety) -> None:
        self._machine: Machine | None
        try:
            self._machine = Machine(safety)
        except Exception:
            self._machine = _last_resort()

    def screen(self, text: str, previous: str = "", mode: Mode = Mode.ADDRESSED) -> Screening:
        """What was heard in ``text``, or in ``previous`` and ``text`` read as one statement. Never raises.

        ``previous`` is the same author's last message; it only counts for what neither message says alone.
        """
        try:
            return self._screen(text, previous, mode)
        except Exception:
            return FAILED

    def _screen(self, text: str, previous: str, mode: Mode) -> Screening:
        if self._machine is None:
            return FAILED
        heard = self._machine.hear(text, mode)
        if not previous or heard.level is Level.EMERGENCY:
            return heard
        joined = self._machine.hear_joined(previous, text, mode)
        if joined.level.rank <= heard.level.rank:
            return heard
        alone = self._machine.hear(previous, mode)
        return joined if joined.level.rank > alone.level.rank else heard


def _last_resort() -> Machine | None:
    try:
        return Machine(LAST_RESORT)
    except Exception:
        return None


def prove(safety: Safety) -> tuple[str, ...]:
    """What is wrong with the rules: patterns that cannot be read, examples that do not fire, or fire and must not."""
    try:
        machine = Machine(safety)
    except Exception as error:
        return (f"the rules cannot be compiled: {error}",)
    complaints = list(machine.complaints)
    for rule in safety.rules:
        heard = [(example, machine.hear(example, Mode.ADDRESSED).level) for example in rule.fires]
        complaints += [
            f"rule {rule.id}: its example '{example}' is heard as {level}, not {rule.level}"
            for example, level in heard
            if not _reaches(Level(rule.level), level)
        ]
        calm = [(example, machine.hear(example, Mode.ADDRESSED).level) for example in rule.silent]
        complaints += [
            f"rule {rule.id}: its example '{example}' must not alarm, and is heard as {level}"
            for example, level in calm
            if level.is_alarm
        ]
    return tuple(complaints)


def _reaches(wanted: Level, heard: Level) -> bool:
    """An emergency must be heard as one, other alarms as any alarm, the rest at their level or higher."""
    if wanted is Level.EMERGENCY:
        return heard is Level.EMERGENCY
    return heard.is_alarm if wanted.is_alarm else heard.rank >= wanted.rank


__all__ = ["CALM", "FAILED", "Screen", "prove"]
