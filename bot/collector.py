"""Python's cycle collector while the program starts: what starting makes stays, and walking it again and again is a
quarter of a start's time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
