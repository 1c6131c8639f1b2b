"""The screen: messages a second, and the worst input that a short seeded fuzz finds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.answering.screening import Screen
from tests.bench.questions import SEED, Ground

LONGEST: Final = 4000
_ROUNDS: Final = 3
_SPACES: Final = (" ", "  ", "\n", "\u200b", ", ", ". ", "? ", "-", "")
_ODD: Final = "aаàᵃ4@ɑ0οо1lI|!¡.,-_*#~`'\"“”()[]<>😀💀🔪\u200d\ufe0f\u0301\u202e \n\t"

Shape = Callable[[random.Random, Sequence[str]], str]


def _one_repeated(chance: random.Random, words: Sequence[str]) -> str:
    return (chance.choice(words) + chance.choice(_SPACES)) * LONGEST


def _few_repeated(chance: random.Random, words: Sequence[str]) -> str:
    return (chance.choice(_SPACES).join(chance.choices(words, k=chance.randint(2, 12))) + " ") * LONGEST


def _many(chance: random.Random, words: Sequence[str]) -> str:
    return chance.choice(_SPACES).join(chance.choices(words, k=1500))


def _letters(chance: random.Random, words: Sequence[str]) -> str:
    return chance.choice(_SPACES).join(letter for word in chance.choices(words, k=900) for letter in word)


def _odd(chance: random.Random, words: Sequence[str]) -> str:
    return "".join(chance.choices(_ODD, k=LONGEST))


def _odd_within(chance: random.Random, words: Sequence[str]) -> str:
    return " ".join(chance.choice(_ODD).join(word) for word in chance.choices(words, k=1200))


def _stretched(chance: random.Random, words: Sequence[str]) -> str:
    return " ".join("".join(letter * chance.randint(1, 6) for letter in word) for word in chance.choices(words, k=900))


SHAPES: Final[Mapping[str, Shape]] = {
    "one word repeated": _one_repeated,
    "a few words repeated": _few_repeated,
    "many words": _many,
    "letter by letter": _letters,
    "odd characters": _odd,
    "odd characters within words": _odd_within,
    "stretched letters": _stretched,
}


@dataclass(frozen=True, slots=True)
class Worst:
    """The slowest input found, by its shape and draw; the text itself is never printed."""

    shape: str
    draw: int
    length: int
    seconds: float


def words_of(ground: Ground) -> list[str]:
    """Words that the rules listen for: those of their examples."""
    safety = ground.safety
    texts = [text for rule in safety.rules for text in (*rule.fires, *rule.silent)] or list(ground.messages)
    return sorted({word for text in texts for word in text.split()}) or ["word"]


def worst_input(screen: Screen, words: Sequence[str], draws: int) -> Worst:
    """Draw inputs of every shape; the slowest ones are timed again, so that a hiccup of the machine is no finding."""
    found: list[tuple[float, str, int, str]] = []
    for draw in range(draws):
        for name, shape in SHAPES.items():
            text = shape(random.Random(f"{SEED} {name} {draw}"), words)[:LONGEST]
            found.append((_seconds(screen, text, 1), name, draw, text))
    slowest = sorted(found, reverse=True)[:10]
    again = max((_seconds(screen, text, 7), name, draw, len(text)) for _, name, draw, text in slowest)
    return Worst(again[1], again[2], again[3], again[0])


def _seconds(screen: Screen, text: str, rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        screen.screen(text)
        best = min(best, time.perf_counter() - start)
    return best


def rate(screen: Screen, messages: Sequence[str]) -> float:
    """Messages a second, one after another, in the best of a few rounds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for message in messages:
            screen.screen(message)
        best = min(best, time.perf_counter() - start)
    return len(messages) / best


def rows(ground: Ground, draws: int) -> tuple[tuple[str, float, str, str], ...]:
    """The screen's lines of the table: what, figure, unit, bar."""
    screen = Screen(ground.safety)
    worst = worst_input(screen, words_of(ground), draws)
    tried = draws * len(SHAPES)
    shape = f"screen, worst of {tried} inputs ({worst.shape}, draw {worst.draw}, {worst.length:,} characters)"
    return (
        ("screen, typical messages", rate(screen, ground.messages), "messages/s", "≥ 20,000"),
        (shape, 1e3 * worst.seconds, "ms", "≤ 2"),
    )
