"""Static word vectors: what words are close in meaning, without running a model.

The table and its tokenizer are two files inside the ``wordllama`` wheel (MIT, pinned exactly): 32,000 word
pieces with 256 figures each, in 16-bit floats. They are read directly, since the package's own loader may
try the network. A text's vector is the weighted mean of its pieces.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import distribution
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from bot.answering.byword import ByWord
from bot.answering.numbering import Local, Longs, Texts, distinct, numbered, summed

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]

DIMENSIONS: Final = 256
_AT_ONCE: Final = 256
_KNOWN: Final = 60_000
_TOGETHER: Final = 64
"""How many texts are summed by one table of counts; of more texts it would be mostly empty."""
_TABLE: Final = "wordllama/weights/l2_supercat_256.safetensors"
_TOKENIZER: Final = "wordllama/tokenizers/l2_supercat_tokenizer_config.json"


def _packaged(name: str) -> Path:
    return Path(str(distribution("wordllama").locate_file(name)))


@dataclass(frozen=True, slots=True)
class Spoken:
    """Many texts: their words, and the ``pieces`` of each word in a row, of which each word has as many as ``sizes``
    says."""

    words: Texts
    pieces: Longs
    sizes: Longs


class WordVectors:
    """The table of word pieces, read when first asked for; a pickled copy is the one of the process that reads it."""

    def __reduce__(self) -> tuple[Callable[[str, Longs, Longs, Halves], WordVectors], tuple[str, Longs, Longs, Halves]]:
        """What knows the words that were cut up needs no tokenizer, and of a table that lies in a compiled copy only
        the rows that are looked at are ever read."""
        known = {word: ids for word, ids in self._words.items() if "\n" not in word}
        return _shipped_knowing, ("\n".join(known), *_in_a_row(list(known.values())), self._table)

    @cached_property
    def _table(self) -> Halves:
        from safetensors.numpy import load_file  # noqa: PLC0415 - not needed where there is a compiled copy

        (table,) = load_file(_packaged(_TABLE)).values()
        return np.asarray(table, dtype=np.float16)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer  # noqa: PLC0415 - nor where all words of a message are known

        return Tokenizer.from_file(str(_packaged(_TOKENIZER)))

    @cached_property
    def common_words(self) -> frozenset[str]:
        """Words so common that they are one piece of the tokenizer; used to leave ordinary words alone."""
        pieces = self._tokenizer.get_vocab()
        return frozenset(piece[1:].lower() for piece in pieces if piece.startswith("▁") and piece[1:].isalpha())

    @property
    def size(self) -> int:
        """How many pieces the table has."""
        return int(self._table.shape[0])

    @cached_property
    def _words(self) -> ByWord[list[int]]:
        return ByWord(lambda word: self._tokenizer.encode(word, add_special_tokens=False).ids, _KNOWN)

    def know(self, pieces: Mapping[str, list[int]], table: Halves | None = None) -> None:
        """Remember the pieces of words that were cut up, and the ``table`` where it is at hand already."""
        self._words.update(pieces)
        if table is not None:
            self.__dict__.setdefault("_table", table)

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """The word pieces of each text, as rows of the table."""
        found: list[list[int]] = []
        for start in range(0, len(texts), _AT_ONCE):  # an encoding holds far more than its pieces
            batch = self._tokenizer.encode_batch(list(texts[start : start + _AT_ONCE]), add_special_tokens=False)
            found += [encoding.ids for encoding in batch]
        return found

    def pieces_of(self, text: str) -> list[int]:
        """The word pieces of one text, its words parted by single blanks: no piece reaches over one."""
        words = self._words
        return list(chain.from_iterable([words[word] for word in text.split(" ")]))

    def spoken(self, texts: Sequence[str]) -> Spoken:
        """The words of many texts and the pieces of each word: no word is cut up twice."""
        words = numbered([text.split(" ") for text in texts])
        pieces = self.pieces(words.words)
        self.know(dict(zip(words.words, pieces, strict=True)))
        return Spoken(words, *_in_a_row(pieces))

    def rarity(self, spoken: Spoken) -> Floats:
        """Weight of each piece: log of how rare it is among the texts (inverse document frequency)."""
        words, size = spoken.words, len(self._table)
        ends = np.cumsum(spoken.sizes)
        sizes = spoken.sizes[words.numbers]
        first = (ends - spoken.sizes)[words.numbers]
        flat = np.arange(int(sizes.sum())) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
        held, _ = distinct(np.repeat(words.owners, sizes) * size + spoken.pieces[flat])
        counts = (1 + np.bincount(held % size, minlength=size)).astype(np.float32)
        return np.log((1 + len(words.sizes)) / counts).astype(np.float32)

    def mean(self, ids: Sequence[int], weights: Floats) -> Floats:
        """The unit vector of one text; zeros when it has no pieces."""
        if not ids:
            return np.zeros(DIMENSIONS, dtype=np.float32)
        rows = np.asarray(ids)
        return scaled(weights.take(rows) @ self._table.take(rows, axis=0).astype(np.float32))

    def means(self, spoken: Spoken, weights: Floats) -> Floats:
        """Unit vectors of many texts, one row each."""
        words, pieces = spoken.words, spoken.pieces
        heavy = self._table[pieces].astype(np.float32) * weights[pieces, None]
        rows = summed(heavy, np.repeat(np.arange(len(spoken.sizes)), spoken.sizes), len(spoken.sizes))
        ends = np.concatenate(([0], np.cumsum(words.sizes)))
        out = np.zeros((len(words.sizes), DIMENSIONS), dtype=np.float32)
        local = Local(len(rows))
        for start in range(0, len(out), _TOGETHER):
            sizes = words.sizes[start : start + _TOGETHER]
            used, numbers = local.of(words.numbers[ends[start] : ends[start + len(sizes)]])
            cells = np.repeat(np.arange(len(sizes)), sizes) * len(used) + numbers
            counts = np.bincount(cells, minlength=len(sizes) * len(used)).astype(np.float32)
            np.matmul(counts.reshape(len(sizes), -1), rows.take(used, axis=0), out=out[start : start + len(sizes)])
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
        return out


@cache
def shipped_vectors() -> WordVectors:
    """The table that comes with the program: 16 MB that all answerers of a process share."""
    return WordVectors()


def _shipped_knowing(words: str, pieces: Longs, sizes: Longs, table: Halves) -> WordVectors:
    """The same, where the pieces of ``words`` (in lines) are known, and the table."""
    vectors, ids, ends = shipped_vectors(), pieces.tolist(), np.cumsum(sizes).tolist()
    cut = (ids[end - size : end] for end, size in zip(ends, sizes.tolist(), strict=True))
    vectors.know(dict(zip(words.split("\n"), cut, strict=False)), table)
    return vectors


def _in_a_row(pieces: Sequence[Sequence[int]]) -> tuple[Longs, Longs]:
    """All pieces one after the other, and how many there are of each."""
    sizes = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
    return np.fromiter(chain.from_iterable(pieces), dtype=np.int64, count=int(sizes.sum())), sizes


def scaled(vector: npt.NDArray[np.floating[Any]]) -> Floats:
    """A vector scaled to length one; zeros stay zeros."""
    return np.asarray(vector / np.float32(max(math.sqrt(vector @ vector), 1e-9)), dtype=np.float32)
