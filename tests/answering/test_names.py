"""Names in messages: found anywhere, mended within bounds, and never one medicine for another."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import chain

import pytest

from bot.answering.model import Edit, NameHit
from bot.answering.names import Name, NameIndex, sound
from bot.answering.pipeline import Answerer
from tests.talk import ask

Found = Callable[[str], tuple[NameHit, ...]]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def index() -> NameIndex:
    covered = {
        "lithium": "lithium", "ect": "ect", "bupropion": "bupropion", "wellbutrin xl": "bupropion", "same": "same",
        "serotonin syndrome": "serotonin-syndrome", "serotonin": "serotonin", "antidepressant": "antidepressant",
        "light box": "light-therapy", "citalopram": "citalopram", "escitalopram": "escitalopram", "li": "lithium",
        "lamotrigine": "lamotrigine", "side effect": "side-effects",
    }  # fmt: skip
    names = [Name(tuple(text.split()), (entry,)) for text, entry in covered.items()]
    names.append(Name(("lamivudine",), (), foreign=True))
    return NameIndex(names, frozenset(["etc", "effect", "effects", "side", "syndrome", "light"]), frozenset(["same"]))


@pytest.fixture(scope="module")
def found(index: NameIndex) -> Found:
    return lambda text: index.find(text.split())


@pytest.mark.parametrize("text", ["lithium", "is lithium bad", "my mum takes lithium now", "two lithiums"])
def test_a_name_is_found_anywhere(found: Found, text: str) -> None:
    (hit,) = found(text)
    assert (hit.entries, hit.edit, hit.similarity) == (("lithium",), Edit.EXACT, 1.0)
    assert text.split()[hit.start].startswith("lithium")


def test_the_longest_name_wins(found: Found) -> None:
    (hit,) = found("is serotonin syndrome rare")
    assert (hit.entries, hit.start, hit.end) == (("serotonin-syndrome",), 1, 3)


@pytest.mark.parametrize(
    ("text", "entry"),
    [("anti depressants", "antidepressant"), ("lightbox", "light-therapy"), ("bupro pion", "bupropion")],
)
def test_split_and_joined_names(found: Found, text: str, entry: str) -> None:
    (hit,) = found(text)
    assert (hit.entries, hit.edit) == ((entry,), Edit.SPLIT_OR_JOINED)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("lihtium", "lithium"),
        ("lithim", "lithium"),
        ("litthium", "lithium"),
        ("welbutrin xl", "bupropion"),
        ("buproprion", "bupropion"),
        ("serotonim sindrome", "serotonin-syndrome"),
        ("siratonin syndrome", "serotonin-syndrome"),
        ("lamotragine", "lamotrigine"),
    ],
)
def test_typing_errors_are_mended(found: Found, text: str, entry: str) -> None:
    hits = found(text)
    assert {hit.entries for hit in hits} == {(entry,)}
    assert all(hit.edit is Edit.TYPO and 0.5 < hit.similarity < 1 for hit in hits)


@pytest.mark.parametrize(
    "text", ["etc", "elt", "ecct", "lo", "lit", "l", "effect", "lithographic", "mithium2", "bumps"]
)
def test_short_ordinary_and_far_words_are_no_names(found: Found, text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "it was bussin for a year, now nothing",
        "the recession took my job",
        "we watched the mafia film",
        "i stared at the wall",
        "a heron by the pond",
        "pepper and copper pans",
    ],
)
def test_words_of_everyday_english_are_not_bent_to_a_name(answerer: Answerer, text: str) -> None:
    assert [hit.alias for hit in answerer.mind.index.reader.read(text).names if hit.edit is Edit.TYPO] == []


def test_everyday_words_are_names_only_in_capitals(index: NameIndex) -> None:
    assert index.find(["same"]) == ()
    (hit,) = index.find(["same"], frozenset({"same"}))
    assert hit.entries == ("same",)


def test_a_slip_between_two_names_shows_both(found: Found) -> None:
    assert {hit.entries for hit in found("ecitalopram")} >= {("citalopram",), ("escitalopram",)}


def test_a_foreign_name_is_known_as_such(found: Found) -> None:
    (hit,) = found("lamivudine")
    assert hit.foreign
    (slip,) = found("lamivudin")
    assert slip.foreign


def test_a_name_that_is_covered_wins_over_the_same_one_that_is_not() -> None:
    index = NameIndex([Name(("luvox",), (), foreign=True), Name(("luvox",), ("fluvoxamine",))], frozenset())
    (hit,) = index.find(["luvox"])
    assert (hit.entries, hit.foreign) == (("fluvoxamine",), False)


def test_letters_that_are_heard_alike_sound_alike() -> None:
    assert sound("phenelzine") == sound("fenelzeene")
    assert sound("sertraline") != sound("venlafaxine")


# --- with the packaged knowledge: look-alikes ------------------------------------------------------------------------


def owners(answerer: Answerer, name: str) -> set[str]:
    """The pages that a name leads to when it is written exactly."""
    hits = answerer.mind.index.reader.read(f"what is {name}?").names
    return {hit.entries[0] for hit in hits if hit.entries and not hit.foreign and hit.edit is not Edit.TYPO}


def answered(answerer: Answerer, text: str) -> set[str]:
    row = ask(answerer, text)
    return {*row["entries"], *(also["entry"] for also in row["also"])}


def both_ways(answerer: Answerer) -> list[tuple[str, set[str]]]:
    """Each name of each pair, with the pages of the other that are not its own."""
    pairs = [names for pair in answerer.knowledge.look_alikes.pairs for names in ((pair.a, pair.b), (pair.b, pair.a))]
    return [(name, owners(answerer, other) - owners(answerer, name)) for name, other in pairs]


def slips(name: str, rng: random.Random) -> list[str]:
    """One letter left out, put in, changed, and swapped, at a place inside the name."""
    if len(name) < 4:
        return []
    at, letter = rng.randrange(1, len(name) - 1), rng.choice(LETTERS)
    head, tail = name[:at], name[at:]
    return [head + tail[1:], head + letter + tail, head + letter + tail[1:], head + tail[1] + tail[0] + tail[2:]]


@pytest.mark.parametrize("wording", ["what is {}?", "{} side effects"])
def test_a_name_never_answers_the_page_of_its_look_alike(answerer: Answerer, wording: str) -> None:
    guarded = both_ways(answerer)
    assert len(guarded) > 300
    assert [name for name, other in guarded if other & answered(answerer, wording.format(name))] == []


def test_a_slip_never_silently_answers_the_page_of_a_look_alike(answerer: Answerer) -> None:
    rng = random.Random(20261123)
    guarded = [(name, other) for name, other in both_ways(answerer) if other]
    tried = [(slip, name, other) for name, other in guarded for slip in slips(name.lower(), rng)]
    exact = set(chain.from_iterable((pair.a.lower(), pair.b.lower()) for pair in answerer.knowledge.look_alikes.pairs))
    tried = [(slip, name, other) for slip, name, other in tried if slip not in exact and not owners(answerer, slip)]
    assert len(tried) > 500
    assert [(slip, name) for slip, name, other in tried if other & answered(answerer, f"what is {slip}?")] == []


def test_names_that_are_known_and_not_covered_are_never_answered_as_something_else(answerer: Answerer) -> None:
    outside = [one.name for one in answerer.knowledge.look_alikes.known_not_covered if " " not in one.name][::4]
    assert len(outside) > 50
    kinds = {name: ask(answerer, f"what is {name.lower()}?")["kind"] for name in outside if len(name) > 5}
    assert {name for name, kind in kinds.items() if kind in ("answer", "comparison")} == set()


def test_ect_is_not_etc(answerer: Answerer) -> None:
    assert answered(answerer, "what is etc") == set()
    assert answered(answerer, "what is ect") == {"ect"}
    assert answered(answerer, "SAMe?") == {"supplements-and-depression"}
    assert answered(answerer, "same?") == set()


@pytest.mark.parametrize(
    ("slip", "entry"),
    [("sertaline", "sertraline"), ("citalapram", "citalopram"), ("lithum", "lithium"), ("buproprion", "bupropion")],
)
def test_a_slip_that_many_make_is_still_a_slip(answerer: Answerer, slip: str, entry: str) -> None:
    """Asks have it so often that it could pass for a word of its own."""
    (hit,) = answerer.mind.index.reader.read(f"does {slip} help").names
    assert (hit.entries, hit.edit) == ((entry,), Edit.TYPO)
    assert answered(answerer, f"what is {slip}?") == {entry}
