"""The conversation in a terminal: drawn when there is one, plain when piped, numbers that can be picked."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bot.answering.model import Answer, Choices, Comparison, Link, Pairing, RedirectReply, Silence, Support, Unknown
from bot.answering.pipeline import Answerer
from bot.terminal import Chat, draw, follow_ups, why_table
from tests.talk import NOW, Talk


class Screen:
    """A terminal that keeps what was written."""

    def __init__(self, answerer: Answerer, terminal: bool = True) -> None:
        self._file = io.StringIO()
        console = Console(file=self._file, force_terminal=terminal, width=100, color_system=None, legacy_windows=False)
        self.chat = Chat(answerer, console, clock=lambda: NOW)

    def type(self, line: str) -> str:
        """What is shown for one more line."""
        self._file.seek(0)
        self._file.truncate()
        self.going_on = self.chat.take(line)
        return self._file.getvalue()


@pytest.fixture
def screen(answerer: Answerer) -> Screen:
    return Screen(answerer)


EXAMPLES = {
    "what is lithium": Answer,
    "can i take sertraline with phenelzine": Pairing,
    "tms or ect": Comparison,
    "should i take 40 or 60 mg": RedirectReply,
    "how many moons does jupiter have": Unknown,
    "i want to end it tonight": Support,
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_kind_of_reply_is_drawn_with_its_words(screen: Screen, answerer: Answerer, text: str) -> None:
    shown = " ".join(screen.type(text).split())
    assert isinstance(screen.chat.last, EXAMPLES[text])
    first = Talk(answerer).row(text)
    if first["sources"]:
        source = first["sources"][0]
        assert f"[1] {source['title'][:20]}" in shown
        assert str(source["year"]) in shown
        assert "reviewed by a clinician" in shown or "general information" in shown
    assert shown


def test_choices_are_numbered_and_can_be_picked(screen: Screen) -> None:
    reply = Choices(lead="Which?", options=(Link("lithium", "Lithium"), Link("ect", "ECT")), none_label="None of these")
    console = Console(file=io.StringIO(), width=80)
    console.print(draw(reply))
    assert isinstance(console.file, io.StringIO)
    lines = [line.strip() for line in console.file.getvalue().splitlines()]
    assert lines == ["Which?", "1. Lithium", "2. ECT", "3. None of these"]


def test_silence_draws_nothing() -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(draw(Silence(reason="overheard")), end="")
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().strip() == ""


def test_a_number_picks_what_was_offered(screen: Screen) -> None:
    screen.type("what is lithium")
    assert screen.chat.last is not None
    offered = follow_ups(screen.chat.last)
    shown = screen.type("2")
    assert isinstance(screen.chat.last, Answer)
    (part,) = screen.chat.last.passages
    assert (part.entry, part.facet) == (offered[1].entry, offered[1].facet)
    assert part.facet_label in shown


@pytest.mark.parametrize("line", ["0", "999", "99999999999999999999", "²", "-1"])
def test_a_number_that_was_not_offered_is_a_message(screen: Screen, line: str) -> None:
    screen.type("what is lithium")
    screen.type(line)
    assert screen.going_on


def test_commands(screen: Screen) -> None:
    assert "no answer yet" in screen.type("/why")
    assert "no sources" in screen.type("/sources")
    assert "Lithium" in screen.type("/define Priadel")
    assert "[1]" in screen.type("/sources")
    assert "door" in screen.type("/why")
    assert "ECT" in screen.type("/compare tms, ect")
    assert isinstance(screen.chat.last, Comparison)
    assert "/compare tms, ect" in screen.type("/compare tms")
    assert "/define WORD" in screen.type("/help")
    assert "/define WORD" in screen.type("/no-such-thing")
    assert "United Kingdom" in screen.type("/country gb")
    assert screen.chat.country == "GB"
    assert "GB" in screen.type("/country xx")
    assert screen.chat.country == "GB"
    assert "116 123" in screen.type("/lines")


@pytest.mark.parametrize("line", ["/quit", "/exit", " /q "])
def test_leaving(screen: Screen, line: str) -> None:
    screen.type(line)
    assert not screen.going_on


def test_an_empty_line_says_nothing(screen: Screen) -> None:
    assert screen.type("   ") == ""
    assert screen.going_on


def test_markup_in_a_message_or_a_name_is_only_text(screen: Screen) -> None:
    for line in ("[bold]lithium[/bold]", "/define [red]x[/]", "/compare [a], [/b]", "/country [x]", "[/] what is tms"):
        screen.type(line)
        assert screen.going_on


def test_piped_it_is_plain_and_unwrapped(answerer: Answerer) -> None:
    piped = Screen(answerer, terminal=False)
    shown = piped.type("what is lithium")
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) > 100
    assert "[1]" in shown


def test_why_is_a_table_of_rules_and_figures(answerer: Answerer) -> None:
    reply = Talk(answerer).say("lihtium side efects")
    console = Console(file=io.StringIO(), width=160)
    console.print(why_table(reply.why))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "screening" in shown
    assert "lithium" in shown
    assert "lihtium" not in shown
