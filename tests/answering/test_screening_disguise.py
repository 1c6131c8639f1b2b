"""Ways of typing do not hide an alarm: fewer than 2 in 100 may be lost to each."""

from __future__ import annotations

import random
import time

from tests import shipped
from tests.answering.safety_statements import CONCERN, CRISIS, EMERGENCY

SAFETY = shipped.safety()
SCREEN = shipped.screen()
ORDINARY = frozenset(SAFETY.words.ordinary)
"""Real words that a slip can make (``nose`` for ``noose``): those are never bent back."""
HEARD = [text for text in (*EMERGENCY, *CRISIS, *CONCERN) if SCREEN.screen(text).level.is_alarm]
ALIKE = str.maketrans("aceiopxyk", "асеіорхук")


def kept(disguise: object, rounds: int = 3) -> float:
    """The share of alarms that are still heard after ``disguise(text, random)``."""
    chance = random.Random(2026)
    trials = [disguise(text, chance) for _ in range(rounds) for text in HEARD]  # type: ignore[operator]
    return sum(SCREEN.screen(text).level.is_alarm for text in trials) / len(trials)


def _sprinkled(text: str, chance: random.Random, sign: str) -> str:
    return "".join(letter + (sign if letter.isalpha() and chance.random() < 0.4 else "") for letter in text)


def _stretched(text: str, chance: random.Random) -> str:
    """Two words drawn out, as people do for weight."""
    words = text.split()
    for at in chance.sample(range(len(words)), min(2, len(words))):
        if words[at].isalpha():
            words[at] += words[at][-1] * 3
    return " ".join(words)


def _spaced(text: str, chance: random.Random) -> str:
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    if long:
        at = chance.choice(long)
        words[at] = " ".join(words[at])
    return " ".join(words)


def _slipped(text: str, chance: random.Random) -> str:
    """One slip of the finger in one word of five or more letters, not in its first letter."""
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not long:
        return text
    at = chance.choice(long)
    word, place = words[at], chance.randrange(1, len(words[at]) - 1)
    kind = chance.choice("drts")
    if kind == "d":
        word = word[:place] + word[place + 1 :]
    elif kind == "r":
        word = word[:place] + word[place] + word[place:]
    elif kind == "t":
        word = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    else:
        word = word[:place] + chance.choice("qxzj") + word[place + 1 :]
    if word.lower() in ORDINARY:
        return text
    words[at] = word
    return " ".join(words)


def test_case() -> None:
    assert kept(lambda text, _: text.upper(), 1) >= 0.98


def test_letters_of_other_alphabets() -> None:
    assert kept(lambda text, _: text.lower().translate(ALIKE), 1) >= 0.98


def test_invisible_letters() -> None:
    assert kept(lambda text, chance: _sprinkled(text, chance, "\u200b")) >= 0.98


def test_stretched_words() -> None:
    assert kept(_stretched) >= 0.98


def test_a_word_spelled_out() -> None:
    assert kept(_spaced) >= 0.98


def test_one_slip_of_the_finger() -> None:
    assert kept(_slipped) >= 0.98


def test_decoration() -> None:
    assert kept(lambda text, _: f"hey bot pls {text} 😭😭 ??", 1) >= 0.98


def test_no_input_is_slow() -> None:
    """Compared with a plain message on the same machine: at most 80 times its time for 4,000 characters."""
    words = sorted({word for text in (*EMERGENCY, *CRISIS, *CONCERN) for word in text.lower().split()})
    chance = random.Random(7)
    worst = [
        "i " * 2000,
        "k*ll " * 800,
        "k i l l " * 500,
        "a" * 4000,
        "'" * 4000,
        "(" * 4000,
        "i want to " * 400,
        "\u0301" * 4000,
    ]
    worst += [" ".join(chance.choices(words, k=900))[:4000] for _ in range(4)]
    plain = min(_seconds("hello all, does anyone here take their lithium in the evening?") for _ in range(20))
    for text in worst:
        assert min(_seconds(text) for _ in range(3)) < max(80 * plain, 0.02)


def _seconds(text: str) -> float:
    start = time.thread_time()
    SCREEN.screen(text)
    return time.thread_time() - start
