"""Texts as numbers: what is counted in arrays is what counting word by word gives."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.features import PAIR_WEIGHT, learn_features
from bot.answering.numbering import Local, distinct, numbered, places_of, repeated, summed

WORDS = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "a b", "@e"]), max_size=6), max_size=12)
FIGURES = st.lists(st.integers(-3, 3), max_size=20)


@given(FIGURES)
def test_distinct_and_repeated_figures_are_counted(figures: list[int]) -> None:
    values, counts = distinct(np.asarray(figures, dtype=np.int64))
    assert dict(zip(values.tolist(), counts.tolist(), strict=True)) == Counter(figures)
    assert values.tolist() == sorted(set(figures))
    twice = sorted(figure for figure, count in Counter(figures).items() if count > 1)
    assert repeated(np.asarray(figures, dtype=np.int64)).tolist() == twice


@given(FIGURES, st.sets(st.integers(-3, 3)))
def test_places_are_found_among_what_ascends(figures: list[int], among: set[int]) -> None:
    known = sorted(among)
    found = places_of(np.asarray(figures, dtype=np.int64), np.asarray(known, dtype=np.int64))
    assert found.tolist() == [known.index(figure) if figure in among else -1 for figure in figures]


@given(st.lists(st.integers(0, 4), max_size=20))
def test_features_of_a_few_texts_get_numbers_of_their_own(features: list[int]) -> None:
    used, numbers = Local(5).of(np.asarray(features, dtype=np.int64))
    assert used[numbers].tolist() == features
    assert sorted(used.tolist()) == sorted(set(features))


@given(st.lists(st.integers(0, 3), max_size=20))
def test_rows_are_summed_by_their_owner(owners: list[int]) -> None:
    rows = np.arange(2 * len(owners), dtype=np.float32).reshape(-1, 2)
    sums = summed(rows, np.asarray(owners, dtype=np.int64), 4)
    assert sums.tolist() == [
        [float(sum(rows[place, column] for place, one in enumerate(owners) if one == owner)) for column in (0, 1)]
        for owner in range(4)
    ]


@given(WORDS)
def test_features_are_words_and_the_pairs_that_more_than_one_phrasing_has(phrasings: list[list[str]]) -> None:
    texts = numbered(phrasings)
    assert [texts.words[number] for number in texts.numbers] == [word for words in phrasings for word in words]
    space, rows = learn_features(texts)
    named = [Counter((*words, *map(" ".join, pairwise(words)))) for words in phrasings]
    met = Counter(name for names in named for name in names)
    known = {name for name, count in met.items() if count > 1 or " " not in name}
    assert {name for name in met if space.number(name) is not None} == known
    assert len(space) == len(known)
    for place, names in enumerate(named):
        weights = {
            space.number(name): count * (PAIR_WEIGHT if " " in name else 1.0) * np.log1p(len(phrasings) / met[name])
            for name, count in names.items()
            if name in known
        }
        length = max(sum(weight**2 for weight in weights.values()) ** 0.5, 1e-9)
        features, found = rows.row(place)
        assert dict(zip(features.tolist(), found.tolist(), strict=True)).keys() == weights.keys()
        for feature, weight in zip(features.tolist(), found.tolist(), strict=True):
            assert abs(weight - weights[feature] / length) < 1e-5
