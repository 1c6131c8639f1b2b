"""Python's cycle collector. While the program starts: what starting makes stays, and walking it again and again is a
quarter of a start's time. While it serves: walking everything takes as long as several replies, so that it waits for a
quiet moment."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_YOUNG: Final = 5_000
"""New objects from which the youngest are walked: most of a reply's are gone by then."""
_MIDDLING: Final = 10
_SELDOM: Final = 100
"""Walks of the middling before everything is walked unasked. A process that serves asks for it: see :func:`sweep`."""
_DUE: Final = 2
"""Walks of the middling after which it is worth asking for."""


@contextmanager
def uncollected(*, kept: bool = False) -> Iterator[None]:
    """Nothing is collected meanwhile; afterwards all goes on as before.

    ``kept`` takes what is there at the end out of what is ever walked again: for what lives as long as the process.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if kept:
            gc.freeze()
        if before:
            gc.enable()


def serving() -> None:
    """For a process that has started and answers from now on: what is there stays for good, and the collector walks
    the young in larger steps, and everything else only when told to (:func:`sweep`), never in the middle of a reply.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLING, _SELDOM)


def is_due() -> bool:
    """Whether enough was made since the last :func:`sweep`."""
    return gc.get_count()[2] >= _DUE


def sweep() -> None:
    """Collect whatever refers to itself in a circle; for a moment in which nobody waits."""
    gc.collect()
