"""The whole way of a message: from text to reply, in one message and over several."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering.model import (
    Answer,
    Choices,
    Conversation,
    Mode,
    Question,
    RedirectReply,
    Silence,
    SmallTalkReply,
    Support,
    Unknown,
)
from bot.answering.pipeline import Answerer
from bot.answering.plain import plain
from bot.answering.protocol import to_row
from bot.app import build
from bot.knowledge.model import Facet
from tests.talk import NOW, Talk, ask

KINDS = {
    "answer", "comparison", "choices", "redirect", "unknown", "support", "small-talk", "silence",
}  # fmt: skip


@pytest.fixture
def talk(answerer: Answerer) -> Talk:
    return Talk(answerer)


# --- one message ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["what are the side effects of lithium", "lihtium side efects"])
def test_a_facet_of_a_topic_is_answered_with_dated_sources(answerer: Answerer, text: str) -> None:
    row = ask(answerer, text)
    assert (row["kind"], row["entries"], row["facet"]) == ("answer", ["lithium"], "side-effects")
    assert row["sources"]
    assert all(isinstance(source["year"], int) for source in row["sources"])
    assert "[1]" in row["text"]


@pytest.mark.parametrize(
    ("text", "title", "severity"),
    [
        ("can I take st johns wort with zoloft", "St John's wort with Sertraline", "serious"),
        ("is SAM-e dangerous together with nardil", "SAM-e with Phenelzine", "contraindicated"),
        ("can i take cbd with prozac", "CBD with Fluoxetine", "caution"),
        ("nardil and sudafed", "Phenelzine with Pseudoephedrine", "contraindicated"),
        ("nardil with st johns wort", "Phenelzine with St John's wort", "contraindicated"),
        ("lithium + naproxen", "Lithium with Naproxen", "serious"),
    ],
)
def test_two_things_taken_together_are_looked_up(answerer: Answerer, text: str, title: str, severity: str) -> None:
    row = ask(answerer, text)
    assert (row["kind"], row["facet"]) == ("answer", "interactions")
    label = answerer.knowledge.vocabulary.templates[f"severity-{severity}"]
    assert row["text"].startswith(f"{title}\n{label}")


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("what does ssri stand for", "ssri"),
        ("zoloft?", "sertraline"),
        ("is it my fault i'm not trying hard enough", "is-it-my-fault"),
        ("two meds failed what now", "next-steps-overview"),
        ("welbutrin xl", "bupropion"),
        ("serotonim sindrome", "serotonin-syndrome"),
        ("anti depressants", "antidepressant"),
    ],
)
def test_plain_questions_find_their_page(answerer: Answerer, text: str, entry: str) -> None:
    row = ask(answerer, text)
    assert (row["kind"], row["entries"]) == ("answer", [entry])


@pytest.mark.parametrize("text", ["best pizza in town", "who won the match yesterday", "should i take 40 or 60 mg"])
def test_what_is_not_ours_is_never_answered(answerer: Answerer, text: str) -> None:
    assert ask(answerer, text)["kind"] in {"redirect", "unknown", "small-talk"}


def test_a_personal_dose_is_sent_to_those_who_can_tell(answerer: Answerer) -> None:
    reply = Talk(answerer).say("should i take 40 or 60 mg")
    assert isinstance(reply, RedirectReply)
    assert "prescriber" in reply.text or "pharmacist" in reply.text


@pytest.mark.parametrize("text", ["what is tramadol", "fluvoxamine side effects", "clonidine?", "lamivudine"])
def test_a_medicine_that_is_not_covered_is_not_bent_to_a_neighbour(talk: Talk, text: str) -> None:
    reply = talk.say(text)
    assert isinstance(reply, Unknown)
    assert reply.reason == "outside"
    assert reply.can_send


def test_what_is_not_known_offers_to_send_it_on(talk: Talk) -> None:
    reply = talk.say("how many moons does jupiter have")
    assert isinstance(reply, Unknown)
    assert reply.can_send
    assert reply.text


@pytest.mark.parametrize("text", ["hi", "hello", "thanks", "thank you", "good night"])
def test_small_talk_gets_a_calm_word(talk: Talk, text: str) -> None:
    reply = talk.say(text)
    assert isinstance(reply, SmallTalkReply)
    assert reply.text


def test_another_language_is_said_not_to_be_understood(talk: Talk) -> None:
    reply = talk.say("je voudrais savoir comment dormir la nuit")
    assert isinstance(reply, Unknown)
    assert reply.reason == "language"


def test_a_name_is_understood_in_another_language(answerer: Answerer) -> None:
    assert ask(answerer, "was ist lithium und wie wirkt es")["kind"] == "answer"


# --- safety first --------------------------------------------------------------------------------------------------


def _broken(folder: Path) -> Path:
    (folder / "safety" / "rules").mkdir(parents=True)
    for name in ("replies.yaml", "lines.yaml", "words.yaml", "rules/crisis.yaml"):
        (folder / "safety" / name).write_bytes(b"{ broken: [\xff\x00")
    (folder / "definitions").mkdir()
    (folder / "definitions" / "lithium.yaml").write_text("id: [", encoding="utf-8")
    return folder


def test_a_crisis_is_answered_with_lines(answerer: Answerer) -> None:
    row = ask(answerer, "i want to end it tonight", country="GB")
    assert (row["kind"], row["level"], row["category"]) == ("support", "crisis", "suicide")
    assert row["lines"]
    assert row["entries"] == []


@pytest.mark.parametrize("kind", ["empty", "missing", "broken"])
def test_a_crisis_is_answered_without_any_knowledge(tmp_path: Path, kind: str) -> None:
    folder = {"empty": tmp_path, "missing": tmp_path / "nowhere", "broken": tmp_path}[kind]
    served = build(_broken(folder) if kind == "broken" else folder)
    row = ask(served.answerer, "i want to end it tonight", country="US")
    assert (row["kind"], row["level"]) == ("support", "crisis")
    assert row["lines"]
    assert served.problems
    assert ask(served.answerer, "what is lithium")["kind"] == "unknown"


def test_after_a_crisis_only_gentle_facets_are_shown(talk: Talk) -> None:
    assert isinstance(talk.say("i want to kill myself"), Support)
    for text in ("what are the side effects of lithium", "lithium interactions?", "what are the dangers of ketamine"):
        reply = talk.say(text)
        if isinstance(reply, Answer):
            assert {part.facet for part in reply.passages} <= {Facet.OVERVIEW, Facet.PROCESS, Facet.ACCESS}
    row = talk.row("can i take sertraline with phenelzine")
    assert row["facet"] != "interactions"
    assert not set(talk.row("tms vs ect").get("text", "").split("\n")) & {"Side effects", "Cautions", "Interactions"}


def test_after_a_crisis_the_answer_to_a_plain_question_is_still_given(talk: Talk) -> None:
    talk.say("i want to kill myself")
    row = talk.row("what is ect?")
    assert (row["kind"], row["entries"], row["facet"]) == ("answer", ["ect"], "overview")


def test_distress_gets_its_answer_and_one_quiet_line(talk: Talk) -> None:
    reply = talk.say("is it my fault i'm not trying hard enough, i feel so hopeless")
    assert reply.gentle
    assert reply.gentle in plain(reply)


@pytest.mark.parametrize("text", ["i cant do this anymore, whats the point", "nothing helps. nothing ever will"])
def test_distress_that_names_nothing_is_not_asked_which_page_it_meant(talk: Talk, text: str) -> None:
    reply = talk.say(text)
    assert isinstance(reply, Unknown)
    assert reply.reason == "distress"
    assert reply.gentle
    assert not reply.can_send


# --- several messages ----------------------------------------------------------------------------------------------


def test_a_follow_up_keeps_the_topic_and_names_it_back(talk: Talk) -> None:
    talk.say("what is tms")
    reply = talk.say("how long does it take")
    assert isinstance(reply, Answer)
    assert (reply.passages[0].entry, reply.passages[0].facet) == ("tms", Facet.TIMELINE)
    assert reply.lead is not None
    assert "TMS" in reply.lead
    assert talk.row("side effects?")["entries"] == ["tms"]


def test_what_only_asks_for_a_facet_is_about_the_medicine_talked_about(talk: Talk) -> None:
    talk.say("what is lithium")
    row = talk.row("and the side effects?")
    assert (row["kind"], row["entries"], row["facet"]) == ("answer", ["lithium"], "side-effects")


def test_a_page_that_does_not_speak_of_what_is_asked_does_not_answer_it(talk: Talk) -> None:
    talk.say("citalopram")
    row = talk.row("can i drink on it")
    assert row["kind"] == "choices"
    assert "alcohol-and-antidepressants" in row["choices"]


def test_nonsense_is_not_about_what_was_talked_about(talk: Talk) -> None:
    talk.say("what is tms")
    assert talk.row("blorp fnord qwx")["kind"] == "unknown"
    assert talk.row("how long")["entries"] == ["tms"]


def test_after_a_worry_the_talk_goes_back_to_the_treatment(talk: Talk) -> None:
    talk.say("what is tms")
    assert talk.row("does it hurt tho")["entries"] == ["does-tms-hurt"]
    assert talk.row("how many sessions do they do")["entries"] == ["tms"]


@pytest.mark.parametrize("text", ["and ketamine?", "what about ketamine"])
def test_a_new_topic_keeps_the_facet(talk: Talk, text: str) -> None:
    talk.say("side effects of lithium")
    row = talk.row(text)
    assert (row["entries"], row["facet"]) == (["ketamine"], "side-effects")


@pytest.mark.parametrize("pick", ["2", "the second", "second one please", "electroconvulsive"])
def test_a_choice_is_picked_by_number_order_or_words(answerer: Answerer, pick: str) -> None:
    talk = Talk(answerer)
    offered = answerer.complete("lithium", 1)[0], answerer.complete("ect", 1)[0]
    talk.conversation = Conversation(at=NOW, offered=offered)
    row = talk.row(pick)
    assert (row["kind"], row["entries"], row["confidence"]) == ("answer", ["ect"], 1.0)


def test_none_of_these_is_taken_at_its_word(talk: Talk) -> None:
    talk.conversation = Conversation(at=NOW, offered=talk.answerer.complete("lithium", 2))
    reply = talk.say("none of these")
    assert isinstance(reply, Unknown)
    assert reply.reason == "none-of-these"


def test_a_misspelt_name_that_could_be_two_asks_and_takes_the_answer(talk: Talk) -> None:
    """Between citalopram and escitalopram nothing is guessed."""
    reply = talk.say("what is scitalopram")
    assert isinstance(reply, Choices | Unknown)


def test_the_writer_may_correct_what_was_understood(talk: Talk) -> None:
    talk.say("what is lithium")
    assert talk.row("no, i meant ect")["entries"] == ["ect"]


def test_after_a_quarter_of_an_hour_the_topic_is_forgotten(talk: Talk) -> None:
    talk.say("what is tms")
    talk.wait(14)
    assert talk.row("side effects?")["entries"] == ["tms"]
    talk.wait(16)
    assert talk.row("side effects?")["entries"] != ["tms"]


def test_a_conversation_stays_small(talk: Talk) -> None:
    for text in ("what is tms", "what is ect", "what is lithium", "what is ketamine", "x" * 100_000):
        talk.say(text)
    assert len(talk.conversation.topics) <= 3
    assert len(talk.conversation.previous) <= 1000


def test_notices_are_said_in_full_once_and_then_by_name(talk: Talk) -> None:
    first = talk.say("coming off sertraline")
    again = talk.say("sertraline withdrawal")
    assert isinstance(first, Answer)
    assert isinstance(again, Answer)
    full = {notice.id for notice in first.notices if notice.text}
    assert full
    assert [notice.id for notice in again.notices if notice.text and notice.id in full] == []
    assert all(notice.title for notice in again.notices)


def test_a_missing_facet_is_said_and_those_there_are_are_offered(answerer: Answerer) -> None:
    entry = next(
        entry
        for entry in answerer.knowledge.entries.values()
        if entry.kind == "definition" and Facet.ACCESS not in entry.facets
    )
    reply, _ = answerer.show(entry.id, Facet.ACCESS, NOW)
    assert isinstance(reply, Answer)
    (part,) = reply.passages
    assert part.missing is not None
    assert entry.title in part.missing
    assert part.asked is Facet.ACCESS
    assert {part.facet, *(link.facet for link in part.facets)} == set(entry.facets)


# --- comparisons, pairs, two questions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("tms or ect", ["tms", "ect"]),
        ("difference between switching and augmenting", ["switching", "augmentation"]),
        ("is auvelity just wellbutrin", ["dextromethorphan-bupropion", "bupropion"]),
        ("ketamine vs esketamine", ["ketamine", "esketamine"]),
        ("Buspirone / bupropion, I always muddle them up. What's each one for?", ["buspirone", "bupropion"]),
        ("parnate for anergic, nardil for anxious. fact or folklore?", ["tranylcypromine", "phenelzine"]),
        ("is lithium as hard on the kidneys as quetiapine is on weight", ["lithium", "quetiapine"]),
        ("talking therapy vs the helmet", ["psychotherapy", "tms"]),
        ("dbs over ect??", ["deep-brain-stimulation", "ect"]),
    ],
)
def test_things_are_put_side_by_side(answerer: Answerer, text: str, entries: list[str]) -> None:
    row = ask(answerer, text)
    assert (row["kind"], row["entries"]) == ("comparison", entries)
    assert row["sources"]


def test_what_was_tried_before_is_not_put_beside_what_is_asked_about(answerer: Answerer) -> None:
    row = ask(answerer, "zoloft did nothing for me, how long does effexor take to work")
    assert (row["kind"], row["entries"]) == ("answer", ["venlafaxine"])


def test_a_follow_up_must_be_surer_than_a_lone_question(answerer: Answerer) -> None:
    text = "is it worth going to those talking sessions as well"
    talk = Talk(answerer)
    talk.say("what is lithium")
    alone, later = _bar_of(ask(answerer, text)), _bar_of(talk.row(text))
    assert later > alone


def _bar_of(row: dict[str, Any]) -> float:
    (bar,) = [reason["figures"]["bar"] for reason in row["why"] if "bar" in reason["figures"]]
    return float(bar)


def test_a_comparison_of_things_that_are_hardly_made_out_is_asked_back(answerer: Answerer) -> None:
    row = ask(answerer, "Is a psych nurse better than an app at tracking")
    assert row["kind"] == "choices"
    assert {"see-a-specialist", "track-symptoms"} <= set(row["choices"])


def test_the_page_that_an_unsure_comparison_is_likeliest_about_comes_first(answerer: Answerer) -> None:
    row = ask(answerer, "spray or drip")
    assert row["kind"] == "comparison"
    assert row["entries"][0] == "try-ketamine-or-esketamine"
    assert {"ketamine", "esketamine"} <= set(row["entries"])


@pytest.mark.parametrize("text", ["ok and the other", "more about number 2 please", "the second one"])
def test_what_only_points_at_a_page_gets_that_page(answerer: Answerer, text: str) -> None:
    talk = Talk(answerer)
    talk.say("tms or ect")
    row = talk.row(text)
    assert (row["kind"], row["entries"]) == ("answer", ["ect"])


def test_the_other_of_three_is_not_the_one_that_was_shown_first(answerer: Answerer) -> None:
    talk = Talk(answerer)
    assert len(talk.row("spray or drip")["entries"]) == 3
    assert talk.row("and the other one")["entries"] != ["try-ketamine-or-esketamine"]


def test_not_that_one_turns_away_from_what_was_talked_about(answerer: Answerer) -> None:
    talk = Talk(answerer)
    talk.say("olanzapine plus prozac in one")
    row = talk.row("not that combo, the one with cough syrup in it")
    assert row["entries"] == ["dextromethorphan-bupropion"]


def test_a_page_asked_for_in_distress_is_still_offered(answerer: Answerer) -> None:
    text = "all feels hopeless. how long do antidepressants usually have to be taken before giving up on one"
    reply = Talk(answerer).say(text)
    assert not isinstance(reply, Unknown)
    assert reply.gentle


def test_a_comparison_by_facet(answerer: Answerer) -> None:
    row = ask(answerer, "sertraline vs venlafaxine side effects")
    assert (row["kind"], row["entries"], row["facet"]) == ("comparison", ["sertraline", "venlafaxine"], "side-effects")


def test_at_most_three_are_compared(answerer: Answerer) -> None:
    reply, _ = answerer.compare(("tms", "ect", "ketamine", "lithium"), NOW)
    assert to_row(reply, "")["entries"] == ["tms", "ect", "ketamine"]


def test_a_pair_of_classes_is_found_for_its_members(talk: Talk) -> None:
    row = talk.row("can i take sertraline with phenelzine")
    assert (row["kind"], row["facet"], set(row["entries"])) == ("answer", "interactions", {"sertraline", "phenelzine"})
    assert "dangerous" in row["text"]
    assert row["sources"]


def test_an_unlisted_pair_is_never_fine(answerer: Answerer) -> None:
    text = ask(answerer, "can i take buspirone with calcium?")["text"].lower()
    assert "not in our list" in text
    assert "pharmacist" in text


def test_two_questions_get_two_answers(answerer: Answerer) -> None:
    row = ask(answerer, "what is ssri? and how long does ect take?")
    assert row["entries"] == ["ssri"]
    assert row["also"] == [{"entry": "ect", "facet": "timeline"}]


# --- overheard -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["lol same", "good morning everyone", "anyone up for a game later?", "my dog is so cute", "is it raining?", ""],
)
def test_what_is_not_for_the_bot_gets_silence(talk: Talk, text: str) -> None:
    assert isinstance(talk.say(text, Mode.OVERHEARD), Silence)


def test_a_plain_question_that_was_overheard_is_answered(answerer: Answerer) -> None:
    assert ask(answerer, "what are the side effects of lithium?", Mode.OVERHEARD)["entries"] == ["lithium"]


def test_danger_that_was_overheard_is_heard(answerer: Answerer) -> None:
    assert ask(answerer, "i want to end it tonight", Mode.OVERHEARD)["kind"] == "support"


# --- whatever comes ------------------------------------------------------------------------------------------------

BAD = {
    "empty": "",
    "blank": " \n\t ",
    "huge": "what about lithium and sleep " * 3500,
    "emoji": "😀😭🫠" * 20,
    "zero-width": "\u200b\u200c\u200d\ufeff" * 50,
    "homoglyphs": "whаt аre the sidе effесts of lithium",
    "control": "".join(map(chr, range(1, 32))) * 10,
    "nul": "what is \x00lithium\x00",
    "right-to-left": "\u202ewhat is lithium\u202c \u200f",
    "one word": "a" * 4000,
    "one medicine": "lithium" * 570,
    "surrogate": "what is \ud800 lithium",
    "brackets": "[(" * 2000,
    "question marks": "?" * 4000,
    "all names": "sertralin lithum venlafaxin quetiapin bupropin " * 85,
    "numbers": "1 22 333 " * 400,
}


def _seconds(answerer: Answerer, text: str) -> float:
    best = 9.0
    for _ in range(3):
        start = time.perf_counter()
        answerer.reply(Question(text, NOW))
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.parametrize("name", BAD)
def test_bad_input_has_a_clear_outcome(answerer: Answerer, name: str) -> None:
    row = ask(answerer, BAD[name])
    assert row["kind"] in KINDS - {"silence"}
    assert row["text"]
    assert not [reason for reason in row["why"] if reason["rule"] == "fault"]


@pytest.mark.parametrize("name", ["empty", "blank", "emoji", "zero-width", "question marks"])
def test_a_message_without_words_is_said_to_have_none(talk: Talk, name: str) -> None:
    reply = talk.say(BAD[name])
    assert isinstance(reply, Unknown)
    assert reply.reason == "empty"


@pytest.mark.parametrize("name", ["homoglyphs", "nul", "right-to-left"])
def test_disguised_letters_are_read(answerer: Answerer, name: str) -> None:
    assert ask(answerer, BAD[name])["entries"] == ["lithium"]


def test_bad_input_is_no_slow_path(answerer: Answerer) -> None:
    """Against a typical message of the same length, and never more than a few dozen times a short one."""
    plain_time = _seconds(answerer, "what are the side effects of lithium when you are new to it")
    typical = _seconds(answerer, "does anyone here know how lithium felt in the first weeks for them? " * 59)
    slow = {name: _seconds(answerer, text) for name, text in BAD.items()}
    bar = max(60 * plain_time, 4 * typical)
    assert {name: seconds for name, seconds in slow.items() if seconds > bar} == {}


WORDS = (
    *(
        "lithium",
        "tms",
        "ect",
        "sertralin",
        "prozac",
        "tramadol",
        "same",
        "SAMe",
        "side",
        "effects",
        "stop",
        "hopeless",
    ),
    *("and", "or", "vs", "with", "?", ".", "can", "i", "take", "is", "it", "die", "what", "the", "2", "no", "none"),
    *("second", "how", "long", "cost"),
)
ANY_TEXT = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(WORDS),
        max_size=14,
    ).map(" ".join),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=3), mode=st.sampled_from(list(Mode)))
def test_any_message_gets_one_reply_the_same_each_time(answerer: Answerer, texts: list[str], mode: Mode) -> None:
    first, again = Talk(answerer), Talk(answerer)
    for text in texts:
        row = first.row(text, mode)
        assert json.loads(json.dumps(row)) == row
        assert row["kind"] in KINDS
        assert 0 <= row["confidence"] <= 1
        assert not [reason for reason in row["why"] if reason["rule"] == "fault"]
        assert row == again.row(text, mode)
    assert first.conversation == again.conversation


def test_why_holds_ids_and_figures_but_no_word_of_the_message(talk: Talk) -> None:
    secret = ["zarquon", "blibberish", "wumpelstein"]
    for text in (
        "my cousin zarquon says lithium makes you blibberish, is that true",
        "zarquon or blibberish?",
        "wumpelstein?",
        "i want to end it tonight, tell zarquon",
        "can i take sertraline with wumpelstein",
    ):
        row = talk.row(text)
        assert row["why"]
        assert not [word for word in secret if word in json.dumps(row["why"]).lower()]


def test_time_running_backwards_does_no_harm(talk: Talk) -> None:
    talk.say("what is tms")
    talk.now -= timedelta(days=2)
    assert talk.row("what is ect")["entries"] == ["ect"]


def test_an_entry_that_is_gone_gets_a_calm_word(answerer: Answerer) -> None:
    reply, _ = answerer.show("no-such-page", Facet.OVERVIEW, NOW)
    assert isinstance(reply, Unknown)


def test_define_prefers_the_exact_name_and_hears_danger(answerer: Answerer) -> None:
    reply, _ = answerer.define("Zoloft", NOW)
    assert to_row(reply, "")["entries"] == ["sertraline"]
    reply, _ = answerer.define("i want to end it tonight", NOW)
    assert isinstance(reply, Support)


def test_a_misspelt_word_to_define_is_not_taken_for_a_follow_up(answerer: Answerer) -> None:
    _, talk = answerer.show("sertraline", Facet.SIDE_EFFECTS, NOW)
    reply, talk = answerer.define("lithum", NOW, conversation=talk)
    assert isinstance(reply, Answer)
    assert [(part.entry, part.facet) for part in reply.passages] == [("lithium", Facet.OVERVIEW)]
    assert talk.topics[0] == "lithium"
