"""What editing asks of the place where edits are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.editing.model import Deed, Edit, Ground, Place, Snapshot, Taken
from bot.editing.states import Step


class Standings(Protocol):
    """What lies over the files."""

    async def standing(self) -> tuple[Edit, ...]:
        """Published and hidden edits."""
        ...

    async def lifted(self) -> frozenset[Place]:
        """What was hidden and is shown again, whatever an older export says."""
        ...


class Store(Standings, Protocol):
    """Where edits are kept; see :class:`bot.storage.edits.Edits`. Each call is one transaction."""

    async def begin(
        self, snapshot: Snapshot, ground: Ground, deed: Deed, trials: Sequence[str] = (), questions: Sequence[int] = ()
    ) -> Edit:
        """A new draft."""
        ...

    async def save(self, edit: Edit, deed: Deed, snapshot: Snapshot, ground: Ground) -> Edit:
        """Another text for an open draft."""
        ...

    async def take(self, edit: Edit, step: Step, deed: Deed) -> Edit:
        """A step that leaves the text alone."""
        ...

    async def keep(self, edit: Edit, deed: Deed, file: str) -> Edit:
        """Keep a published text although its file changed."""
        ...

    async def publish(self, edit: Edit, deed: Deed, snapshot: Snapshot, file: str) -> Edit:
        """Approve and publish, all or nothing."""
        ...

    async def revert(self, edit: Edit, deed: Deed) -> Edit:
        """Take a published edit back."""
        ...

    async def hide(self, place: Place, deed: Deed) -> Edit:
        """Hide something at once."""
        ...

    async def of(self, number: int) -> Edit:
        """One edit by its number."""
        ...

    async def open(self) -> tuple[Edit, ...]:
        """What waits for somebody, oldest first."""
        ...

    async def history(self, place: Place) -> tuple[Edit, ...]:
        """All edits of one thing, newest first."""
        ...

    async def steps(self, number: int) -> tuple[Taken, ...]:
        """Every step of one edit, in order."""
        ...
