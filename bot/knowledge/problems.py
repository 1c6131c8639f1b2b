"""What is wrong in the knowledge folder, where, and what to do: the one shape of every complaint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Gravity(StrEnum):
    """Whether a problem fails ``nextstep check`` (error) or is only named (warning)."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint: the file (``knowledge/definitions/lithium.yaml``), its line from 1, a stable code, what to do."""

    path: str
    line: int
    code: str
    message: str
    severity: Gravity = Gravity.ERROR

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.code} {self.message}"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file, line, code and message."""
    return tuple(sorted(set(problems), key=lambda one: (one.path, one.line, one.code, one.message)))
