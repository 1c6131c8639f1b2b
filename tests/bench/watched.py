"""``python -m tests.bench.watched FILE MODULE [ARGUMENTS]``: runs a module, and writes what its event loop did to FILE.

Every callback of asyncio is timed. A callback blocks the loop for its wall time, unless the machine gave the processor
to somebody else meanwhile: then only its processor time counts (it neither slept nor waited in the kernel).
"""

from __future__ import annotations

import asyncio
import atexit
import json
import resource
import runpy
import sys
import time
from pathlib import Path
from typing import Final

LONG: Final = 0.005
KEPT: Final = 2000


class Watch:
    """The longest blocks of the loop. Seconds."""

    def __init__(self) -> None:
        self.callbacks = 0
        self.busy = 0.0
        self.longest: list[tuple[float, float, str]] = []

    def install(self) -> None:
        """Time every callback of every loop of this process."""
        original = asyncio.Handle._run

        def run(handle: asyncio.Handle) -> None:
            waits = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
            processor, wall = time.thread_time(), time.perf_counter()
            original(handle)
            wall = time.perf_counter() - wall
            if wall > LONG:
                waited = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - waits
                self.note(wall if waited else time.thread_time() - processor, wall, handle)
            self.callbacks += 1
            self.busy += wall

        setattr(asyncio.Handle, "_run", run)  # noqa: B010 - the only place where every callback passes

    def note(self, blocked: float, wall: float, handle: asyncio.Handle) -> None:
        """Remember a long one, and what it was."""
        if len(self.longest) < KEPT:
            self.longest.append((blocked, time.monotonic(), _named(handle)))

    def data(self) -> dict[str, object]:
        """For the file: ``[blocked, moment by the monotonic clock, what]`` of each long callback."""
        return {"callbacks": self.callbacks, "busy": self.busy, "longest": sorted(self.longest, reverse=True)}


def _named(handle: asyncio.Handle) -> str:
    callback = handle._callback  # type: ignore[attr-defined]
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        coroutine = task.get_coro()
        return str(getattr(coroutine, "__qualname__", coroutine))
    return str(getattr(callback, "__qualname__", type(callback).__name__))


def main() -> None:
    """Watch, run, write at the end; also when the end is a signal that is handled."""
    file, module, *arguments = sys.argv[1:]
    watch = Watch()
    watch.install()
    atexit.register(lambda: Path(file).write_text(json.dumps(watch.data()), encoding="utf-8"))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
