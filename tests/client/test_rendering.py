"""Any reply becomes messages that Discord takes, with every word in them, parted only between sentences."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering.model import (
    Answer,
    Category,
    Choices,
    Citation,
    Comparison,
    ComparisonRow,
    Level,
    Link,
    NoticeText,
    Pairing,
    Passage,
    RedirectReply,
    Reply,
    Screening,
    Sentence,
    Silence,
    SupportMemory,
    Unknown,
)
from bot.answering.support import compose_support
from bot.client.cards import Card, cards, unmarked
from bot.client.drawing import Look, draw, short_names
from bot.client.ids import arguments, button_id, code, decoded, packed, unpacked
from bot.client.interface import load_interface, shortened
from bot.client.paging import Place, cited, sheets
from bot.client.shapes import Block
from bot.knowledge.model import Facet
from tests import shipped
from tests.client import small
from tests.discord_server.rules import message_complaints
from tests.discord_server.world import walk

INTERFACE = load_interface()
LOOK = Look(INTERFACE, shipped.safety(), 1_234_567_890_123_456_789)

LETTERS = "abcdefghijklmnopqrstuvwxyzABCÄÖéñßøЖщאبहไ漢字ひ한😀🫂\u200d0123456789"
MARKS = "    .,:;?!'\"-–*_~`|#>[](){}<>@/\\&$%\u00a0"
PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789"


def written(seed: int, length: int, letters: str) -> str:
    """A text of so many letters. A thousand characters drawn one by one would take most of a test's time."""
    chance = random.Random(seed)
    alphabet = chance.choice((letters, letters[: len(letters) // 3], letters[-len(letters) // 2 :]))
    return "".join(chance.choices(alphabet, k=length))


def texts(least: int, most: int, letters: str) -> st.SearchStrategy[str]:
    return st.builds(written, st.integers(0, 2**32), st.integers(least, most), st.just(letters))


words = texts(1, 400, LETTERS + MARKS).map(lambda text: " ".join(text.split()) or "x")
titles = texts(2, 80, LETTERS)
ids = st.one_of(
    texts(1, 29, PLAIN).map(lambda text: f"e{text}"),
    st.tuples(texts(1, 28, PLAIN), texts(1, 28, PLAIN)).map(lambda pair: f"e{pair[0]}-{pair[1]}"),
)
sentences = st.builds(Sentence, text=words, cites=st.lists(st.integers(1, 9), max_size=3).map(tuple))
links = st.builds(Link, entry=ids, title=titles, facet=st.none())
sources = st.builds(
    Citation,
    number=st.integers(1, 30), id=ids, title=words, publisher=titles, year=st.integers(1950, 2026),
    url=st.one_of(st.none(), st.just("https://example.org/a_(b)?c=[d]")), kind=st.just("review"),
    checked=st.just("read"),
)  # fmt: skip
long_words = words.map(lambda text: text * 5)
notices = st.builds(NoticeText, id=ids, title=titles, text=st.one_of(st.just(""), words, long_words))


def passage(draw_from: Any, entry: str) -> Passage:
    facets = draw_from(st.lists(st.sampled_from(list(Facet)), min_size=1, max_size=10, unique=True))
    return Passage(
        entry=entry,
        title=draw_from(titles),
        facet=facets[0],
        facet_label=draw_from(titles),
        sentences=tuple(draw_from(st.lists(sentences, min_size=1, max_size=14))),
        region=tuple(draw_from(st.lists(sentences, max_size=3))),
        missing=draw_from(st.one_of(st.none(), words)),
        certainty=draw_from(st.one_of(st.none(), words)),
        review=draw_from(words),
        facets=tuple(Link(entry, facet.value, facet) for facet in facets[1:]),
        related=tuple(draw_from(st.lists(links, max_size=4))),
        terms=tuple(draw_from(st.lists(links, max_size=4))),
    )


@st.composite
def answers(draw_from: Any) -> Answer:
    entries = draw_from(st.lists(ids, min_size=1, max_size=2, unique=True))
    return Answer(
        passages=tuple(passage(draw_from, entry) for entry in entries),
        sources=tuple(draw_from(st.lists(sources, max_size=12, unique_by=lambda source: source.number))),
        notices=tuple(draw_from(st.lists(notices, max_size=4))),
        gentle=draw_from(st.one_of(st.none(), words)),
        lead=draw_from(st.one_of(st.none(), words)),
    )


@st.composite
def comparisons(draw_from: Any) -> Comparison:
    entries = tuple(draw_from(st.lists(links, min_size=2, max_size=3, unique_by=lambda link: link.entry)))
    rows = [
        ComparisonRow(facet, facet.value, tuple((draw_from(sentences),) for _ in entries))
        for facet in draw_from(st.lists(st.sampled_from(list(Facet)), min_size=1, max_size=10, unique=True))
    ]
    return Comparison(entries=entries, rows=tuple(rows), sources=tuple(draw_from(st.lists(sources, max_size=8))))


pairings = st.builds(
    Pairing,
    title=titles, members=st.tuples(titles, titles), entries=st.tuples(ids, ids), severity=st.just("serious"),
    severity_label=words, sentences=st.lists(sentences, min_size=1, max_size=12).map(tuple),
    sources=st.lists(sources, max_size=8).map(tuple), links=st.lists(links, max_size=8).map(tuple),
)  # fmt: skip
six_links = st.lists(links, max_size=6, unique_by=lambda link: link.entry).map(tuple)
others = st.one_of(
    st.builds(
        Choices, lead=words, none_label=titles,
        options=st.lists(links, min_size=1, max_size=4, unique_by=lambda link: link.entry).map(tuple),
    ),
    st.builds(RedirectReply, redirect=ids, title=words, text=words, related=six_links),
    st.builds(Unknown, reason=ids, text=words, nearest=six_links),
)  # fmt: skip


def body(card: Card) -> dict[str, Any]:
    components = card.view.to_components() if card.view else []
    return {"content": card.content, "components": components, "flags": 1 << 15 if card.layout else 0}


def place_on(made: Sequence[Card]) -> Place | None:
    """Where "Read on" leads from these messages."""
    buttons = [c for card in made for c in walk(body(card)["components"]) if c.get("type") == 2]
    onward = [c["custom_id"] for c in buttons if c["label"] == INTERFACE.say("continue-button")]
    return Place.read(onward[0].rpartition(":")[2]) if onward else None


def all_pages(reply: Reply, look: Look, *, plain: bool, later: Reply | None = None) -> list[Card]:
    """Every page, read on to the end; ``later`` is how the reply is drawn from the second page on."""
    made = list(cards(draw(reply, look), INTERFACE, plain=plain))
    place, look = place_on(made), replace(look, intro=None, shared_by=None)
    while place is not None:
        more = cards(draw(later or reply, look), INTERFACE, plain=plain, place=place)
        made += more
        place = place_on(more)
    return made


def text_of(made: list[Card]) -> str:
    texts = []
    for card in made:
        texts += [card.content or "", *(c["content"] for c in walk(body(card)["components"]) if c["type"] == 10)]
    return " ".join(" ".join(texts).split())


relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@relaxed
@given(reply=st.one_of(answers(), comparisons(), pairings, others), plain=st.booleans(), public=st.booleans())
def test_every_reply_is_within_discords_limits_on_every_page(reply: Reply, plain: bool, public: bool) -> None:
    look = replace(LOOK, public=public, shareable=not public, intro="-# I am a bot." * 3)
    for card in all_pages(reply, look, plain=plain):
        assert message_complaints(body(card)) == []


@relaxed
@given(reply=answers(), plain=st.booleans())
def test_no_sentence_is_lost_or_cut(reply: Answer, plain: bool) -> None:
    one = replace(reply, passages=reply.passages[:1])
    text = text_of(all_pages(one, LOOK, plain=plain))
    for sentence in one.passages[0].sentences:
        spoken = " ".join((unmarked(sentence.text) if plain else sentence.text).split())
        assert spoken[:-1].rstrip() in text


@relaxed
@given(reply=answers(), plain=st.booleans())
def test_reading_on_loses_nothing_though_the_first_page_was_drawn_otherwise(reply: Answer, plain: bool) -> None:
    """By the second press the bot has said what it is, and a topic is no longer carried from before."""
    first = replace(reply, passages=reply.passages[:1], lead="About this:", gentle="A gentle line. " * 12)
    later = replace(first, lead=None, gentle=None)
    made = all_pages(first, replace(LOOK, intro="-# I am a bot. " * 12), plain=plain, later=later)
    text = text_of(made)
    for sentence in first.passages[0].sentences:
        spoken = " ".join((unmarked(sentence.text) if plain else sentence.text).split())
        assert spoken[:-1].rstrip() in text
    for notice in first.notices:
        if len(notice.text) <= 400 and not plain:  # a longer one may be parted, with a heading between its parts
            assert " ".join(notice.text.split()) in text
    assert "Part 1 of" not in text_of(made[1:])


def test_a_page_that_was_corrected_is_read_from_its_beginning() -> None:
    part = Passage(
        entry="a", title="A", facet=Facet.OVERVIEW, facet_label="A", review="Written.",
        sentences=tuple(Sentence(f"Sentence {n} of the old text goes on for quite a while.") for n in range(60)),
    )  # fmt: skip
    made = cards(draw(Answer(passages=(part,), sources=()), LOOK), INTERFACE, plain=True)
    place = place_on(made)
    assert place is not None
    assert place.page == 2
    corrected = replace(part, sentences=(Sentence("A corrected beginning."), *part.sentences[1:]))
    (again,) = cards(draw(Answer(passages=(corrected,), sources=()), LOOK), INTERFACE, plain=True, place=place)
    assert "A corrected beginning." in text_of([again])
    assert Place.read("1") is None
    assert Place.read(str(place)) == place


@relaxed
@given(reply=st.one_of(answers(), comparisons()), plain=st.booleans())
def test_every_page_lists_the_sources_that_it_cites(reply: Answer | Comparison, plain: bool) -> None:
    drawing = draw(reply, LOOK)
    shown = set()
    for page in sheets(drawing, content=plain):
        texts = "\n".join(block.text for block in page.blocks)
        listed = {number for number, line in drawing.sources.items() if line in texts.split("\n")}
        assert cited(Block((texts,)), drawing.sources) <= listed
        shown |= listed
    assert shown == set(drawing.sources)


def test_a_comparison_names_its_pages_shortly_and_leads_to_them_from_every_page() -> None:
    answerer = small.answerer()
    reply, _ = answerer.compare(("tms", "ect"), datetime(2026, 11, 23, tzinfo=UTC))
    made = all_pages(reply, LOOK, plain=False)
    texts = text_of(made)
    assert texts.count("### TMS (transcranial magnetic stimulation)") == 1
    assert texts.count("- **TMS:** ") == texts.count("- **ECT:** ") >= 3
    for card in made:
        labels = [item["label"] for item in walk(body(card)["components"]) if item.get("type") == 2]
        assert {"Open TMS", "Open ECT"} <= set(labels)


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (("TMS (magnets)", "ECT (shocks)"), ("TMS", "ECT")),
        (("Dose (first)", "Dose (second)"), ("Dose (first)", "Dose (second)")),
        (("(only brackets)", "B"), ("(only brackets)", "B")),
    ],
)
def test_short_names_tell_pages_apart(titles: tuple[str, str], names: tuple[str, str]) -> None:
    assert short_names(titles) == names


def test_the_line_on_review_is_not_part_of_the_quoted_notices() -> None:
    reply, _ = small.answerer().show("lithium", Facet.SIDE_EFFECTS, datetime(2026, 11, 23, tzinfo=UTC))
    (card,) = all_pages(reply, LOOK, plain=False)
    texts = [item["content"] for item in walk(body(card)["components"]) if item.get("type") == 10]
    (quoting,) = [text.split("\n") for text in texts if "> **" in text]
    begins = next(number for number, line in enumerate(quoting) if line.startswith("> "))
    assert all(line.startswith("> ") for line in quoting[begins:])


@relaxed
@given(reply=answers())
def test_what_must_not_be_missed_is_on_the_first_page(reply: Answer) -> None:
    text = text_of(list(cards(draw(reply, LOOK), INTERFACE))[:1])
    for notice in reply.notices[:1]:
        if len(notice.text) <= 400:
            assert " ".join(notice.text.split()) in text
    if reply.gentle:
        assert reply.gentle in text


@relaxed
@given(reply=st.one_of(answers(), comparisons(), pairings))
def test_low_energy_is_a_few_lines_and_a_button_for_each_question(reply: Answer | Comparison | Pairing) -> None:
    (card,) = cards(draw(replace(reply, gentle=None), replace(LOOK, low_energy=True)), INTERFACE)
    asked = len(reply.passages) if isinstance(reply, Answer) else 1
    assert len([c for c in walk(body(card)["components"]) if c["type"] == 2]) == asked
    lines = [line for c in walk(body(card)["components"]) if c["type"] == 10 for line in c["content"].split("\n")]
    compared = len(reply.entries) if isinstance(reply, Comparison) else asked
    assert len(lines) <= 2 + compared
    assert message_complaints(body(card)) == []


@pytest.mark.parametrize("level", [Level.CONCERN_FOR_OTHER, Level.CRISIS, Level.EMERGENCY])
@pytest.mark.parametrize("category", list(Category))
def test_support_is_whole_plain_and_never_behind_a_tap_in_private(level: Level, category: Category) -> None:
    for country in (None, "GB", "US", "JP", "XX"):
        moment = datetime(2026, 11, 23, tzinfo=UTC)
        heard = Screening(level, category, ("rule",))
        support, _ = compose_support(heard, SupportMemory(), moment, country, shipped.safety())
        made = cards(draw(support, replace(LOOK, public=False)), INTERFACE)
        assert not any(card.layout for card in made)
        assert " ".join(support.text.split()) == " ".join(" ".join(card.content or "" for card in made).split())
        public = cards(draw(support, LOOK), INTERFACE)
        assert len(public) == 1
        assert public[0].content == support.public
        for card in (*made, *public):
            assert message_complaints(body(card)) == []


def test_silence_is_nothing() -> None:
    assert cards(draw(Silence(reason="x"), LOOK), INTERFACE) == ()


def test_who_was_told_is_said_instead_of_nobody() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    support, _ = compose_support(Screening(Level.CRISIS), SupportMemory(), moment, None, shipped.safety())
    (card,) = cards(draw(support, replace(LOOK, public=False, told=True)), INTERFACE)
    assert "I have told nobody" not in (card.content or "")
    assert "moderators got a note" in (card.content or "")


def test_plain_text_has_no_marks() -> None:
    marked = "### Title\n-# small\n> **Note.** x\n[Name (2020)](<https://a.b>)"
    assert unmarked(marked) == "Title\nsmall\nNote. x\nName (2020) <https://a.b>"


@given(st.integers(min_value=0, max_value=2**64))
def test_numbers_survive_packing(number: int) -> None:
    assert unpacked(packed(number)) == number
    assert len(packed(number)) <= 13


@given(ids, ids)
def test_custom_ids_are_read_back(first: str, second: str) -> None:
    made = button_id("dym", packed(2**63), first, second[:12])
    assert len(made) <= 100
    assert arguments(made.split(":", 2)[2]) == [packed(2**63), first, second[:12]]
    assert decoded([code(first)], [first, second]) in {(first,), (second,)}


@given(st.text(min_size=1, max_size=300), st.integers(10, 100))
def test_a_shortened_title_fits(text: str, most: int) -> None:
    assert len(shortened(text, most)) <= most


def test_every_text_that_the_client_says_is_written() -> None:
    import re
    from pathlib import Path

    said = set()
    for file in (Path(__file__).parents[2] / "bot" / "client").glob("*.py"):
        source = file.read_text("utf-8")
        said |= set(re.findall(r'(?:say|_say|label|_label)\(\s*"([a-z0-9-]+)"', source))
    assert said - set(INTERFACE.texts) == set()


def test_texts_fit_where_discord_shows_them() -> None:
    for name, text in INTERFACE.texts.items():
        if name.endswith("-button") and "{" not in text:
            assert len(text) <= 38, name
        if name.endswith("-description"):
            assert 1 <= len(text) <= 100, name
        if name.endswith("-menu"):
            assert len(text) <= 32, name
