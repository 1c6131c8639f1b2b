"""How near the previews of drafts are to full builds, and how long both take: ``python -m tests.bench.previews``.

Each draft is measured twice, with an index derived from the served one and with one built in full, over all labelled
questions of the knowledge. Takes some minutes. Seconds are those of the processor, as others may be at work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from rich.console import Console

from bot.answering.pipeline import Answerer
from bot.client.editors.meter import trials_in
from bot.editing.checks import with_value
from bot.editing.ends import without_loose_ends
from bot.editing.model import Place, Subject, Value
from bot.evaluation.baselines import Baseline, Told, baseline
from bot.evaluation.impact import impact
from bot.knowledge.loading import load_knowledge, revise
from bot.knowledge.locating import packaged
from bot.knowledge.model import Knowledge
from bot.knowledge.safety import load_safety

T = TypeVar("T")


def drafts(knowledge: Knowledge) -> Iterator[tuple[str, Knowledge, Knowledge]]:
    """Name, served knowledge and draft, one of each sort of edit."""
    pages = knowledge.entries
    tms, lithium = pages["tms"], pages["lithium"]

    def entry(key: str, **changes: object) -> Knowledge:
        return laid(knowledge, key, pages[key].model_copy(update=changes))

    few = ("my hands shake since i started the salt", "thyroid gone weird since the mood salt")
    prose = next(iter(tms.facets))
    yield "words of a page", knowledge, entry("tms", facets={**tms.facets, prose: f"{tms.facets[prose]} It is loud."})
    yield "two asks more", knowledge, entry("lithium", asks=(*lithium.asks, *few))
    yield (
        "asks that steal",
        knowledge,
        entry("tms", asks=(*tms.asks, "does it hurt", "is it painful")),
    )
    yield "half the asks gone", knowledge, entry("lithium", asks=lithium.asks[: len(lithium.asks) // 2])
    yield "a name more", knowledge, entry("esketamine", aliases=(*pages["esketamine"].aliases, "the nose spray"))
    yield "a page retired", knowledge, laid(knowledge, "vortioxetine", None)
    yield "one named everywhere", knowledge, laid(knowledge, "lithium", None)
    yield "the one named most", knowledge, laid(knowledge, "antidepressant", None)
    yield "a new page", laid(knowledge, "esketamine", None), knowledge


def laid(knowledge: Knowledge, key: str, value: Value | None) -> Knowledge:
    """The knowledge with an entry in place, or without it."""
    return revise(without_loose_ends(with_value(knowledge, Place(Subject.ENTRY, key), value), knowledge))


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What comes of it, and the processor's seconds."""
    began = time.thread_time()
    made = work()
    return made, time.thread_time() - began


def told(before: Baseline) -> list[Told]:
    """How every question is answered."""
    return [before.told(one) for one in before.asked]


class Bench:
    """Full builds, each made once."""

    def __init__(self) -> None:
        self._safety, self._rows = load_safety(packaged() / "safety"), trials_in(packaged())
        self._known: dict[str, tuple[Answerer, Baseline]] = {}

    def built(self, knowledge: Knowledge) -> tuple[Answerer, Baseline]:
        """A full build and how it answers."""
        if knowledge.revision not in self._known:
            answerer = Answerer(knowledge, self._safety)
            before = baseline(answerer, self._rows)
            told(before)
            self._known[knowledge.revision] = answerer, before
        return self._known[knowledge.revision]

    def measured(self, served: Knowledge, draft: Knowledge) -> tuple[str, ...]:
        """One row of the table."""
        (answerer, before), (_, full) = self.built(served), self.built(draft)
        derived, deriving = timed(partial(answerer.preview, draft))
        if derived is None:
            return "not derived", "", "", ""
        _, asking = timed(partial(impact, before, derived))
        old, new, near = map(told, (before, full, baseline(derived, self._rows)))
        same = sum(a == b for a, b in zip(new, near, strict=True)) / len(new)
        by_full, by_preview = ({n for n, one in enumerate(found) if one != old[n]} for found in (new, near))
        both = sum(new[place] == near[place] for place in by_full & by_preview)
        changed = f"{len(by_full)} / {len(by_preview)} / {both}"
        return f"{deriving:.1f} s", f"{asking:.1f} s", f"{same:.2%} of {len(new)}", changed


def main() -> None:
    """Print one row for each draft."""
    bench, say = Bench(), Console()
    head = ("draft", "derived in", "asked in", "as a full build", "changed by full / preview / both")
    say.print(" | ".join(head))
    for name, served, draft in drafts(load_knowledge(packaged()).knowledge):
        say.print(" | ".join((name, *bench.measured(served, draft))))


if __name__ == "__main__":
    main()
