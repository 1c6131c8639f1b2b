"""Cold start: the time and the peak memory of one ``nextstep ask``, as a process of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.bench.questions import Ground

_LAUNCHER: Final = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
seconds = time.perf_counter() - start
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""
"""A small process between this one and the measured one: a child's peak starts at what its parent held."""


def start(folder: Path, cache: Path, question: str) -> tuple[float, float]:
    """Seconds and peak megabytes of one start with the compiled copies in ``cache``."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "NEXTSTEP_KNOWLEDGE": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    command = [sys.executable, "-m", "bot", "ask", question]
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", _LAUNCHER, *command],
        env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, kilobytes = json.loads(done.stdout)
    return float(seconds), kilobytes * (1 if sys.platform == "darwin" else 1024) / 1e6


def rows(ground: Ground, times: int) -> tuple[tuple[str, float, str, str], ...]:
    """The first start, which compiles the knowledge, and the median of the later ones."""
    question = f"what is {next(iter(ground.knowledge.entries.values())).title}?"
    with tempfile.TemporaryDirectory() as cache:
        first, most = start(ground.folder, Path(cache), question)
        later = [start(ground.folder, Path(cache), question) for _ in range(times)]
    return (
        ("nextstep ask, first start (compiles the knowledge)", first, "s", ""),
        ("nextstep ask, compiled", statistics.median(seconds for seconds, _ in later), "s", "≤ 0.6"),
        ("peak memory, first start", most, "MB", ""),
        ("peak memory, compiled", max(memory for _, memory in later), "MB", "≤ 200"),
    )
