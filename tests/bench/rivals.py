"""What others would use: fuzzy ratios over every phrasing, BM25, and TF-IDF; each gives the nearest phrasing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import bm25s
import numpy as np
from rapidfuzz import fuzz, process, utils
from sklearn.feature_extraction.text import TfidfVectorizer

Nearest = Callable[[str], int]
"""From a question to the place of the nearest phrasing."""

_BEST: Final = 5


def fuzzy(scorer: Callable[..., float], phrasings: Sequence[str]) -> Nearest:
    """``rapidfuzz.process.extract`` over all phrasings, which were brought into plain form beforehand."""
    plain = [utils.default_process(phrasing) for phrasing in phrasings]

    def nearest(question: str) -> int:
        return int(process.extract(utils.default_process(question), plain, scorer=scorer, limit=_BEST)[0][2])

    return nearest


def bm25(phrasings: Sequence[str]) -> Nearest:
    """BM25 (Robertson & Zaragoza 2009) as ``bm25s`` has it; function words count, since questions are short."""
    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(phrasings), stopwords=[], show_progress=False), show_progress=False)

    def nearest(question: str) -> int:
        tokens = bm25s.tokenize([question], stopwords=[], show_progress=False, return_ids=False)
        found, _ = index.retrieve(tokens, k=min(_BEST, len(phrasings)), show_progress=False)
        return int(found[0][0])

    return nearest


def tf_idf(phrasings: Sequence[str], **options: Any) -> Nearest:
    """Cosine of TF-IDF vectors as scikit-learn makes them."""
    vectorizer = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **options)
    columns = vectorizer.fit_transform(phrasings).T.tocsr()

    def nearest(question: str) -> int:
        return int((vectorizer.transform([question]) @ columns).toarray().argmax())

    return nearest


RIVALS: Final[Mapping[str, Callable[[Sequence[str]], Nearest]]] = {
    "WRatio": lambda phrasings: fuzzy(fuzz.WRatio, phrasings),
    "token_set_ratio": lambda phrasings: fuzzy(fuzz.token_set_ratio, phrasings),
    "BM25": bm25,
    "TF-IDF, words": lambda phrasings: tf_idf(phrasings, token_pattern=r"(?u)\b\w+\b"),
    "TF-IDF, letters": lambda phrasings: tf_idf(phrasings, analyzer="char_wb", ngram_range=(3, 4)),
}
