"""``python -m tests.soak [--quick]``: long runs under faults. Fails (exit 1) when anything is not as it must be.

Two soaks, one after another:

* edits: a process that edits knowledge is killed at random moments; nothing acknowledged may be lost, none half done
  (:mod:`tests.soak.edits_crash`);
* messages: many messages of many members, with their conversations, through the answerer as clients hold it; every one
  gets a reply, none of them a fault, and memory must not grow (:mod:`tests.soak.messages`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.soak import edits_crash, messages


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 kills and 2,000 messages")
    parser.add_argument("--kills", type=int, default=None, help="how often the editing process is killed")
    parser.add_argument("--messages", type=int, default=None, help="how many messages are replayed")
    chosen = parser.parse_args(arguments)
    kills = chosen.kills if chosen.kills is not None else 20 if chosen.quick else 200
    count = chosen.messages if chosen.messages is not None else 2_000 if chosen.quick else 200_000
    console = Console()
    with tempfile.TemporaryDirectory() as home:
        steps, problems = edits_crash.soak(kills, Path(home))
    console.print(f"edits: {kills} kills, {steps:,} acknowledged steps, {len(problems)} problems")
    wrong = [f"edits: {problem}" for problem in problems]
    found = messages.soak(count)
    console.print(str(found))
    wrong += [f"messages: {problem}" for problem in found.problems]
    for problem in wrong:
        console.print(problem, style="red")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
