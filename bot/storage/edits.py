"""Edits and their history. Each method is one transaction: what it gave back is kept, whatever happens after.

Who acts on an older version of an edit, or publishes on top of a text that is no longer served, gets an
:class:`~bot.errors.EditError` and nothing changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.editing.model import (
    NOTHING,
    PROGRAM,
    Deed,
    Edit,
    Ground,
    Place,
    Snapshot,
    Subject,
    Taken,
    snapshot_from,
    snapshot_text,
)
from bot.editing.states import OPEN, STANDING, Role, State, Step, after
from bot.errors import EditError
from bot.storage.database import Database
from bot.storage.gaps import settle_questions
from bot.storage.tables import edit_questions, edit_steps, edits

_WRITING: Final = (Step.BEGIN.value, Step.SAVE.value)
_LONGEST_WHY: Final = 400
_MOST_NUMBER: Final = 2**63 - 1
"""No row has a larger number, and SQLite takes none."""


@dataclass
class Edits:
    """The repository of edits. Moments are seconds since 1970."""

    database: Database

    # --- steps ---------------------------------------------------------------------------------------------------

    async def begin(
        self,
        snapshot: Snapshot,
        ground: Ground,
        deed: Deed,
        trials: Sequence[str] = (),
        questions: Sequence[int] = (),
    ) -> Edit:
        """A new draft; ``questions`` are the numbers of sent questions that it answers."""
        state = after(None, Step.BEGIN, deed.actor.role, own=True)
        async with self.database.writing() as connection:
            number = await _insert(connection, snapshot, state, ground, deed)
            await connection.execute(update(edits).where(edits.c.id == number).values(trials=_json(trials)))
            await _note(connection, number, Step.BEGIN, (None, state), deed)
            for question in dict.fromkeys(questions):
                await connection.execute(insert(edit_questions).values(edit_id=number, question_id=question))
            return await _one(connection, number)

    async def save(self, edit: Edit, deed: Deed, snapshot: Snapshot, ground: Ground) -> Edit:
        """Another text for an open draft, on what is served now."""
        changes = {"snapshot": snapshot_text(snapshot), "base": ground.base, "file": ground.file}
        return await self._take(edit, Step.SAVE, deed, **changes)

    async def take(self, edit: Edit, step: Step, deed: Deed) -> Edit:
        """A step that leaves the text alone: propose, request changes, decline, take back, show again, settle."""
        if step in (Step.APPROVE, Step.SAVE, Step.KEEP, Step.REVERT):
            raise EditError(f"“{step}” needs more than a press; use its own form.")
        return await self._take(edit, step, deed)

    async def keep(self, edit: Edit, deed: Deed, file: str) -> Edit:
        """Keep a published text although its file changed to one with the hash ``file``."""
        return await self._take(edit, Step.KEEP, deed, file=file)

    async def publish(self, edit: Edit, deed: Deed, snapshot: Snapshot, file: str) -> Edit:
        """Approve and publish, all or nothing. ``snapshot`` carries the review, ``file`` is the file's hash now.

        What the edit before it promised to answer, it promises too.
        """
        async with self.database.writing() as connection:
            now = await _as_seen(connection, edit)
            state = after(now.state, Step.APPROVE, deed.actor.role, own=now.is_by(deed.actor))
            head = await _standing_at(connection, now.place, State.PUBLISHED)
            _refuse_stale(now, head, file)
            if head is not None:
                await _displace(connection, head, Step.SUPERSEDE if snapshot.value else Step.RETIRE, deed.at)
            changes = {"snapshot": snapshot_text(snapshot), "file": file, "previous": head.id if head else None}
            if head is not None and snapshot.value is not None:
                changes["trials"] = _json(tuple(dict.fromkeys((*head.trials, *now.trials))))
            await _change(connection, now, Step.APPROVE, state, deed, **changes)
            await _answered(connection, now)
            return await _one(connection, edit.id)

    async def revert(self, edit: Edit, deed: Deed) -> Edit:
        """Take a published edit back: what it took the place of is served again."""
        async with self.database.writing() as connection:
            now = await _as_seen(connection, edit)
            state = after(now.state, Step.REVERT, deed.actor.role, own=now.is_by(deed.actor))
            await _change(connection, now, Step.REVERT, state, deed)
            previous = await _maybe(connection, now.previous)
            if previous is not None and previous.state in (State.SUPERSEDED, State.RETIRED):
                restored = after(previous.state, Step.RESTORE, Role.PROGRAM, own=False)
                cause = Deed(PROGRAM, deed.at, f"edit {edit.id} was reverted")
                await _change(connection, previous, Step.RESTORE, restored, cause)
            return await _one(connection, edit.id)

    async def hide(self, place: Place, deed: Deed) -> Edit:
        """Hide something at once; it stays hidden until it is shown again."""
        state = after(None, Step.HIDE, deed.actor.role, own=True)
        async with self.database.writing() as connection:
            if await _standing_at(connection, place, State.HIDDEN) is not None:
                raise EditError(f"The {place.subject} {place.key} is hidden already.")
            number = await _insert(connection, Snapshot(place, None), state, Ground(NOTHING, NOTHING), deed)
            await _note(connection, number, Step.HIDE, (None, state), deed)
            return await _one(connection, number)

    # --- reading -------------------------------------------------------------------------------------------------

    async def of(self, number: int) -> Edit:
        """One edit.

        Raises:
            EditError: there is none with this number.
        """
        async with self.database.reading() as connection:
            return await _one(connection, number)

    async def open(self) -> tuple[Edit, ...]:
        """What waits for somebody, oldest first."""
        return await self._many(edits.c.state.in_([state.value for state in OPEN]), edits.c.changed_at, edits.c.id)

    async def standing(self) -> tuple[Edit, ...]:
        """Published and hidden edits: what lies over the files."""
        return await self._many(edits.c.state.in_([state.value for state in STANDING]), edits.c.changed_at, edits.c.id)

    async def lifted(self) -> frozenset[Place]:
        """What was hidden and is shown again, whatever an older export says."""
        shown = select(edits.c.subject, edits.c.key).join(edit_steps, edit_steps.c.edit_id == edits.c.id)
        async with self.database.reading() as connection:
            rows = (await connection.execute(shown.where(edit_steps.c.step == Step.SHOW.value))).all()
        return frozenset(Place(Subject(subject), key) for subject, key in rows)

    async def history(self, place: Place) -> tuple[Edit, ...]:
        """All edits of one entry, redirect or source, newest first."""
        here = (edits.c.subject == place.subject.value) & (edits.c.key == place.key)
        return await self._many(here, edits.c.changed_at.desc(), edits.c.id.desc())

    async def latest(self, limit: int = 50) -> tuple[Edit, ...]:
        """The edits that changed last."""
        return (await self._many(edits.c.id > 0, edits.c.changed_at.desc(), edits.c.id.desc()))[:limit]

    async def steps(self, number: int) -> tuple[Taken, ...]:
        """Every step of one edit, in order."""
        query = select(edit_steps).where(edit_steps.c.edit_id == number).order_by(edit_steps.c.id)
        async with self.database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(_taken(row) for row in rows)

    async def _many(self, condition: Any, *order: Any) -> tuple[Edit, ...]:
        async with self.database.reading() as connection:
            rows = (await connection.execute(select(edits).where(condition).order_by(*order))).all()
            writers = await _writers(connection, [row.id for row in rows])
        return tuple(_edit(row, writers.get(row.id, frozenset())) for row in rows)

    async def _take(self, edit: Edit, step: Step, deed: Deed, **changes: object) -> Edit:
        async with self.database.writing() as connection:
            now = await _as_seen(connection, edit)
            state = after(now.state, step, deed.actor.role, own=now.is_by(deed.actor))
            await _change(connection, now, step, state, deed, **changes)
            return await _one(connection, edit.id)


# --- inside one transaction ------------------------------------------------------------------------------------------


async def _insert(connection: AsyncConnection, snapshot: Snapshot, state: State, ground: Ground, deed: Deed) -> int:
    row = {
        "subject": snapshot.place.subject.value,
        "key": snapshot.place.key,
        "state": state.value,
        "snapshot": snapshot_text(snapshot),
        "base": ground.base,
        "file": ground.file,
        "author": deed.actor.id,
        "author_role": deed.actor.role.value,
        "why": deed.why[:_LONGEST_WHY],
        "version": 1,
        "trials": _json(()),
        "created_at": deed.at,
        "changed_at": deed.at,
    }
    return int((await connection.execute(insert(edits).values(row).returning(edits.c.id))).scalar_one())


def _json(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


async def _note(
    connection: AsyncConnection, number: int, step: Step, states: tuple[State | None, State], deed: Deed
) -> None:
    before, state = states
    row = {
        "edit_id": number,
        "step": step.value,
        "before": before.value if before else None,
        "after": state.value,
        "actor": deed.actor.id,
        "role": deed.actor.role.value,
        "why": deed.why[:_LONGEST_WHY],
        "at": deed.at,
    }
    await connection.execute(insert(edit_steps).values(row))


async def _change(
    connection: AsyncConnection, edit: Edit, step: Step, state: State, deed: Deed, **changes: object
) -> None:
    """Write the step; refuses when another process was faster."""
    same = (edits.c.id == edit.id) & (edits.c.version == edit.version)
    values = {**changes, "state": state.value, "version": edit.version + 1, "changed_at": deed.at}
    if (await connection.execute(update(edits).where(same).values(**values))).rowcount != 1:
        raise _overtaken(edit)
    await _note(connection, edit.id, step, (edit.state, state), deed)


async def _displace(connection: AsyncConnection, head: Edit, step: Step, at: int) -> None:
    """The edit that was served makes room for the next."""
    state = after(head.state, step, Role.PROGRAM, own=False)
    await _change(connection, head, step, state, Deed(PROGRAM, at))


async def _answered(connection: AsyncConnection, edit: Edit) -> None:
    """The questions that the edit answers: who wanted to know is told, and the questions are forgotten."""
    links = select(edit_questions.c.question_id).where(edit_questions.c.edit_id == edit.id)
    numbers = list((await connection.execute(links)).scalars())
    await settle_questions(connection, numbers, edit.place.key)


async def _standing_at(connection: AsyncConnection, place: Place, state: State) -> Edit | None:
    here = (edits.c.subject == place.subject.value) & (edits.c.key == place.key) & (edits.c.state == state.value)
    row = (await connection.execute(select(edits.c.id).where(here))).one_or_none()
    return None if row is None else await _one(connection, row.id)


def _refuse_stale(edit: Edit, head: Edit | None, file: str) -> None:
    """Raise when another text is served than the one that the edit was based on."""
    served = head.snapshot.hash if head is not None and head.snapshot is not None else file
    if edit.ground.base == served:
        return
    other = f"edit {head.id} was published meanwhile" if head is not None else "its file was changed meanwhile"
    raise EditError(
        f"Edit {edit.id} was written on an older text of {edit.place.key}: {other}. Nothing was published. Look at the "
        "difference, take over what is still needed, and propose it again."
    )


def _overtaken(edit: Edit) -> EditError:
    return EditError(
        f"Somebody else was faster: edit {edit.id} of {edit.place.key} is {edit.state} now. Look at it again first."
    )


async def _as_seen(connection: AsyncConnection, seen: Edit) -> Edit:
    """The edit, when nobody took a step since it was looked at."""
    edit = await _one(connection, seen.id)
    if edit.version != seen.version:
        raise _overtaken(edit)
    return edit


async def _maybe(connection: AsyncConnection, number: int | None) -> Edit | None:
    if number is None:
        return None
    row = (await connection.execute(select(edits).where(edits.c.id == number))).one_or_none()
    return None if row is None else _edit(row, (await _writers(connection, [number])).get(number, frozenset()))


async def _one(connection: AsyncConnection, number: int) -> Edit:
    edit = await _maybe(connection, number) if 0 < number <= _MOST_NUMBER else None
    if edit is None:
        raise EditError(f"There is no edit {number}. It may have been forgotten after its time; look at the list.")
    return edit


async def _writers(connection: AsyncConnection, numbers: Iterable[int]) -> dict[int, frozenset[str]]:
    """Whose words are in each edit."""
    query = select(edit_steps.c.edit_id, edit_steps.c.actor).where(
        edit_steps.c.edit_id.in_(list(numbers)), edit_steps.c.step.in_(_WRITING)
    )
    found: dict[int, set[str]] = {}
    for number, actor in (await connection.execute(query)).all():
        found.setdefault(number, set()).add(actor)
    return {number: frozenset(actors) for number, actors in found.items()}


def _edit(row: Row[Any], writers: frozenset[str]) -> Edit:
    place = Place(Subject(row.subject), row.key)
    return Edit(
        id=row.id,
        place=place,
        state=State(row.state),
        snapshot=snapshot_from(place, row.snapshot),
        ground=Ground(row.base, row.file),
        author=row.author,
        author_role=Role(row.author_role),
        writers=writers | {row.author},
        why=row.why,
        version=row.version,
        previous=row.previous,
        trials=tuple(json.loads(row.trials)),
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def _taken(row: Row[Any]) -> Taken:
    before = State(row.before) if row.before else None
    return Taken(row.edit_id, Step(row.step), before, State(row.after), row.actor, Role(row.role), row.why, row.at)
