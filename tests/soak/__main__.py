"""``python -m tests.soak [--quick]``: long runs under faults. Fails (exit 1) when anything is not as it must be.

Four soaks, one after another:

* edits: a process that edits knowledge is killed at random moments; nothing acknowledged may be lost, none half done
  (:mod:`tests.soak.edits_crash`);
* messages: many messages of many members, with their conversations, through the answerer as clients hold it; every one
  gets a reply, none of them a fault, and memory must not grow (:mod:`tests.soak.messages`);
* wire: as many over the wire to one process of the bot, whose memory must not grow (:mod:`tests.soak.wire`);
* chaos: dropped connections, refused requests and kills; nothing is answered twice, and nothing that was delivered is
  left out unless a kill fell in between (:mod:`tests.soak.chaos`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.soak import chaos, edits_crash, messages, wire

SOAKS: Final = ("edits", "messages", "wire", "chaos")


def _soak(name: str, kills: int, count: int, *, quick: bool) -> tuple[str, Sequence[str]]:
    """What one soak says, and what is wrong."""
    match name:
        case "edits":
            with tempfile.TemporaryDirectory() as home:
                steps, problems = edits_crash.soak(kills, Path(home))
            return f"edits: {kills} kills, {steps:,} acknowledged steps, {len(problems)} problems", problems
        case "messages":
            found = messages.soak(count)
            return str(found), found.problems
        case "wire":
            carried = wire.soak(count)
            return str(carried), carried.problems
        case _:
            endured = chaos.soak(*((60, 6, 2) if quick else (500, 50, 10)))
            return str(endured), endured.problems


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the kills, a hundredth of the messages")
    parser.add_argument("--only", choices=SOAKS, action="append", help="this soak alone")
    parser.add_argument("--kills", type=int, default=None, help="how often the editing process is killed")
    parser.add_argument("--messages", type=int, default=None, help="how many messages are replayed")
    chosen = parser.parse_args(arguments)
    kills = chosen.kills if chosen.kills is not None else 20 if chosen.quick else 200
    count = chosen.messages if chosen.messages is not None else 2_000 if chosen.quick else 200_000
    console, wrong = Console(), []
    for name in chosen.only or SOAKS:
        said, problems = _soak(name, kills, count, quick=chosen.quick)
        console.print(said)
        wrong += [f"{name}: {problem}" for problem in problems]
    for problem in wrong:
        console.print(problem, style="red")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
