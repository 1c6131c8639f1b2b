"""Static word vectors: what words are close in meaning, without running a model.

The table and its tokenizer are two files inside the ``wordllama`` wheel (MIT, pinned exactly): 32,000 word
pieces with 256 figures each, in 16-bit floats. They are read directly, since the package's own loader may
try the network. A text's vector is the weighted mean of its pieces.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from importlib.metadata import distribution
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from bot.answering.byword import ByWord

Floats = npt.NDArray[np.float32]

DIMENSIONS: Final = 256
_AT_ONCE: Final = 256
_TABLE: Final = "wordllama/weights/l2_supercat_256.safetensors"
_TOKENIZER: Final = "wordllama/tokenizers/l2_supercat_tokenizer_config.json"


def _packaged(name: str) -> Path:
    return Path(str(distribution("wordllama").locate_file(name)))


class WordVectors:
    """The table of word pieces, read when first asked for; a pickled copy is the one of the process that reads it."""

    def __reduce__(self) -> tuple[Callable[[], WordVectors], tuple[()]]:
        return (shipped_vectors, ())

    @cached_property
    def _table(self) -> npt.NDArray[np.float16]:
        (table,) = load_file(_packaged(_TABLE)).values()
        return np.asarray(table, dtype=np.float16)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
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
        return ByWord(lambda word: self._tokenizer.encode(word, add_special_tokens=False).ids)

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

    def rarity(self, texts: Iterable[Sequence[int]]) -> Floats:
        """Weight of each piece: log of how rare it is among ``texts`` (inverse document frequency)."""
        counts = np.ones(self._table.shape[0], dtype=np.float32)
        total = 1
        for ids in texts:
            counts[list(set(ids))] += 1
            total += 1
        return np.log(total / counts).astype(np.float32)

    def mean(self, ids: Sequence[int], weights: Floats) -> Floats:
        """The unit vector of one text; zeros when it has no pieces."""
        if not ids:
            return np.zeros(DIMENSIONS, dtype=np.float32)
        rows = np.asarray(ids)
        return scaled(weights.take(rows) @ self._table.take(rows, axis=0).astype(np.float32))

    def means(self, texts: Sequence[Sequence[int]], weights: Floats) -> Floats:
        """Unit vectors of many texts, one row each."""
        lengths = np.fromiter((len(ids) for ids in texts), dtype=np.int64, count=len(texts))
        flat = np.fromiter((i for ids in texts for i in ids), dtype=np.int64, count=int(lengths.sum()))
        used, places = np.unique(flat, return_inverse=True)
        rows = self._table[used].astype(np.float32) * weights[used, None]
        ends = np.cumsum(lengths)
        out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(texts), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            first = int(ends[start] - lengths[start])
            last = int(ends[min(start + _AT_ONCE, len(texts)) - 1])
            out[part] = _sums(places[first:last], lengths[part], rows)
        return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), dtype=np.float32)


@cache
def shipped_vectors() -> WordVectors:
    """The table that comes with the program: 16 MB that all answerers of a process share."""
    return WordVectors()


def scaled(vector: npt.NDArray[np.floating[Any]]) -> Floats:
    """A vector scaled to length one; zeros stay zeros."""
    return np.asarray(vector / np.float32(max(math.sqrt(vector @ vector), 1e-9)), dtype=np.float32)


def _sums(places: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], rows: Floats) -> Floats:
    """Sums of the ``rows`` that each text has: a table of counts times the rows used here."""
    used, cells = np.unique(places, return_inverse=True)
    flat = np.repeat(np.arange(len(lengths)), lengths) * len(used) + cells
    counts = np.bincount(flat, minlength=len(lengths) * len(used)).astype(np.float32)
    return np.asarray(counts.reshape(len(lengths), -1) @ rows[used], dtype=np.float32)
