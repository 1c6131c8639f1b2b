"""A message as the screen reads it: plain words in order, with sentence starts, quotes and numbers marked.

Every word of the rules is known beforehand, so that one dictionary look-up settles most words. Only unknown words
are looked at more closely: signs and digits used as letters, censored letters, words run together, and one slip of
the finger in a word of five or more letters, found by comparing what is left when one letter is taken out
(symmetric deletion), never by searching the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from bot.answering.folding import fold, join_spaced, plain_spellings, squeeze

LONGEST: Final = 3000
"""Characters read of one message; of a longer one the first and the last half as many."""
_MOST_WORDS: Final = 1600

NUMBER: Final = "#"
NUMBERS: Final = frozenset((NUMBER, f"{NUMBER}teen", f"{NUMBER}many"))
UNKNOWN: Final = "_"
_SHORTEST_SLIP: Final = 5
_SHORTEST_JOINED: Final = 7
_MOST_STARS: Final = 2
_OPEN, _CLOSE = "\x01", "\x02"

_CODE: Final = re.compile(r"```[\s\S]{0,4000}?(?:```|$)|`[^`\n]{1,200}`|https?://\S+|<(?:a?:\w{1,40}:|[@#][!&]?)\d+>")
_QUOTED: Final = re.compile(
    r"\"[^\"\n]{1,400}\"|(?<![a-z0-9])'[^'\n]{2,}(?:'[a-z][^'\n]*){0,4}'(?![a-z])|^>[^\n]*", re.MULTILINE
)
_TOKEN: Final = re.compile(
    r"[^\W_]+(?:(?:['@$|!#]|\*+)[^\W_]+)*\**"
    r"|[.?!…]+(?=[\s\"')*\x02]|$)|\n+|[,;():\x01\x02]|[💊🔪🩸🪦🔫💀😂🤣😭😔👋🪢🗡😞🥲☠😹]"
)
_SLASHED: Final = re.compile(r"(?<![^\W_])([a-z])/([a-z])(?![^\W_/])")
_PARTS: Final = re.compile(r"\d+|[^\W\d_]+")
_TEENS: Final = frozenset(map(str, range(10, 18)))
_ENDS: Final = frozenset(".?!…\n")
_MARKS_OF_READING: Final = frozenset(".?!…\n,;():\x01\x02") | frozenset("💊🔪🩸🪦🔫💀😂🤣😭😔👋🪢🗡😞🥲☠😹")
_DOUBLED: Final = re.compile(r"(.)\1")
_STARS: Final = str.maketrans("#@$!", "****")


@dataclass(frozen=True, slots=True)
class Reading:
    """Words in order. ``starts`` and ``clauses`` have a bit for each word that opens a sentence or clause;
    ``quoted`` one for each word inside quotation marks."""

    words: tuple[str, ...]
    starts: int
    clauses: int
    quoted: int
    raw: tuple[str, ...]

    @property
    def ends(self) -> int:
        """A bit for each word that closes a sentence."""
        return (self.starts >> 1) | (1 << (len(self.words) - 1) if self.words else 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """Tokens as typed (folded), and the words that they stand for, with the marks between them."""

    raw: tuple[str, ...]
    words: list[str]
    parts: list[tuple[str, ...]]
    """The words of each token."""


def lay_out(draft: Draft) -> Reading:
    """Positions of words, sentences, clauses and quotations. At most 1,600 words; a repeated word counts once."""
    words: list[str] = []
    starts, clauses, quoted, opened = 1, 0, 0, -1
    for word in draft.words:
        if word[0] in _MARKS_OF_READING:
            if word[0] in _ENDS:
                starts |= 1 << len(words)
            elif word in "\x01\x02":
                opened, quoted = _toggle(word, opened, quoted, len(words))
            elif word in ",;():":
                clauses |= 1 << len(words)
            elif len(words) < _MOST_WORDS:
                starts |= 1 << len(words)
                words.append(word)
                starts |= 1 << len(words)
        elif len(words) < _MOST_WORDS and (not words or words[-1] != word):
            words.append(word)
    if opened >= 0:
        _, quoted = _toggle("\x02", opened, quoted, len(words))
    whole = (1 << len(words)) - 1
    return Reading(tuple(words), starts & whole, clauses & whole, quoted if quoted != whole else 0, draft.raw)


class Reader:
    """Turns text into a :class:`Reading`, for one vocabulary."""

    def __init__(
        self,
        spellings: Mapping[str, str],
        fillers: Iterable[str],
        known: Iterable[str],
        ordinary: Iterable[str],
        joined: Iterable[str] = (),
    ) -> None:
        # Sorted: of two words that a slip could mean, every start of the program has to take the same.
        self._table: dict[str, tuple[str, ...]] = {word: (word,) for word in sorted(known)}
        self._table.update((word, ()) for word in fillers)
        self._phrases = {short: long for short, long in spellings.items() if " " in short}
        self._heads_of_phrases = frozenset(short.split()[0] for short in self._phrases)
        for short, long in spellings.items():
            self._table[short] = tuple(word for part in long.split() for word in self._table.get(part, (part,)))
        for word in ordinary:
            self._table.setdefault(word, (UNKNOWN,))
        keys = [
            word for word, out in self._table.items() if out and out != (UNKNOWN,) and word.isalpha() and word.isascii()
        ]
        self._slips = _deletions(word for word in keys if len(word) >= _SHORTEST_SLIP)
        self._near = _swaps((word for word in keys if word not in spellings), self._table)
        self._squeezed = {squeeze(word): word for word in keys if len(word) > 2}
        self._censored = _censored(word for word in keys if 3 <= len(word) <= 10)
        self._longest = max(map(len, keys), default=0)
        self._joined = tuple(joined)

    def spell(self, phrase: str) -> tuple[str, ...]:
        """The words of a rule's phrase, spelled as those of messages."""
        return tuple(word for token in phrase.split() for word in self._table.get(token, (token,)))

    def knows(self, word: str) -> bool:
        """Whether the rules, the spellings or the ordinary words hold ``word``."""
        return word in self._table

    def draft(self, text: str) -> Draft:
        """The words of ``text``, without positions; of a long text its beginning and its end."""
        if len(text) > LONGEST:
            text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
        folded = fold(text)
        if "`" in folded or "http" in folded or "<" in folded:
            folded = _CODE.sub(" ", folded)
        if "/" in folded:
            folded = _SLASHED.sub(r"\1\2", folded)
        if '"' in folded or "'" in folded or ">" in folded:
            folded = _QUOTED.sub(_mark_quote, folded)
        tokens = _TOKEN.findall(folded)
        if _spells_out(tokens):
            tokens = [part for token in _TOKEN.findall(join_spaced(folded)) for part in self._apart(token)]
        if not self._heads_of_phrases.isdisjoint(tokens):
            tokens = self._merged(tokens)
        parts = self._parts(tokens)
        return Draft(tuple(tokens), list(chain.from_iterable(parts)), parts)

    def read(self, text: str) -> Reading:
        """The words of ``text`` with their positions."""
        return lay_out(self.draft(text))

    def _apart(self, token: str) -> tuple[str, ...]:
        """A word that was spelled out may be several (``i want to die`` with a blank after each letter)."""
        if len(token) < 4 or token in self._table or not token.isalpha():
            return (token,)
        return self._cut(token) or (token,)

    def _merged(self, tokens: list[str]) -> list[str]:
        """Phrases of several words put together as the spellings say."""
        merged: list[str] = []
        at = 0
        while at < len(tokens):
            if tokens[at] in self._heads_of_phrases:
                for length in (3, 2):
                    long = self._phrases.get(" ".join(tokens[at : at + length]))
                    if long is not None:
                        merged.extend(long.split())
                        at += length
                        break
                else:
                    merged.append(tokens[at])
                    at += 1
            else:
                merged.append(tokens[at])
                at += 1
        return merged

    def _parts(self, tokens: list[str]) -> list[tuple[str, ...]]:
        """The words of each token, and the marks between them as they are."""
        get, unknown = self._table.get, self._unknown
        parts: list[tuple[str, ...]] = []
        met: dict[str, tuple[str, ...]] = {}
        for token in tokens:
            found = get(token)
            if found is None:
                found = met.get(token)
                if found is None:
                    found = met[token] = (token,) if token[0] in _MARKS_OF_READING else unknown(token)
            parts.append(found)
        return parts

    def _unknown(self, token: str) -> tuple[str, ...]:
        """What a token that is no known word stands for."""
        if not token.isascii():
            return (UNKNOWN,)
        if not token.isalpha():
            return (_number(token),) if token.isdigit() else self._with_signs(token)
        key = self._meant(token)
        if key is not None:
            return self._table[key]
        if len(token) >= _SHORTEST_JOINED and token.startswith(self._joined) and (parts := self._cut(token)):
            return parts
        return (UNKNOWN,)

    def _meant(self, token: str) -> str | None:
        """The known word of which ``token`` is a stretched or mistyped form."""
        if (near := self._near.get(token)) is not None:
            return near
        if token[-1:] == token[-2:-1] and (short := token.rstrip(token[-1]) + token[-1]) in self._table:
            return short
        if (
            _DOUBLED.search(token)
            and (key := self._squeezed.get(squeeze(token))) is not None
            and _stretched(token, key)
        ):
            return key
        if len(token) == _SHORTEST_SLIP - 1 and (keys := self._slips.get(token)) is not None:
            return keys[0]
        return self._slip(token) if len(token) >= _SHORTEST_SLIP else None

    def _with_signs(self, token: str) -> tuple[str, ...]:
        """A token with digits, stars or other signs: censored, letters as signs, a possessive, or several parts."""
        starred = token.translate(_STARS)
        if "*" in starred:
            for word in self._censored.get((len(starred), starred[0]), ()):
                if _hides(starred, word):
                    return self._table[word]
        for read in plain_spellings(token):
            if (known := self._table.get(read)) is not None and known != (UNKNOWN,):
                return known
            if read.isalpha() and len(read) >= _SHORTEST_SLIP and (slip := self._slip(read)) is not None:
                return self._table[slip]
        if token.endswith(("'s", "s'")):
            return self._table.get(token[:-2]) or (UNKNOWN,)
        if (bare := token.replace("'", "")) in self._table:
            return self._table[bare]
        parts: tuple[str, ...] = ()
        for part in _PARTS.findall(token)[:6]:
            parts += self._table.get(part) or ((_number(part),) if part.isdigit() else (UNKNOWN,))
        return parts

    def _slip(self, token: str) -> str | None:
        slips = self._slips
        if (keys := slips.get(token)) is not None:
            return keys[0]
        if len(token) > self._longest + 1:
            return None
        for cut in range(len(token)):
            if (keys := slips.get(token[:cut] + token[cut + 1 :])) is not None:
                for key in keys:
                    if _one_edit(token, key):
                        return key
        return None

    def _cut(self, token: str) -> tuple[str, ...]:
        """Words run together (``wannadie``), when the whole splits into at least two known words of weight."""
        if len(token) > 60:
            return ()
        best: list[tuple[str, ...] | None] = [()] + [None] * len(token)
        table = self._table
        for end in range(1, len(token) + 1):
            for begin in range(max(0, end - 12), end):
                before = best[begin]
                if before is None or (found := table.get(token[begin:end])) is None or found == (UNKNOWN,):
                    continue
                if end - begin == 1 and token[begin] not in "iua":
                    continue
                if best[end] is None or len(before) + len(found) < len(best[end] or ()):
                    best[end] = before + found
        return best[-1] or ()


