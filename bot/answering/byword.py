"""What a pure function gives for single words: most words of a message were met before, and are not worked out twice.

Bounded, in memory alone, and by the word: nothing of who wrote it, or beside which others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_MOST: Final = 10_000


class ByWord(dict[str, T]):
    """``ByWord(function)[word]`` is ``function(word)``."""

    def __init__(self, function: Callable[[str], T], most: int = _MOST) -> None:
        super().__init__()
        self._function, self._most = function, most

    def __missing__(self, word: str) -> T:
        found = self._function(word)
        if len(self) >= self._most:
            self.clear()
        self[word] = found
        return found

    def __reduce__(self) -> tuple[type[ByWord[T]], tuple[Callable[[str], T], int]]:
        return ByWord, (self._function, self._most)  # a copy begins empty
