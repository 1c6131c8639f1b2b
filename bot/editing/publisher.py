"""What is served now: files, published edits over them, and the answerer that was built from both.

The answerer is replaced by one assignment after the new one is whole: a question is answered by the old one or by
the new one, never by half of each. Any number of publishers may look at the same store and folder.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, TypeVar

import watchfiles

from bot.editing.checks import with_value
from bot.editing.ends import without_loose_ends
from bot.editing.model import Place, content_hash, value_in
from bot.editing.overlay import Flag, Overlaid, overlay
from bot.editing.states import State
from bot.editing.store import Standings
from bot.editing.tombstones import read_tombstones
from bot.knowledge.loading import Loaded, load_knowledge, revise
from bot.knowledge.model import Knowledge
from bot.knowledge.problems import Gravity, Problem

log = logging.getLogger(__name__)

T = TypeVar("T")
Trouble = Callable[[tuple[str, ...]], Awaitable[None]]
"""Is told what is wrong with the files, one sentence each with file and line."""
Flagged = Callable[[tuple[Flag, ...]], Awaitable[None]]
"""Is told which published edits wait for an editor's decision because their file was changed."""
Built = Callable[[T], Awaitable[None]]
"""Is told of an answerer that was built and is about to be served."""
_WATCHED: Final = (".yaml",)
_SETTLE_MS: Final = 400


