"""Notes that wait to be written together: few statements with many rows each, and each thing's notes in order."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable


@dataclass(slots=True)
class Waiting:
    """Statements with their rows, in the order in which they are to be executed."""

    batches: list[tuple[Executable, list[dict[str, Any]]]] = field(default_factory=list)
    _last: dict[Hashable, int] = field(default_factory=dict)
    """The batch that holds the last note about a thing."""

    def __bool__(self) -> bool:
        return bool(self.batches)

    def add(self, statement: Executable, rows: Sequence[Mapping[str, Any]], about: Hashable = None) -> None:
        """Put rows into the first batch of their statement that does not come before an earlier note ``about`` the
        same thing; ``None`` is about nothing."""
        place = self._place(statement, self._last.get(about, 0) if about is not None else 0)
        self.batches[place][1].extend(dict(row) for row in rows)
        if about is not None:
            self._last[about] = place

    def _place(self, statement: Executable, first: int) -> int:
        for place in range(first, len(self.batches)):
            if self.batches[place][0] is statement:
                return place
        self.batches.append((statement, []))
        return len(self.batches) - 1
