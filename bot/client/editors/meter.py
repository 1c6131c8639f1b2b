"""How an edit's impact is measured: off the event loop, one at a time, against a baseline that is kept ready.

Nobody should have to wait for it: a draft is measured while its author goes on, and what a measurement needs of the
served knowledge is looked up as soon as that is served, in small pieces that let members' answers pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import ref

from bot.answering.pipeline import Answerer
from bot.client.memory import Lately
from bot.client.responses import log_fault
from bot.editing.model import Edit, Snapshot, Subject, snapshot_text
from bot.editing.overlay import as_drafted
from bot.errors import UsageError
from bot.evaluation.impact import Assessor, promises
from bot.evaluation.rows import QuestionRow, read_rows
from bot.knowledge.model import Knowledge
from bot.knowledge.safety_model import Safety

if TYPE_CHECKING:
    from bot.client.bot import NextStep

_PIECE: Final = 8
"""So many test questions are asked at a time ahead of need: some hundredths of a second."""
_PAUSE: Final = 0.03
_WAITING: Final = 3
"""So many of the newest open edits are measured anew when something else is served: somebody may be at them now."""
_Served = ref[Answerer]
"""What is served. Its revision would not do: after a hide the veiled answerer and the one built behind it share theirs,
and so do those before and after a change of safety data."""
_Key = tuple[int, int, _Served]
"""An edit, the hash of its text, and what is served."""
_TaskKey = tuple[_Served, str, int]


@dataclass(frozen=True)
class _Task:
    """What is to be measured: a draft against what is served, with the questions that members sent."""

    served: Answerer
    draft: Knowledge
    sent: tuple[str, ...]

    @property
    def key(self) -> _TaskKey:
        """Tells whether the same was measured before; holds no words."""
        return ref(self.served), self.draft.revision, hash(frozenset(self.sent))


class Meter:
    """Measures edits against the test questions and the questions that wait for the editors."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk, self._office = bot, bot.desk, bot.office
        self._found: Lately[_Key, tuple[str, ...]] = Lately(200)
        self._lately: Lately[_TaskKey, tuple[str, ...]] = Lately(50)
        self._turn = asyncio.Lock()
        self._asked_for = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._assessor: Assessor | None = None
        self._safety: Safety | None = None

    def _key(self, edit: Edit) -> _Key:
        return edit.id, hash(snapshot_text(edit.content())), ref(self._desk.answerer)

    def known(self, edit: Edit) -> tuple[str, ...] | None:
        """What was measured already, or ``None``."""
        return self._found.get(self._key(edit))

    async def measure(self, edit: Edit) -> tuple[str, ...]:
        """What an edit changes, in sentences. A fault is a sentence too."""
        async with self._first():
            key = self._key(edit)
            found = self._found.get(key)
            if found is None:
                found = await self._measured(edit)
                self._found.put(key, found)
            return found

    @asynccontextmanager
    async def _first(self) -> AsyncIterator[None]:
        """Somebody waits for it: what is done ahead of need waits meanwhile."""
        self._asked_for += 1
        self._calm.clear()
        try:
            async with self._turn:
                yield
        finally:
            self._asked_for -= 1
            if not self._asked_for:
                self._calm.set()

    async def _measured(self, edit: Edit) -> tuple[str, ...]:
        try:
            task = await self._task_of(edit)
            return self._lately.get(task.key) or (await self._assessed(task))[0]
        except Exception as error:
            log_fault("impact", error)
            return (self._desk.interface.say("impact-failed"),)

    async def ahead(self, number: int) -> None:
        """Measure an edit while its author goes on; not one that cannot be handed in, or that is another by then.

        Where only a full build would tell, it is left until somebody wants to know: that takes long, and much memory.
        """
        desk = self._office.desk
        edit = await desk.store.of(number)
        if edit.snapshot is None or not edit.state.is_open:
            return
        if any(one.grave for one in await desk.complaints(edit.snapshot)):
            return
        await self._calm.wait()
        async with self._turn:
            if (await desk.store.of(number)).version == edit.version and self.known(edit) is None:
                await self._foresee(edit)

    async def _foresee(self, edit: Edit) -> None:
        key, task = self._key(edit), await self._task_of(edit)
        found = self._lately.get(task.key) or await self._previewed(task)
        if found is not None:
            self._found.put(key, found)

    async def _previewed(self, task: _Task) -> tuple[str, ...] | None:
        assessor = await self._ready(task.served)
        impact = await asyncio.to_thread(assessor.preview, task.served, task.draft, task.sent)
        if impact is None:
            return None
        self._lately.put(task.key, impact.sentences)
        return impact.sentences

    async def assess(self, snapshot: Snapshot) -> tuple[tuple[str, ...], Answerer]:
        """What a text would change before there is an edit of it, and the answerer that would serve it."""
        async with self._first():
            return await self._assessed(await self._task(snapshot))

    async def _task_of(self, edit: Edit) -> _Task:
        """With the questions that it promises to answer, which wait for nobody else by now."""
        return await self._task(edit.content(), edit.trials)

    async def _task(self, snapshot: Snapshot, promised: Sequence[str] = ()) -> _Task:
        answerer = self._desk.answerer
        sent = dict.fromkeys((*(one.text for one in await self._desk.gaps.waiting()), *promised))
        draft = await asyncio.to_thread(as_drafted, answerer.knowledge, snapshot)
        return _Task(answerer, draft, tuple(sent))

    async def _assessed(self, task: _Task) -> tuple[tuple[str, ...], Answerer]:
        assessor = await self._ready(task.served)
        impact, preview = await asyncio.to_thread(assessor.assess, task.served, task.draft, task.sent)
        self._lately.put(task.key, impact.sentences)
        return impact.sentences, preview

    async def warm(self) -> None:
        """Make ready for what is served: read the test questions, measure what waits, and ask the questions ahead."""
        async with self._turn:
            answerer = self._desk.answerer
            assessor = await self._ready(answerer)
            baseline = await asyncio.to_thread(assessor.warm, answerer)
        for edit in reversed((await self._office.desk.store.open())[-_WAITING:]):
            try:
                await self.ahead(edit.id)
            except Exception as error:  # of one edit: the others, and the questions, are looked up all the same
                log_fault("impact", error)
        left = True
        while left and answerer is self._desk.answerer:
            await self._bot.idle()
            await self._calm.wait()
            async with self._turn:
                left = await asyncio.to_thread(baseline.ask_more, _PIECE)
            await asyncio.sleep(_PAUSE)

    async def _ready(self, answerer: Answerer) -> Assessor:
        """The assessor with the test questions of now: those of the files, and what published edits promise."""
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
