"""What is worked out for a word is remembered, in bounds, and not carried into copies."""

from __future__ import annotations

import pickle

from bot.answering.byword import ByWord


def test_each_word_is_worked_out_once_and_old_ones_make_room() -> None:
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    lengths = ByWord(length, most=3)
    words = ["one", "three", "one", "four", "seven", "one"]
    assert [lengths[word] for word in words] == [3, 5, 3, 4, 5, 3]
    assert asked == ["one", "three", "four", "seven", "one"]
    assert len(lengths) <= 3


def test_a_copy_begins_without_words() -> None:
    lengths = ByWord(len)
    assert lengths["pickled"] == 7
    copy = pickle.loads(pickle.dumps(lengths))
    assert len(copy) == 0
    assert copy["again"] == 5
