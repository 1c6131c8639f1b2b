"""Support: rotation, shortening, numbers, countries, minors, and that nothing harmful can be said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.model import Category, Level, Screening, Support, SupportButton, SupportMemory
from bot.answering.support import (
    answer_button,
    compose_support,
    countries,
    directory_text,
    gentle_line,
    lines_for,
)
from bot.knowledge.safety_constant import LAST_RESORT
from tests import shipped

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SAFETY = shipped.safety()
UNSEEN = SupportMemory()
ALARMS = [level for level in Level if level.is_alarm]
LANDS = [None, *(land.iso for land in SAFETY.lines.countries)]


def support(
    level: Level, category: Category, memory: SupportMemory = UNSEEN, country: str | None = "US", minor: bool = False
) -> Support:
    return compose_support(Screening(level, category, minor=minor), memory, NOW, country, SAFETY)[0]


def every_support() -> Iterator[Support]:
    for level in ALARMS:
        for category in Category:
            for turns in range(6):
                for memory in (SupportMemory(turns=turns), SupportMemory(level, category, NOW, turns)):
                    yield support(level, category, memory)


def test_the_same_text_never_comes_twice_in_a_row() -> None:
    memory, said = SupportMemory(), []
    for minute in range(0, 240, 7):
        reply, memory = compose_support(
            Screening(Level.CRISIS, Category.SUICIDE), memory, NOW + timedelta(minutes=minute), "GB", SAFETY
        )
        said.append(reply.text)
    assert all(before != after for before, after in pairwise(said))


def test_the_full_panel_comes_once_in_30_minutes_and_again_on_a_rise() -> None:
    def step(level: Level, minute: int, memory: SupportMemory) -> tuple[bool, SupportMemory]:
        reply, after = compose_support(
            Screening(level, Category.SUICIDE), memory, NOW + timedelta(minutes=minute), "GB", SAFETY
        )
        return reply.full, after

    first, memory = step(Level.CRISIS, 0, SupportMemory())
    second, memory = step(Level.CRISIS, 10, memory)
    rise, memory = step(Level.EMERGENCY, 11, memory)
    fall, memory = step(Level.CRISIS, 12, memory)
    later, memory = step(Level.CRISIS, 45, memory)
    assert (first, second, rise, fall, later) == (True, False, True, False, True)


@pytest.mark.parametrize("country", LANDS)
@pytest.mark.parametrize("category", list(Category))
def test_an_emergency_begins_with_the_number(country: str | None, category: Category) -> None:
    for memory in (SupportMemory(), SupportMemory(Level.EMERGENCY, category, NOW, 1)):
        reply = support(Level.EMERGENCY, category, memory, country)
        assert reply.text.splitlines()[0] == f"Call {reply.emergency} now."
        assert reply.emergency in reply.public


def test_medical_emergencies_use_the_ambulance_number() -> None:
    assert support(Level.EMERGENCY, Category.OVERDOSE, country="FR").emergency == "15"
    assert support(Level.EMERGENCY, Category.MEDICAL, country="FR").emergency == "15"
    assert support(Level.EMERGENCY, Category.ABUSE, country="FR").emergency == "112"
    assert "112, 911 or 999" in support(Level.EMERGENCY, Category.MEDICAL, country=None).emergency


@pytest.mark.parametrize("country", LANDS)
def test_every_country_gets_two_routes_confirmed_by_a_page(country: str | None) -> None:
    land = SAFETY.lines.of(country)
    unconfirmed = {line.service for line in land.lines if line.verified == "knowledge"} if land else set()
    for category in Category:
        lines = lines_for(country, category, False, SAFETY)
        assert 2 <= len(lines) <= 3
        assert unconfirmed.isdisjoint(line.service for line in lines)
        assert all(line.phone or line.text or line.chat or line.url for line in lines)


def test_a_route_by_text_or_chat_is_among_them_where_there_is_one() -> None:
    for country in ("US", "GB", "IE", "CA", "AU"):
        assert any(line.text or line.chat for line in lines_for(country, Category.SUICIDE, False, SAFETY))


def test_the_youth_line_comes_first_for_minors() -> None:
    assert lines_for("GB", Category.SUICIDE, True, SAFETY)[0].kind == "youth"
    reply = support(Level.CRISIS, Category.ABUSE, country="GB", minor=True)
    assert "adult you trust" in reply.text
    assert reply.lines[0].kind == "youth"


def test_abuse_and_poison_lines_come_for_their_messages_only() -> None:
    assert lines_for("US", Category.ABUSE, False, SAFETY)[0].kind == "abuse"
    assert lines_for("US", Category.OVERDOSE, False, SAFETY)[0].kind == "poison"
    assert {line.kind for line in lines_for("US", Category.SUICIDE, False, SAFETY)} == {"suicide-crisis"}


def test_the_full_panel_says_what_it_is_and_leaves_the_door_open() -> None:
    for level in ALARMS:
        reply = support(level, Category.SUICIDE)
        assert "I'm a bot" in reply.text
        assert "not called by us" in reply.text
        assert "You can keep writing here" in reply.text
        assert reply.emergency in reply.text
        assert SupportButton.NOT_WHAT_I_MEANT in reply.buttons


def test_buttons_have_labels_and_answers() -> None:
    assert set(SAFETY.replies.buttons) >= {button.value for button in SupportButton}
    danger, _ = answer_button(SupportButton.NOT_SAFE_NOW, SupportMemory(), NOW, "GB", SAFETY)
    assert isinstance(danger, Support)
    assert danger.screening.level is Level.EMERGENCY
    worried, _ = answer_button(SupportButton.WORRIED_ABOUT_SOMEONE, SupportMemory(), NOW, "GB", SAFETY)
    assert isinstance(worried, Support)
    assert worried.screening.level is Level.CONCERN_FOR_OTHER
    quiet, _ = answer_button(SupportButton.NOT_WHAT_I_MEANT, SupportMemory(), NOW, "GB", SAFETY)
    assert isinstance(quiet, str)
    assert "116 123" in quiet


def test_the_gentle_line_turns_and_names_one_route() -> None:
    memory, said = SupportMemory(), []
    for _ in range(4):
        text, memory = gentle_line(Screening(Level.DISTRESS, Category.SUICIDE), memory, NOW, SAFETY, "US")
        said.append(text)
    assert len(set(said)) == len(said)
    assert all("988" in text for text in said)


def test_the_directory_says_when_it_was_seen_and_when_that_is_too_long_ago() -> None:
    fresh, stale = directory_text("GB", SAFETY, date(2026, 12, 1)), directory_text("GB", SAFETY, date(2027, 7, 1))
    assert "seen 23 Nov 2026" in fresh
    assert "180 days" not in fresh
    assert "180 days" in stale
    assert "findahelpline.com" in directory_text(None, SAFETY, date(2026, 12, 1))
    assert "Lifeline (Northern Ireland)" in fresh.split("findahelpline.com")[1]
    assert ("GB", "United Kingdom") in countries(SAFETY)


def test_the_last_resort_can_say_everything() -> None:
    for level in ALARMS:
        reply, memory = compose_support(Screening(level, Category.UNCLEAR), SupportMemory(), NOW, "US", LAST_RESORT)
        assert "findahelpline.com" in reply.text
        assert compose_support(Screening(level, Category.UNCLEAR), memory, NOW, None, LAST_RESORT)[0].text
    assert gentle_line(Screening(Level.DISTRESS), SupportMemory(), NOW, LAST_RESORT, None)[0]
    assert directory_text(None, LAST_RESORT, date(2026, 12, 1))


@given(
    st.sampled_from(ALARMS), st.sampled_from(list(Category)), st.integers(0, 50), st.sampled_from(LANDS), st.booleans()
)
def test_any_support_can_be_composed(
    level: Level, category: Category, turns: int, country: str | None, minor: bool
) -> None:
    reply = support(level, category, SupportMemory(turns=turns), country, minor)
    assert 0 < len(reply.text) <= 2000
    assert "{" not in reply.text + reply.public


# --- nothing harmful comes out -------------------------------------------------------------------------------

HARMFUL = re.compile(
    r"\b(commit(?:s|ted|ting)?|successful|failed attempt|attention.seeking|selfish|coward\w*|lethal|fatal|deadly"
    r"|painless|noose|rope|hang(?:ing)?|bridge|gun|blade|razor|\d+ ?(?:mg|milligrams?|tablets|pills)|milligrams?"
    r"|promise me|i promise|everything will be (?:fine|okay|ok)|think of your (?:family|children)|help is on the way"
    r"|we are watching|i will not tell|our secret|you (?:must|have to) (?:live|stop))\b",
    re.IGNORECASE,
)


def all_strings() -> Iterator[str]:
    replies = SAFETY.replies
    yield from replies.buttons.values()
    yield from replies.phrases.values()
    for texts in (*replies.public.values(), *replies.gentle.values()):
        yield from texts
    for by_category in replies.support.values():
        for wordings in by_category.values():
            yield from (*wordings.full, *wordings.short)
    yield from (barrier.reply for barrier in SAFETY.barriers)


def test_no_wording_holds_a_method_a_dose_guilt_or_a_promise() -> None:
    assert [text for text in (*all_strings(), *(reply.text for reply in every_support())) if HARMFUL.search(text)] == []


def test_wordings_are_short_and_plain() -> None:
    support_texts = [
        text
        for by in SAFETY.replies.support.values()
        for wordings in by.values()
        for text in (*wordings.full, *wordings.short)
    ]
    assert max(len(text.split()) for text in support_texts) <= 90
    assert max(map(grade, (*support_texts, *(barrier.reply for barrier in SAFETY.barriers)))) <= 7
    assert all(
        len(set(wordings.full)) >= 3 and len(set(wordings.short)) >= 3
        for by in SAFETY.replies.support.values()
        for wordings in by.values()
    )


def test_numbers_are_verbatim() -> None:
    listed = {
        part
        for land in SAFETY.lines.countries
        for line in land.lines
        for part in (line.phone, line.text, line.chat)
        if part
    }
    for country in ("US", "GB", "FR", "IN"):
        for line in lines_for(country, Category.SUICIDE, False, SAFETY):
            assert {part for part in (line.phone, line.text, line.chat) if part} <= listed
            assert (line.phone or "") in support(Level.CRISIS, Category.SUICIDE, country=country).text


def grade(text: str) -> float:
    """Flesch–Kincaid grade, with syllables counted as groups of vowels."""
    words = re.findall(r"[a-z']+", text.lower())
    sentences = max(1, len(re.findall(r"[.!?:](?:\s|$)", text)))
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"(?:es|ed|e)$", "", word)))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59