def _number(digits: str) -> str:
    """``#year`` for a year, ``#teen`` for 10 to 17 (an age under 18, if it is one), ``#many`` above, else ``#``."""
    if len(digits) == 4 and digits[:2] in ("19", "20"):
        return f"{NUMBER}year"
    if len(digits) == 1 or digits.startswith("0"):
        return NUMBER
    return f"{NUMBER}teen" if digits in _TEENS else f"{NUMBER}many"


def _spells_out(tokens: list[str]) -> bool:
    """Whether three letters in a row stand alone."""
    run = 0
    for token in tokens:
        run = run + 1 if len(token) == 1 and token.isalpha() else 0
        if run == 3:
            return True
    return False


def _mark_quote(found: re.Match[str]) -> str:
    return f" \x01 {found.group()[1:].rstrip(chr(34) + chr(39))} \x02 "


def _toggle(mark: str, opened: int, quoted: int, at: int) -> tuple[int, int]:
    if mark == _OPEN:
        return at, quoted
    return -1, quoted | ((1 << at) - (1 << opened)) if 0 <= opened < at else quoted


def _stretched(token: str, key: str) -> bool:
    return abs(len(token) - len(key)) <= 4 and token[0] == key[0]


def _deletions(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Words by what is left of them when one letter is taken out, and by themselves."""
    left: dict[str, tuple[str, ...]] = {}
    for word in words:
        for rest in {word[:cut] + word[cut + 1 :] for cut in range(len(word))} | {word}:
            left[rest] = (*left.get(rest, ()), word)
    return left


def _one_edit(token: str, key: str) -> bool:
    """Whether ``token`` is ``key`` with one letter added, changed, or two neighbours swapped."""
    if len(token) == len(key) + 1:
        return True
    if len(token) != len(key):
        return False
    wrong = [at for at in range(len(key)) if token[at] != key[at]]
    if len(wrong) == 1:
        return True
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and token[wrong[0]] == key[wrong[1]]
        and token[wrong[1]] == key[wrong[0]]
    )


def _swaps(words: Iterable[str], taken: Mapping[str, object]) -> dict[str, str]:
    """Slips in words of three and four letters: neighbours swapped, a letter twice."""
    near: dict[str, str] = {}
    for word in words:
        if not 3 <= len(word) <= 4:
            continue
        for at in range(len(word)):
            twice = word[:at] + word[at] + word[at:]
            swapped = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
            for slip in (twice, swapped):
                if slip not in taken:
                    near.setdefault(slip, word)
    return near


def _censored(words: Iterable[str]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Words by length and first letter: what is looked through when inner letters are starred out."""
    alike: dict[tuple[int, str], list[str]] = {}
    for word in words:
        alike.setdefault((len(word), word[0]), []).append(word)
    return {key: tuple(some) for key, some in alike.items()}


def _hides(starred: str, word: str) -> bool:
    """Whether ``starred`` is ``word`` with one, two or all inner letters starred out."""
    stars = starred.count("*")
    if starred[-1] == "*":
        return len(word) <= _SHORTEST_SLIP and stars == len(word) - 1
    if stars > _MOST_STARS and stars != len(word) - 2:
        return False
    return all(sign in ("*", letter) for sign, letter in zip(starred, word, strict=True))
