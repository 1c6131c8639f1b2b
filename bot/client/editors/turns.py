"""Long work in short pieces, one piece at a time: what is more urgent goes next.

What several want is done once. Work ends when nobody wants it any more; a piece that has begun is always finished
first, so that however often something is begun and left, one processor at most is at it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable
from contextlib import asynccontextmanager, suppress
from enum import IntEnum
from itertools import count
from typing import Any, Generic, TypeVar

from bot.evaluation.impact import Steps

T = TypeVar("T")


class Urgency(IntEnum):
    """How urgent some work is, the most urgent first."""

    AWAITED = 0
    """Somebody waits for it."""
    SOON = 1
    """Somebody writes, and will want to know when they are done."""
    LATER = 2
    """Somebody may want to know, some day."""


class _Work(Generic[T]):
    """Something under way, and how many want it."""

    task: asyncio.Task[T]

    def __init__(self, steps: Steps[T], urgency: Urgency, number: int) -> None:
        self._steps = steps
        self._number = number
        self.urgency = urgency
        self.hurried = asyncio.Event()
        self.wanted = 0

    def hurry(self, urgency: Urgency) -> None:
        """Somebody else wants it too."""
        if urgency < self.urgency:
            self.urgency = urgency
            self.hurried.set()

    @property
    def rank(self) -> tuple[Urgency, int]:
        """The lowest goes first: of what is as urgent, what was begun first."""
        return self.urgency, self._number

    def piece(self) -> tuple[T] | None:
        """One piece, in a worker thread; what comes of it all once it is done."""
        try:
            next(self._steps)
        except StopIteration as end:
            return (end.value,)
        return None


class Turns:
    """Takes pieces of work in turn. ``quiet`` is awaited before each piece that nobody waits for."""

    def __init__(self, quiet: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._quiet = quiet
        self._under_way: dict[Hashable, _Work[Any]] = {}
        self._numbers = count()
        self._is_taken = False
        self._waiting: list[tuple[_Work[Any], asyncio.Future[None]]] = []

    async def through(self, key: Hashable, begin: Callable[[], Steps[T]], urgency: Urgency) -> T:
        """What comes of some work. Who wants what has the same ``key`` gets the same; the most urgent counts."""
        work = self._under_way.get(key)
        if work is None:
            work = self._under_way[key] = _Work(begin(), urgency, next(self._numbers))
            work.task = asyncio.create_task(self._done(key, work))
        work.hurry(urgency)
        work.wanted += 1
        try:
            found: T = await asyncio.shield(work.task)
            return found
        finally:
            work.wanted -= 1
            if not work.wanted:
                self._forget(key, work)
                work.task.cancel()

    def _forget(self, key: Hashable, work: _Work[Any]) -> None:
        if self._under_way.get(key) is work:
            del self._under_way[key]

    async def _done(self, key: Hashable, work: _Work[T]) -> T:
        try:
            found = None
            while found is None:
                if work.urgency is Urgency.LATER:
                    await self._when_quiet(work)
                async with self._turn(work):
                    found = await _finished(asyncio.to_thread(work.piece))
                    while found is None and self._goes_on(work):
                        found = await _finished(asyncio.to_thread(work.piece))
            return found[0]
        finally:
            self._forget(key, work)

    def _goes_on(self, work: _Work[Any]) -> bool:
        """Whether it keeps its turn for another piece."""
        return work.urgency < Urgency.LATER and all(work.rank < other.rank for other, _ in self._waiting)

    async def _when_quiet(self, work: _Work[Any]) -> None:
        """Until nothing else goes on, or somebody waits for it after all."""
        ends = [asyncio.ensure_future(one) for one in (self._quiet(), work.hurried.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in ends:
                one.cancel()

    @asynccontextmanager
    async def _turn(self, work: _Work[Any]) -> AsyncIterator[None]:
        if self._is_taken:
            entry = work, asyncio.get_running_loop().create_future()
            self._waiting.append(entry)
            try:
                await entry[1]
            except asyncio.CancelledError:
                if entry in self._waiting:
                    self._waiting.remove(entry)
                else:
                    self._pass_on()
                raise
        self._is_taken = True
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        if not self._waiting:
            self._is_taken = False
            return
        first = min(self._waiting, key=lambda one: one[0].rank)
        self._waiting.remove(first)
        first[1].set_result(None)


async def _finished(piece: Awaitable[T]) -> T:
    """What comes of a piece. A thread cannot be ended: whoever is cancelled waits for it all the same."""
    task = asyncio.ensure_future(piece)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):
            await asyncio.wait([task])
        raise