@dataclass(frozen=True, slots=True)
class Served(Generic[T]):
    """One state of affairs: the answerer, what it was built from, and what was wrong with the files."""

    answerer: T
    overlaid: Overlaid
    files: Knowledge
    problems: tuple[Problem, ...] = field(default=())

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Published edits that an editor has to look at."""
        return tuple(flag for flag in self.overlaid.flags if flag.needs_a_look)

    def file_hash(self, place: Place) -> str:
        """The hash of what the files hold at a place."""
        return content_hash(value_in(self.files, place))


class Publisher(Generic[T]):
    """Keeps what is served in step with files and edits.

    ``build`` makes an answerer from a knowledge base and runs in a worker thread; ``on_swap`` is told the new one.
    """

    def __init__(
        self,
        folder: Path,
        store: Standings,
        build: Callable[[Knowledge], T],
        on_swap: Callable[[T], None] = lambda _: None,
        on_trouble: Trouble | None = None,
        on_flags: Flagged | None = None,
        veil: Callable[[T, Knowledge], T] | None = None,
    ) -> None:
        """``veil`` gives, in a moment, an answerer that says nothing beyond a smaller knowledge, without building."""
        self._folder = folder
        self._store = store
        self._build = build
        self._on_swap = on_swap
        self._on_trouble = on_trouble
        self._on_flags = on_flags
        self._on_built: Built[T] | None = None
        self._veil = veil
        self._withheld: set[Place] = set()
        self._behind: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._now: Served[T] | None = None

    def connect(
        self, on_swap: Callable[[T], None], on_trouble: Trouble, on_flags: Flagged, on_built: Built[T] | None = None
    ) -> None:
        """Somebody else who is told from now on, in the place of whoever was told before. ``on_built`` may make ready
        for what is served once it is done."""
        self._on_swap, self._on_trouble, self._on_flags, self._on_built = on_swap, on_trouble, on_flags, on_built

    @property
    def started(self) -> bool:
        """Whether something is served yet."""
        return self._now is not None

    @property
    def now(self) -> Served[T]:
        """What is served. Call :meth:`start` first."""
        if self._now is None:
            raise RuntimeError("the publisher was not started")
        return self._now

    @property
    def hidden(self) -> frozenset[Place]:
        """What is hidden, also while the answerer without it is still being built."""
        return self.now.overlaid.hidden | self._withheld

    async def start(self, ready: T | None = None, revision: str = "") -> Served[T]:
        """Load the files, lay the edits over them, build. Broken files are left out and named.

        ``ready`` is an answerer of the knowledge with that ``revision``: it is taken when nothing lies over the files.
        """
        async with self._turn:
            loaded = await asyncio.to_thread(load_knowledge, self._folder)
            await self._serve(loaded.knowledge, loaded.problems, anew=False, ready=(ready, revision))
        return self.now

    async def refresh(self, anew: bool = False) -> Served[T]:
        """Serve what is published now; after every publish, revert, hide and show. ``anew`` builds in any case."""
        async with self._turn:
            before = self.now
            await self._serve(before.files, before.problems, anew)
        return self.now

    async def reload(self, anew: bool = False) -> Served[T]:
        """Take changed files. When one is broken, the last good files keep serving and the trouble is told."""
        async with self._turn:
            before = self.now
            loaded = await asyncio.to_thread(load_knowledge, self._folder)
            broken = _broken(loaded)
            files = before.files if broken else loaded.knowledge
            known = {(flag, before.file_hash(flag.place)) for flag in before.flags}
            await self._serve(files, loaded.problems, anew)
            news = tuple(flag for flag in self.now.flags if (flag, self.now.file_hash(flag.place)) not in known)
        if broken:
            await self._tell((*map(str, broken), "The last good knowledge keeps answering until this is mended."))
        await self._flag(news)
        return self.now

    async def withhold(self, place: Place) -> None:
        """Serve nothing of a place from this moment on, even while something else is being built; build behind.

        Without a veil the new answerer is built first.
        """
        if self._veil is None:
            await self.refresh()
            return
        self._withheld.add(place)
        before = self.now
        veiled = self._veiled(before.answerer, before.overlaid)
        self._now = Served(veiled, before.overlaid, before.files, before.problems)
        self._on_swap(veiled)
        log.info("event=withheld subject=%s key=%s", place.subject, place.key)
        task = asyncio.create_task(self._refresh_behind())
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _refresh_behind(self) -> None:
        try:
            await self.refresh()
        except Exception as fault:
            log.exception("event=swap-failed")
            await self._tell((f"The answers without what was hidden could not be built ({type(fault).__name__}).",))

    async def settled(self) -> None:
        """Wait until nothing is being built behind a veil."""
        while self._behind:
            await asyncio.gather(*self._behind)

    def _veiled(self, answerer: T, overlaid: Overlaid) -> T:
        """The answerer without what was hidden since ``overlaid`` was made."""
        since = self._withheld - overlaid.hidden
        if self._veil is None or not since:
            return answerer
        knowledge = overlaid.knowledge
        for place in since:
            knowledge = with_value(knowledge, place, None)
        return self._veil(answerer, revise(without_loose_ends(knowledge, overlaid.knowledge)))

    async def watch(self, stop: asyncio.Event) -> None:
        """Reload whenever a YAML file of the folder changes, until ``stop`` is set."""
        if not self._folder.is_dir():
            await stop.wait()
            return
        async for changes in watchfiles.awatch(
            self._folder, watch_filter=_is_watched, step=_SETTLE_MS // 4, debounce=_SETTLE_MS, stop_event=stop
        ):
            safety = any(Path(path).parent.name == "safety" for _, path in changes)
            try:
                await self.reload(anew=safety)
            except Exception as fault:
                log.exception("event=reload-failed")
                await self._tell((f"The changed files could not be taken ({type(fault).__name__}); see the log.",))

    async def _serve(
        self, files: Knowledge, problems: tuple[Problem, ...], anew: bool, ready: tuple[T | None, str] = (None, "")
    ) -> None:
        edits = await self._store.standing()
        tombs = await asyncio.to_thread(read_tombstones, self._folder) - await self._store.lifted()
        overlaid = await asyncio.to_thread(overlay, files, edits, tombs)
        revision, before = overlaid.knowledge.revision, self._now
        if before is not None:
            ready = (before.answerer, before.overlaid.knowledge.revision) if not self._withheld else (None, "")
        known, of = ready
        if known is None or of != revision or anew:
            known = await asyncio.to_thread(self._build, overlaid.knowledge)
            if self._on_built is not None:
                await self._on_built(known)
        hidden = {edit.place for edit in await self._store.standing() if edit.state is State.HIDDEN}
        self._withheld &= hidden - overlaid.hidden
        answerer = self._veiled(known, overlaid)
        self._now = Served(answerer, overlaid, files, problems)
        if before is None or answerer is not before.answerer:
            self._on_swap(answerer)
        log.info("event=served revision=%s edits=%d", revision, len(edits))

    async def _flag(self, flags: tuple[Flag, ...]) -> None:
        if not flags:
            return
        if self._on_flags is not None:
            await self._on_flags(flags)
        else:
            await self._tell(tuple(flag.sentence for flag in flags))

    async def _tell(self, sentences: tuple[str, ...]) -> None:
        if self._on_trouble is not None:
            await self._on_trouble(sentences)


def _broken(loaded: Loaded) -> tuple[Problem, ...]:
    return tuple(problem for problem in loaded.problems if problem.severity is Gravity.ERROR)


def _is_watched(change: watchfiles.Change, path: str) -> bool:
    """YAML files, but not those that editors of text keep beside them."""
    name = Path(path).name
    return name.endswith(_WATCHED) and not name.startswith((".", "#")) and change in watchfiles.Change
