"""Separators: steps taken several at a time are those that are taken one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from bot.answering.features import Rows, learn_features
from bot.answering.numbering import numbered
from bot.answering.separating import COST, learn_separators, orders

WORDS = list("abcdefghijklmnopqrst")


def plainly(rows: Rows, owners: list[int], texts: list[str], features: int, targets: int) -> np.ndarray:
    """Dual coordinate descent as it is written down: four times through, one phrasing and one target at a time."""
    table = np.zeros((features + 1, targets))
    pulls = np.zeros((len(rows), targets))
    ease = 0.5 / float(COST)
    for order in orders(texts, 4):
        for place in order.tolist():
            numbers, weights = np.append(rows.row(place)[0], features), np.append(rows.row(place)[1], 1.0)
            for target in range(targets):
                side = 1 if owners[place] == target else -1
                slope = side * (weights @ table[numbers, target]) - 1 + ease * pulls[place, target]
                pull = max(pulls[place, target] - slope / (weights @ weights + ease), 0)
                table[numbers, target] += (pull - pulls[place, target]) * side * weights
                pulls[place, target] = pull
    return table


@pytest.mark.parametrize("count", [1, 11, 40, 530])
def test_many_steps_at_a_time_are_as_one_after_the_other(count: int) -> None:
    chance = np.random.default_rng(count)
    phrasings = [chance.choice(WORDS, chance.integers(1, 8)).tolist() for _ in range(count)]
    owners, texts = chance.integers(0, 3, count), [f"{place} {phrasing}" for place, phrasing in enumerate(phrasings)]
    space, rows = learn_features(numbered(phrasings))
    found = learn_separators(rows, owners.astype(np.int32), texts, len(space), 3).weights
    wanted = plainly(rows, owners.tolist(), texts, len(space), 3)
    assert np.abs(found.astype(np.float64) - wanted).max() < 2e-3 * max(1.0, np.abs(wanted).max())
