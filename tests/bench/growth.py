"""Growth: the same knowledge with a thousand, ten thousand and a hundred thousand phrasings.

Phrasings beyond the written ones are made from them: two words change places, a word falls out, a plain word and its
colloquial forms replace each other, something is said before or after. Sentences of this sort are not good
English; they cost what real ones cost, which is all that is measured here.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.answering.model import Question
from bot.answering.pipeline import Answerer
from bot.evaluation.scoring import START
from bot.knowledge.model import Knowledge
from tests.bench.questions import SEED, Ground
from tests.bench.rivals import RIVALS
from tests.bench.table import Cell, Ratio, Table, quantiles

OURS: Final = "NextStep"
_AROUND: Final = ("so", "hey", "please", "anyone know", "just wondering", "ok", "honestly", "thanks")
_SLOW: Final = frozenset({"WRatio", "token_set_ratio"})
_ROUNDS: Final = 3
MOST_SLOWER: Final = 5.0
LEAST_FASTER: Final = 50.0


@dataclass(frozen=True, slots=True)
class Size:
    """Seconds a question of every method (median and 99th percentile) with so many phrasings."""

    phrasings: int
    seconds: Mapping[str, tuple[float, float]]


def varied(ask: str, swaps: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    """Another wording of ``ask``."""
    words = ask.split()
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(words))
        match chance.randrange(4):
            case 0 if place + 1 < len(words):
                words[place], words[place + 1] = words[place + 1], words[place]
            case 1 if len(words) > 3:
                del words[place]
            case 2 if words[place].lower() in swaps:
                words[place] = chance.choice(swaps[words[place].lower()])
            case _:
                words.insert(chance.choice((0, len(words))), chance.choice(_AROUND))
    return " ".join(words)


def swaps_of(knowledge: Knowledge) -> dict[str, tuple[str, ...]]:
    """Words that may replace each other, by the vocabulary."""
    swaps: dict[str, tuple[str, ...]] = {}
    for plain, spoken in knowledge.vocabulary.synonyms.items():
        forms = (plain, *spoken)
        swaps |= {form: tuple(other for other in forms if other != form) for form in forms}
    return swaps


def grown(knowledge: Knowledge, phrasings: int) -> Knowledge:
    """The knowledge with so many asks in all, shared evenly among its entries."""
    swaps, chance = swaps_of(knowledge), random.Random(SEED)
    each, more = divmod(phrasings, len(knowledge.entries))
    entries = {
        name: entry.model_copy(
            update={"asks": tuple(_asks(entry.asks, each + (place < more), swaps, chance)) or entry.asks[:1]}
        )
        for place, (name, entry) in enumerate(knowledge.entries.items())
    }
    return knowledge.model_copy(update={"entries": entries, "revision": f"grown-{phrasings}"})


def _asks(asks: Sequence[str], wanted: int, swaps: Mapping[str, Sequence[str]], chance: random.Random) -> Iterator[str]:
    yield from asks[:wanted]
    for _ in range(wanted - len(asks)):
        yield varied(chance.choice(asks), swaps, chance)


def timed(methods: Sequence[tuple[Callable[[str], object], Sequence[str]]]) -> list[tuple[float, float]]:
    """Median and 99th percentile of each method over its questions, each question in the best of its rounds.

    Every round goes through all methods, so that whatever else the machine does falls on all of them.
    """
    best = [[float("inf")] * len(questions) for _, questions in methods]
    for _ in range(_ROUNDS):
        for seconds, (answer, questions) in zip(best, methods, strict=True):
            for place, question in enumerate(questions):
                start = time.perf_counter()
                answer(question)
                seconds[place] = min(seconds[place], time.perf_counter() - start)
    return [quantiles(seconds) for seconds in best]


def measure(ground: Ground, sizes: Sequence[int], questions: Sequence[str], few: int) -> list[Size]:
    """All methods at all sizes on the same phrasings; the two slow ones are asked ``few`` questions."""
    names: list[tuple[int, str]] = []
    methods: list[tuple[Callable[[str], object], Sequence[str]]] = []
    for place, size in enumerate(sizes):
        knowledge = grown(ground.knowledge, size)
        texts = [ask for entry in knowledge.entries.values() for ask in entry.asks]
        names += [(place, name) for name in (OURS, *RIVALS)]
        methods.append((_asking(Answerer(knowledge, ground.safety)), questions))
        methods += [(make(texts), questions[:few] if name in _SLOW else questions) for name, make in RIVALS.items()]
    found = dict(zip(names, timed(methods), strict=True))
    return [Size(size, {name: found[place, name] for name in (OURS, *RIVALS)}) for place, size in enumerate(sizes)]


def _asking(answerer: Answerer) -> Callable[[str], object]:
    return lambda text: answerer.reply(Question(text, START))


def table(sizes: Sequence[Size]) -> Table:
    """Milliseconds a question by method and size."""
    rows: list[tuple[Cell, ...]] = [
        (name, *(1e3 * size.seconds[name][0] for size in sizes), 1e3 * sizes[-1].seconds[name][1])
        for name in (OURS, *RIVALS)
    ]
    return Table(
        "growth",
        "Growth: milliseconds a question, by how many phrasings are stored (median)",
        ("method", *(f"{size.phrasings:,}" for size in sizes), f"p99 at {sizes[-1].phrasings:,}"),
        tuple(rows),
        "NextStep's figure is the whole reply, screening included; the others only find the nearest phrasing.",
    )


def ratios(sizes: Sequence[Size]) -> tuple[Ratio, ...]:
    """What may fail the run; only with the largest size, since both bars speak of it."""
    first, last = sizes[0], sizes[-1]
    if last.phrasings < 100_000:
        return ()
    ours = last.seconds[OURS][0]
    return (
        Ratio("answer, 100,000 phrasings / 1,000", ours / first.seconds[OURS][0], MOST_SLOWER, at_most=True),
        Ratio("WRatio / answer at 100,000", last.seconds["WRatio"][0] / ours, LEAST_FASTER, at_most=False),
    )


def plot(sizes: Sequence[Size], path: Path) -> None:
    """A picture of the growth, both axes logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for name in (*RIVALS, OURS):
        width, color, line = (3.0, "black", "-") if name == OURS else (1.2, None, "--")
        points = [1e3 * size.seconds[name][0] for size in sizes]
        axes.plot(
            [size.phrasings for size in sizes],
            points,
            marker="o",
            label=name,
            linewidth=width,
            color=color,
            linestyle=line,
        )
    axes.set(xscale="log", yscale="log", xlabel="phrasings stored", ylabel="milliseconds a question (median)")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=150)
