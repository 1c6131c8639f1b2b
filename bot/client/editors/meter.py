"""How an edit's impact is measured: off the event loop, one at a time, against a baseline that is kept ready.

Nobody should have to wait for it: a draft is measured while its author goes on, also one that is to take a page out
while the reason is written, and what a measurement needs of the served knowledge is looked up as soon as that is
served. What somebody waits for goes first (:mod:`bot.client.editors.turns`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from bot.answering.pipeline import Answerer
from bot.client.editors.turns import Turns, Urgency
from bot.client.memory import Lately
from bot.client.responses import log_fault
from bot.editing.model import Edit, Place, Snapshot, Subject, snapshot_text
from bot.editing.overlay import as_drafted
from bot.errors import UsageError
from bot.evaluation.impact import Assessor, Impact, Steps, promised, promises
from bot.evaluation.rows import QuestionRow, read_rows
from bot.knowledge.model import Knowledge
from bot.knowledge.safety_model import Safety

if TYPE_CHECKING:
    from bot.client.bot import NextStep

_PAUSE: Final = 0.03
"""Between the pieces of what nobody waits for, so that members' answers pass; seconds."""
_WAITING: Final = 3
"""So many of the newest open edits are measured anew when something else is served: somebody may be at them now."""
_EXPECTED: Final = 10.0
"""So long new answers may wait until drafts can be measured against them; seconds."""
_OPEN: Final = 900.0
"""So long a form may be open whose answer is still waited for; seconds."""
_Served = ref[Answerer]
"""What is served. Its revision would not do: after a hide the veiled answerer and the one built behind it share theirs,
and so do those before and after a change of safety data."""
_Key = tuple[Place, int, _Served]
"""What is edited, the hash of its text and of what that promises to answer, and what is served."""
_TaskKey = tuple[_Served, str, int]


@dataclass(frozen=True)
class _Task:
    """What is to be measured: a draft against what is served, with the questions that members sent, of which it
    promises to answer some with one page."""

    served: Answerer
    draft: Knowledge
    sent: tuple[str, ...]
    promised: tuple[str, ...]
    page: str

    @property
    def key(self) -> _TaskKey:
        """Tells whether the same was measured before; holds no words."""
        return ref(self.served), self.draft.revision, hash((frozenset(self.sent), self.promised, self.page))

    def measured(self, impact: Impact, draft: Answerer) -> _Measured:
        """What was found."""
        missed = set(promised(draft, self.promised, self.page))
        return _Measured(impact.sentences, frozenset(nth for nth, one in enumerate(self.promised) if one in missed))


@dataclass(frozen=True, slots=True)
class _Measured:
    """What a draft changes, in sentences, and which of the questions that it promises to answer it would not."""

    sentences: tuple[str, ...]
    missed: frozenset[int]


def _previewing(assessor: Assessor, task: _Task) -> Steps[_Measured | None]:
    found = yield from assessor.previewing(task.served, task.draft, task.sent)
    return task.measured(*found) if found else None


def _building(assessor: Assessor, task: _Task) -> Steps[_Measured]:
    return task.measured(*(yield from assessor.building(task.served, task.draft, task.sent)))


