"""Long work in pieces: the most urgent goes on, what several want is done once, and one piece is done at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.client.editors.turns import Turns, Urgency
from bot.evaluation.impact import Steps


class Job:
    """Some pieces, each of which waits for :attr:`go`; what was done, in order."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.done: list[str] = []
        self.at_once = self.most = 0

    @contextmanager
    def _piece(self) -> Iterator[None]:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.begun.set()
        yield
        self.at_once -= 1

    def steps(self, name: str, pieces: int = 3) -> Steps[str]:
        for nth in range(pieces):
            with self._piece():
                assert self.go.wait(30)
                self.done.append(f"{name}{nth}")
            yield
        return name


async def quiet() -> None:
    """Nothing else goes on."""


async def never_quiet() -> None:
    await asyncio.Event().wait()


async def begun(job: Job) -> None:
    await asyncio.to_thread(job.begun.wait, 30)


async def test_the_most_urgent_goes_on_and_what_was_begun_first_of_its_like() -> None:
    turns, job = Turns(quiet), Job()
    first = asyncio.create_task(turns.through("a", lambda: job.steps("a"), Urgency.LATER))
    await begun(job)
    rest = [
        asyncio.create_task(turns.through(name, lambda name=name: job.steps(name), urgency))  # type: ignore[misc]
        for name, urgency in (("b", Urgency.SOON), ("c", Urgency.AWAITED), ("d", Urgency.SOON))
    ]
    await asyncio.sleep(0)
    job.go.set()
    assert await asyncio.gather(first, *rest) == ["a", "b", "c", "d"]
    assert job.done[0] == "a0", "a piece is finished"
    assert [one[0] for one in job.done[1:]] == [*"cccbbbddd", "a", "a"]
    assert job.most == 1


async def test_what_is_wanted_twice_is_done_once_and_as_urgently_as_anybody_wants_it() -> None:
    turns, job = Turns(never_quiet), Job()
    job.go.set()
    later = asyncio.create_task(turns.through("a", lambda: job.steps("a"), Urgency.LATER))
    await asyncio.sleep(0)
    assert await turns.through("a", lambda: job.steps("again"), Urgency.AWAITED) == "a", "it does not wait for quiet"
    assert await later == "a"
    assert job.done == ["a0", "a1", "a2"]
    assert await turns.through("a", lambda: job.steps("b"), Urgency.SOON) == "b", "what is done is not kept"


async def test_what_nobody_wants_any_more_ends_after_its_piece() -> None:
    turns, job = Turns(quiet), Job()
    left = asyncio.create_task(turns.through("a", lambda: job.steps("a"), Urgency.SOON))
    await begun(job)
    left.cancel()
    other = asyncio.create_task(turns.through("b", lambda: job.steps("b"), Urgency.AWAITED))
    await asyncio.gather(left, return_exceptions=True)
    assert job.done == [], "the other waits for the piece that was begun"
    job.go.set()
    assert await other == "b"
    assert job.done == ["a0", "b0", "b1", "b2"]
    assert job.most == 1


async def test_it_goes_on_while_one_of_two_still_wants_it() -> None:
    turns, job = Turns(quiet), Job()
    one, other = (asyncio.create_task(turns.through("a", lambda: job.steps("a"), Urgency.SOON)) for _ in range(2))
    await begun(job)
    one.cancel()
    job.go.set()
    assert await other == "a"
    assert one.cancelled()


async def test_a_turn_that_was_given_to_who_left_goes_to_the_next() -> None:
    turns, job = Turns(quiet), Job()
    tasks = [
        asyncio.create_task(turns.through(name, lambda name=name: job.steps(name), Urgency.SOON))  # type: ignore[misc]
        for name in "abc"
    ]
    await begun(job)
    await asyncio.sleep(0)
    tasks[1].cancel()
    job.go.set()
    assert [await tasks[0], await tasks[2]] == ["a", "c"]


async def test_a_fault_is_told_to_who_wants_it_and_stops_nothing_else() -> None:
    turns, job = Turns(quiet), Job()
    job.go.set()

    def broken() -> Steps[str]:
        yield
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await turns.through("a", broken, Urgency.AWAITED)
    assert await turns.through("b", lambda: job.steps("b"), Urgency.LATER) == "b"