class Meter:
    """Measures edits against the test questions and the questions that wait for the editors."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk, self._office = bot, bot.desk, bot.office
        self._found: Lately[_Key, tuple[str, ...]] = Lately(200)
        self._lately: Lately[_TaskKey, _Measured] = Lately(50)
        self._turns = Turns(self._quiet)
        self._writing: dict[str, asyncio.Task[None]] = {}
        """One measurement ahead for each who writes."""
        self._in_forms: Lately[str, tuple[float, Snapshot]] = Lately(_WAITING)
        """What the last ones who opened a form are about to hand in with it, by person, and since when."""
        self._preparing: asyncio.Task[None] | None = None
        self._making_ready = asyncio.Lock()
        self._assessor: Assessor | None = None
        self._safety: Safety | None = None

    async def _quiet(self) -> None:
        await asyncio.sleep(_PAUSE)
        await self._bot.idle()

    @staticmethod
    def _key(served: Answerer, snapshot: Snapshot, promised: Sequence[str]) -> _Key:
        return snapshot.place, hash((snapshot_text(snapshot), tuple(promised))), ref(served)

    def known(self, edit: Edit) -> tuple[str, ...] | None:
        """What was measured already, or ``None``."""
        return self._found.get(self._key(self._desk.answerer, edit.content(), edit.trials))

    async def measure(self, edit: Edit) -> tuple[str, ...]:
        """What an edit changes, in sentences. A fault is a sentence too."""
        served, snapshot = self._desk.answerer, edit.content()
        key = self._key(served, snapshot, edit.trials)
        found = self._found.get(key)
        if found is None:
            try:
                found = (await self._measured(await self._task(served, snapshot, edit.trials))).sentences
            except Exception as error:
                log_fault("impact", error)
                found = (self._desk.interface.say("impact-failed"),)
            self._found.put(key, found)
        return found

    def ahead(self, person: str, snapshot: Snapshot, promised: Sequence[str] = ()) -> None:
        """Measure behind what somebody writes, so that its card need not wait for it; what they wrote before is left.

        Where only a full build would tell, it is left until somebody wants to know: that takes long, and much memory.
        """
        self._begin(person, self._foresee(snapshot, promised, Urgency.SOON))

    def ahead_of_form(self, person: str, snapshot: Snapshot) -> None:
        """The same for what a form that was just opened will hand in; once more if something else is served before."""
        self._in_forms.put(person, (time.monotonic(), snapshot))
        self.ahead(person, snapshot)

    def ahead_of_plan(self, person: str, snapshot: Snapshot, promised: Sequence[str]) -> None:
        """The same for what somebody may decide to propose (:meth:`assess`)."""
        self._begin(person, self._foresee_plan(snapshot, promised))

    def _begin(self, person: str, work: Coroutine[Any, Any, None]) -> None:
        before = self._writing.get(person)
        if before is not None:
            before.cancel()
        self._writing[person] = task = self._office.behind(work, "impact")

        def done(ended: asyncio.Task[None]) -> None:
            if self._writing.get(person) is ended:
                del self._writing[person]

        task.add_done_callback(done)

    async def _foresee_plan(self, snapshot: Snapshot, promised: Sequence[str]) -> None:
        task = await self._task(self._desk.answerer, snapshot, promised, planned=True)
        await self._previewed(task, Urgency.SOON)

    async def _foresee(self, snapshot: Snapshot, promised: Sequence[str], urgency: Urgency) -> None:
        """Measure what may be handed in; not what the rules refuse."""
        served = self._desk.answerer
        key = self._key(served, snapshot, promised)
        if key in self._found or any(one.grave for one in await self._office.desk.complaints(snapshot)):
            return
        found = await self._previewed(await self._task(served, snapshot, promised), urgency)
        if found is not None:
            self._found.put(key, found.sentences)

    async def assess(self, snapshot: Snapshot, promised: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What a text would change before there is an edit of it, and which questions it would not answer of those that
        it promises to."""
        found = await self._measured(await self._task(self._desk.answerer, snapshot, promised, planned=True))
        return found.sentences, tuple(one for nth, one in enumerate(promised) if nth in found.missed)

    async def _task(
        self, served: Answerer, snapshot: Snapshot, promised: Sequence[str], *, planned: bool = False
    ) -> _Task:
        """With the questions that it promises to answer: unless that is only ``planned``, they wait for nobody else by
        now."""
        waiting = [one.text for one in await self._desk.gaps.waiting()]
        sent = dict.fromkeys((*waiting, *(() if planned else promised)))
        draft = await asyncio.to_thread(as_drafted, served.knowledge, snapshot)
        return _Task(served, draft, tuple(sent), tuple(promised), snapshot.place.key)

    async def _measured(self, task: _Task) -> _Measured:
        """Somebody waits for it."""
        found = await self._previewed(task, Urgency.AWAITED)
        if found is None:
            build = partial(_building, await self._ready(task.served), task)
            found = await self._turns.through((*task.key, "built"), build, Urgency.AWAITED)
            self._lately.put(task.key, found)
        return found

    async def _previewed(self, task: _Task, urgency: Urgency) -> _Measured | None:
        """Where it can be derived, or was measured before; nothing is built for it."""
        found = self._lately.get(task.key)
        if found is None:
            preview = partial(_previewing, await self._ready(task.served), task)
            found = await self._turns.through(task.key, preview, urgency)
            if found is not None:
                self._lately.put(task.key, found)
        return found

    async def expect(self, answerer: Answerer) -> None:
        """Make ready for what is about to be served, unless others have more urgent work for longer."""
        assessor = await self._ready(answerer)
        reading = self._turns.through(
            (ref(answerer), "expected"), partial(assessor.reading, answerer, is_served=False), Urgency.SOON
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(reading, _EXPECTED)

    def prepare(self) -> None:
        """Make ready behind for what is served by now."""
        if self._preparing is not None:
            self._preparing.cancel()
        self._preparing = self._office.behind(self._prepared(), "impact")

    async def _prepared(self) -> None:
        """Read the test questions, measure what waits, and look up how the questions are answered."""
        answerer = self._desk.answerer
        assessor = await self._ready(answerer)
        await self._turns.through((ref(answerer), "read"), partial(assessor.reading, answerer), Urgency.SOON)
        waiting = [
            (one.content(), one.trials) for one in reversed(await self._office.desk.store.open()) if one.snapshot
        ]
        for nth, (snapshot, questions) in enumerate((*waiting[:_WAITING], *self._handed_in_soon())):
            try:  # whoever wrote last may be about to hand in
                await self._foresee(snapshot, questions, Urgency.LATER if nth else Urgency.SOON)
            except Exception as error:  # of one edit: the others, and the questions, are looked up all the same
                log_fault("impact", error)
        await self._turns.through((ref(answerer), "asked"), partial(assessor.asking, answerer), Urgency.LATER)

    def _handed_in_soon(self) -> Iterator[tuple[Snapshot, tuple[str, ...]]]:
        now = time.monotonic()
        return ((snapshot, ()) for since, snapshot in self._in_forms.values() if now - since < _OPEN)

    async def _ready(self, answerer: Answerer) -> Assessor:
        """The assessor with the test questions of now: those of the files, and what published edits promise."""
        async with self._making_ready:
            folder = self._office.folder
            rows = await asyncio.to_thread(trials_in, folder) if folder else ()
            known = {turn.text for row in rows for turn in row.turns}
            rows += tuple(row for row in await self._promises() if row.turns[0].text not in known)
            known_by = self._assessor
            if known_by is None or known_by.trials != rows or self._safety is not answerer.safety:
                before = known_by if self._safety is answerer.safety else None
                known_by = Assessor(rows, self._office.build or partial(Answerer, safety=answerer.safety), before)
                self._assessor, self._safety = known_by, answerer.safety
            return known_by

    async def _promises(self) -> list[QuestionRow]:
        """What published edits promise to answer, also before they are exported."""
        found: list[QuestionRow] = []
        for edit in await self._office.desk.store.standing():
            found += promises(edit.trials, edit.place.key if edit.place.subject is Subject.ENTRY else None)
        return found


def trials_in(folder: Path) -> tuple[QuestionRow, ...]:
    """The labelled questions of a knowledge folder; a file that cannot be read is left out."""
    found: list[QuestionRow] = []
    for path in sorted((folder / "trials").glob("*.jsonl")):
        try:
            found += [row for row in read_rows([path]) if isinstance(row, QuestionRow)]
        except UsageError as error:
            log_fault("trials", error)
    return tuple(found)
