"""/knowledge edit and new over the wire: forms, complaints that keep what was typed, limits, hostile words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.editing.exporting import export, export_changes
from bot.editing.model import Place, Subject
from bot.editing.states import State
from bot.knowledge.model import Certainty, Entry, Facet, Reviewer, Source, Stakes
from tests.client.editors.desk import (
    CHOOSE,
    SALT,
    asked,
    handed_in,
    only,
    panel,
    press,
    proposed,
    published,
    retired,
    typed,
)
from tests.client.editors.house import House
from tests.discord_server import Interaction


async def value(home: House) -> Entry:
    found = (await only(home)).content().value
    assert isinstance(found, Entry)
    return found


async def test_a_field_is_changed_seen_handed_in_and_nothing_is_served_yet(lodge: House) -> None:
    of = await panel(lodge)
    assert of.ephemeral
    await typed(lodge, of, "overview", {"text": "Lithium is a salt [nice ng222]. It is old.", "mark": ["practice"]})
    assert "+ Lithium is a salt [@nice-ng222]." in of.text()
    assert "+ It is old [practice]." in of.text()
    card = await handed_in(lodge, of)
    preview = lodge.room[-2]
    assert "Lithium is a salt [1]. It is old." in preview.text()
    assert all(button["disabled"] for button in preview.controls() if button.get("style") != 5)
    assert "**proposed** · by an editor" in card.text()
    assert "> clearer" in card.text()
    assert "Changes no answer" in card.text()
    assert "It is old" not in await asked(lodge)
    assert (await only(lodge)).state is State.PROPOSED


async def test_the_card_of_what_was_measured_meanwhile_is_whole_from_the_first(lodge: House) -> None:
    of = await panel(lodge)
    await typed(lodge, of, "asks", {"more": "is the salt on my chips lithium"})
    await lodge.bot.office.settled()
    card = await handed_in(lodge, of)
    assert "Changes no answer" in card.text()
    (posted,) = [one for one in lodge.discord.requests if "### Edit" in str(one.body) and "clearer" in str(one.body)]
    assert posted.method == "POST"


async def test_every_other_field_has_its_form(lodge: House) -> None:
    of = await panel(lodge)
    await typed(lodge, of, "names", {"title": "Lithium salts", "aliases": "lithium carbonate\nPriadel"})
    await typed(lodge, of, "asks", {"more": "is the salt on my chips lithium"})
    await typed(lodge, of, "settings", {"stakes": ["medium"], "certainty": ["low"], "notices": [], "related": "ECT"})
    await typed(lodge, of, "region", {"country": "gb", "text": "It is on prescription [nice ng222]."})
    found = await value(lodge)
    assert (found.title, found.aliases[:2]) == ("Lithium salts", ("lithium carbonate", "Priadel"))
    assert found.asks[-1] == "is the salt on my chips lithium"
    assert len(found.asks) > 20, "the others stay"
    assert (found.stakes, found.certainty) == (Stakes.MEDIUM, Certainty.LOW)
    assert (found.notices, found.related) == ((), ("ect",))
    assert found.regions["GB"] == "It is on prescription [@nice-ng222]."
    assert found.facets == lodge.served().entries["lithium"].facets


async def test_a_new_source_goes_with_the_edit(lodge: House) -> None:
    of = await panel(lodge)
    source = {"title": "On salts", "by": "A. Writer; Salt Press, 2019", "url": "https://example.org/salt"}
    await typed(lodge, of, "source", {**source, "kind": ["review"], "checked": ["read"]})
    assert "[@salt-press-2019]" in of.text()
    await typed(lodge, of, "overview", {"text": "Lithium is a salt that some people take [salt press]."})
    card = await handed_in(lodge, of)
    await press(lodge, card, "Publish", lodge.ben, until="published")
    kept = lodge.served().sources["salt-press-2019"]
    assert (kept.authors, kept.publisher, kept.year, kept.checked) == ("A. Writer", "Salt Press", 2019, "read")
    assert "On salts (Salt Press, 2019)" in await asked(lodge)


async def test_a_source_without_a_year_is_asked_for_again_with_what_was_typed(lodge: House) -> None:
    of = await panel(lodge)
    wrong = {"title": "On salts", "by": "Salt Press", "url": "", "kind": ["review"], "checked": ["recalled"]}
    back = await typed(lodge, of, "source", wrong)
    assert "Not stored yet" in back.text()
    assert "Year" in back.text()
    again = await lodge.discord.press((back.followups or [back.shown])[-1], "Open the form again", by=lodge.anna)
    assert field(again, "title") == "On salts"
    await lodge.discord.submit(again, {"by": "Salt Press 2019"}, by=lodge.anna)
    assert await lodge.edits.latest() != ()


def field(opened: Interaction, key: str) -> str | None:
    assert opened.modal is not None, opened.text()
    found = [one["component"] for one in opened.modal["components"] if one["component"]["custom_id"] == key]
    return found[0].get("value")  # type: ignore[no-any-return]


async def test_complaints_name_the_field_and_open_its_form_as_it_was_typed(lodge: House) -> None:
    of = await panel(lodge)
    await typed(lodge, of, "overview", {"text": SALT})
    await typed(lodge, of, "side-effects", {"text": "Take 900 mg now! [nice ng222]"})
    assert "Mend **Side effects**" in of.text()
    assert "900 mg" in of.text()
    assert "Hand in" not in of.labels()
    again = await lodge.discord.press(of, "Mend: Side effects", by=lodge.anna)
    assert field(again, "text") == "Take 900 mg now! [@nice-ng222]"
    text = "Lithium often causes thirst [@nice-ng222]."
    await lodge.discord.submit(again, {"text": text}, by=lodge.anna)
    assert "nothing to complain about" in of.text()
    assert "Hand in" in of.labels()


async def test_an_unknown_source_is_named_with_the_nearest(lodge: House) -> None:
    of = await panel(lodge)
    await typed(lodge, of, "overview", {"text": "Lithium is a salt [nice]."})
    assert "“\\[nice]” is no one source" in of.text().replace("“[", "“\\[")
    assert "nice-ng222" in of.text()


async def test_a_source_is_found_by_typing_and_offered_first_in_the_form(lodge: House) -> None:
    choices = await lodge.discord.autocomplete("knowledge edit", "source", "ketamine", by=lodge.anna)
    assert choices
    assert {one["value"] for one in choices} <= lodge.served().sources.keys()
    assert await lodge.discord.autocomplete("knowledge edit", "source", "zzz", by=lodge.anna) == []
    assert await lodge.discord.autocomplete("knowledge edit", "source", "ketamine", by=lodge.discord.bob) == []
    chosen = choices[-1]["value"]
    opened = await lodge.discord.slash("knowledge edit", entry="lithium", source=chosen, by=lodge.anna)
    assert opened.original is not None
    form = await lodge.discord.choose(opened.original, CHOOSE, ["overview"], by=lodge.anna)
    assert form.modal is not None
    (menu,) = [one["component"] for one in form.modal["components"] if one["component"]["custom_id"] == "mark"]
    assert [one["value"] for one in menu["options"]][:2] == ["practice", chosen]
    await lodge.discord.submit(form, {"text": "Lithium is a salt.", "mark": [chosen]}, by=lodge.anna)
    assert f"+ Lithium is a salt [@{chosen}]." in opened.original.text()
    said = await lodge.discord.slash("knowledge edit", entry="lithium", source="zzz [@x] \u202e", by=lodge.anna)
    assert "I know nothing by that name" in said.text()


async def test_texts_at_the_limits_fit_and_those_beyond_are_said_so(lodge: House) -> None:
    of = await panel(lodge)
    long = " ".join(f"Sentence number {number} speaks of lithium [@nice-ng222]." for number in range(75))
    await typed(lodge, of, "overview", {"text": long[:4000]})
    assert "Mend **What it is**" in of.text()
    await typed(
        lodge, of, "asks", {"more": "\n".join(f"a question of mine {number} {'x' * 350}" for number in range(11))}
    )
    assert len(of.text()) <= 4000
    await typed(lodge, of, "asks", {"more": "y" * 4000})
    assert (await only(lodge)).content().value is not None


async def test_hostile_words_stay_words(lodge: House) -> None:
    evil = "Lithium is `@everyone` ``` [click](https://evil.example) <@1> **big** [nice ng222]."
    of = await panel(lodge)
    await typed(lodge, of, "overview", {"text": evil})
    edit = await only(lodge)
    assert of.text().count("```") % 2 == 0, "no fence is broken out of"
    form = await lodge.discord.press(of, "Throw away", by=lodge.anna)
    assert "thrown away" in form.source.text()  # type: ignore[union-attr]
    assert (await lodge.edits.of(edit.id)).state is State.TAKEN_BACK
    card = await proposed(lodge, SALT)
    await press(lodge, card, "Take back", lodge.anna, until="taken back")
    of = await panel(lodge)
    await typed(lodge, of, "overview", {"text": SALT})
    card = await handed_in(lodge, of, why="@everyone [look](https://evil.example)")
    assert "[look](https" not in card.text().replace("\\[", "")
    assert "@everyone" not in card.text()
    for request in lodge.discord.requests:
        if isinstance(request.body, dict) and "allowed_mentions" in request.body:
            assert request.body["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("entry", ["../../etc/passwd", "redirect:nothing", "source:", "zzz"])
async def test_what_names_nothing_is_said_so(lodge: House, entry: str) -> None:
    for command in ("edit", "history"):
        said = await lodge.discord.slash(f"knowledge {command}", entry=entry, by=lodge.anna)
        assert "I know nothing by that name" in said.text()


async def test_a_new_page_from_form_to_answer(lodge: House) -> None:
    form = await lodge.discord.slash("knowledge new", by=lodge.anna)
    page = {"title": "Lithium", "kind": ["definition"], "asks": "what is it", "text": SALT}
    back = await lodge.discord.submit(form, page, by=lodge.anna)
    assert "there is an entry “lithium” already" in back.text()
    assert await lodge.edits.latest() == ()
    again = await lodge.discord.press((back.followups or [back.shown])[-1], "Open the form again", by=lodge.anna)
    assert field(again, "asks") == "what is it"
    asks = "\n".join(f"what is a trouser press good for, asked number {number}" for number in range(13))
    text = "A trouser press is a thing that some people own [practice]. It is [nice ng222]."
    made = await lodge.discord.submit(again, {"title": "Trouser press", "asks": asks, "text": text}, by=lodge.anna)
    assert made.original is not None
    edit = await only(lodge)
    assert (edit.place.key, edit.state) == ("trouser-press", State.DRAFT)
    assert made.original.ephemeral


async def test_a_new_redirect_from_form_to_reply_and_file(lodge: House, tmp_path: Path) -> None:
    form = await lodge.discord.slash("knowledge new", by=lodge.anna)
    asks = "\n".join(f"who repairs the squeaky budgerigar cage of house {number}" for number in range(13))
    words = {"title": "How much for you", "kind": ["redirect"], "aliases": "cages", "asks": asks}
    taken = {**words, "title": "Personal dose"}
    back = await lodge.discord.submit(form, {**taken, "text": "A carpenter can help."}, by=lodge.anna)
    assert "there is a redirect “personal-dose” already" in back.text()
    assert await lodge.edits.latest() == ()
    again = await lodge.discord.press((back.followups or [back.shown])[-1], "Open the form again", by=lodge.anna)
    made = await lodge.discord.submit(again, {"title": "Cages", "text": "Take 900 mg now!"}, by=lodge.anna)
    of = made.original
    assert of is not None
    assert "a redirect has no other names; they were left out" in of.text()
    assert (await only(lodge)).place == Place(Subject.REDIRECT, "cages")
    assert "900 mg" in of.text()
    assert "Hand in" not in of.labels(), "the rules hold for it as for every page"
    await typed(lodge, of, "text", {"text": "That is nothing for this bot. A carpenter near you can help."})
    card = await handed_in(lodge, of)
    question = "who repairs the squeaky budgerigar cage"
    assert "A carpenter near you" not in await asked(lodge, question)
    refused = await press(lodge, card, "Publish", lodge.anna)
    assert "cages" not in lodge.served().redirects, refused.text()
    await press(lodge, card, "Publish", lodge.ben, until="published")
    assert "A carpenter near you can help" in await asked(lodge, question)
    copy = Path(shutil.copytree(lodge.folder, tmp_path / "copy"))
    export(copy, export_changes(copy, await lodge.edits.standing()), lodge.clock().date())
    assert "id: cages\n" in (copy / "redirects" / "cages.yaml").read_text(encoding="utf-8")
    await press(lodge, await retired(lodge, "redirect:cages"), "Publish", lodge.ben, until="published")
    assert "cages" not in lodge.served().redirects


async def test_redirects_and_sources_are_changed_the_same_way(lodge: House) -> None:
    of = await panel(lodge, "redirect:personal-dose")
    before = lodge.served().redirects["personal-dose"]
    await typed(lodge, of, "text", {"title": before.title, "text": before.text, "related": "Lithium"})
    await typed(lodge, of, "asks", {"more": "how many grains of salt for me"})
    card = await handed_in(lodge, of)
    await press(lodge, card, "Publish", lodge.ben, until="published")
    assert lodge.served().redirects["personal-dose"].related == ("lithium",)
    assert "how many grains of salt for me" in lodge.served().redirects["personal-dose"].asks
    of = await panel(lodge, "source:nice-ng222")
    form = await lodge.discord.choose(of, CHOOSE, ["source-itself"], by=lodge.anna)
    await lodge.discord.submit(form, {"title": "Depression in adults, renewed"}, by=lodge.anna)
    card = await handed_in(lodge, of)
    await press(lodge, card, "Publish", lodge.ben, until="published")
    renewed: Source = lodge.served().sources["nice-ng222"]
    assert renewed.title == "Depression in adults, renewed"
    assert renewed.year == 2022


async def test_search_finds_pages_redirects_and_sources(lodge: House) -> None:
    found = await lodge.discord.slash("knowledge search", words="lithium", by=lodge.anna)
    assert "**Lithium** (definition)" in found.text()
    assert "`[@nice-ng222-lithium]`" in found.text()
    choices = await lodge.discord.autocomplete("knowledge edit", "entry", "dose", by=lodge.anna)
    assert {"name": "Redirect: How much for you", "value": "redirect:personal-dose"} in choices or any(
        one["value"] == "redirect:personal-dose" for one in choices
    )
    opened = await lodge.discord.press(found.original, "Edit: Lithium", by=lodge.anna)  # type: ignore[arg-type]
    assert "What do you want to change?" in opened.text()


async def test_a_form_from_before_a_restart_is_still_answered(lodge: House) -> None:
    of = await panel(lodge)
    form = await lodge.discord.choose(of, CHOOSE, ["overview"], by=lodge.anna)
    assert lodge.bot._connection._view_store._modals == {}, "nothing is held for a form"
    await lodge.discord.submit(form, {"text": SALT}, by=lodge.anna)
    assert (await value(lodge)).facets[Facet.OVERVIEW].startswith("Lithium is a salt")


# --- what is easily lost ---------------------------------------------------------------------------------------------


async def test_a_source_that_is_changed_twice_is_the_same_source(lodge: House) -> None:
    of = await panel(lodge, "source:nice-ng222")
    for title in ("Depression in adults, renewed", "Depression in adults, renewed again"):
        form = await lodge.discord.choose(of, CHOOSE, ["source-itself"], by=lodge.anna)
        await lodge.discord.submit(form, {"title": title}, by=lodge.anna)
    edit = await only(lodge)
    assert not lodge.bot.office.desk.is_stale(edit), "it lies over what it was written on"
    form = await lodge.discord.press(of, "Hand in", by=lodge.anna)
    assert form.modal is not None, "nobody else changed it"


async def test_a_form_that_was_overtaken_says_what_it_takes_the_place_of(lodge: House) -> None:
    mine = await panel(lodge, by=lodge.cora)
    form = await lodge.discord.choose(mine, CHOOSE, ["overview"], by=lodge.cora)
    await published(lodge)
    await lodge.discord.submit(form, {"text": "Lithium is an old salt [nice ng222]."}, by=lodge.cora)
    assert "changed by another edit too, meanwhile: What it is" in mine.text()
    assert "- Lithium is a salt that some people take [@nice-ng222]." in mine.text()
    await typed(lodge, mine, "timeline", {"text": "Lithium takes some weeks [nice ng222]."}, lodge.cora)
    assert "another edit" not in mine.text(), "that was not touched"


async def test_a_page_that_is_still_right_is_read_and_signed_anew(lodge: House) -> None:
    before = lodge.served().entries["lithium"]
    of = await panel(lodge)
    await lodge.discord.press(of, "It is still right: have it read and signed anew", by=lodge.anna)
    assert "No word is changed" in of.text()
    card = await handed_in(lodge, of, why="all of it still holds")
    assert "Changes no word" in card.text()
    await press(lodge, card, "Publish, I read the whole page", lodge.cora, until="published")
    after = lodge.served().entries["lithium"]
    assert (after.review.by, after.review.on) == (Reviewer.CLINICIAN, lodge.clock().date())
    assert after.model_copy(update={"review": before.review}) == before


async def test_what_a_form_lacks_is_said_in_its_own_words(lodge: House) -> None:
    of = await panel(lodge)
    back = await typed(lodge, of, "region", {"country": "Z1", "text": "It is on prescription [nice ng222]."})
    assert "Mend **Country**: write its two letters" in back.text()
    again = await lodge.discord.press((back.followups or [back.shown])[-1], "Open the form again", by=lodge.anna)
    assert field(again, "text") == "It is on prescription [nice ng222]."
    undated = {"title": "On salts", "by": "Salt Press", "kind": ["review"], "checked": ["read"]}
    back = await typed(lodge, of, "source", undated)
    assert "Mend **Year**: is missing; end with it" in back.text()
    await typed(lodge, of, "overview", {"text": ""})
    assert "Mend **What it is**: has no overview" in of.text()
    assert "Mend: What it is" in of.labels()


async def test_every_way_of_asking_can_be_reached_however_many_there_are(lodge: House) -> None:
    of = await panel(lodge)
    for letter in "abcde":
        more = "\n".join(f"question {letter} {number} {'of many words ' * 8}" for number in range(28))
        await typed(lodge, of, "asks", {"more": more})
    await typed(lodge, of, "asks", {"more": "the very last"})
    every = (await value(lodge)).asks
    assert every[-1] == "the very last"
    form = await lodge.discord.choose(of, CHOOSE, ["asks-2"], by=lodge.anna)
    assert form.modal is not None
    parts = {one["component"]["custom_id"]: one["component"].get("value") for one in form.modal["components"]}
    assert len(parts) <= 5
    last = max(name for name in parts if name != "more")
    assert parts[last].splitlines()[-1] == "the very last"
    await lodge.discord.submit(form, {last: parts[last].replace("\nthe very last", "")}, by=lodge.anna)
    assert (await value(lodge)).asks == every[:-1], "those of the other form stay"
    beyond = await lodge.discord.choose_id(of, "nsm1:kfield:e:lithium:1:asks-9", ["asks-9"], by=lodge.anna)
    assert beyond.modal is None
    assert beyond.text() != lodge.bot.desk.interface.say("fault")


async def test_however_much_there_is_to_say_it_fits_and_the_gravest_stands_there(lodge: House) -> None:
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    asks = [
        f"number {word} what is it like when a long question about it goes on and on and more words" for word in words
    ]
    theirs = await panel(lodge, "ect", by=lodge.cora)
    await typed(lodge, theirs, "asks", {"more": "\n".join(asks)}, lodge.cora)
    await press(lodge, await handed_in(lodge, theirs, lodge.cora), "Publish", lodge.ben, until="published")
    of = await panel(lodge)
    await typed(lodge, of, "asks", {"more": "\n".join(f"{ask} lithium" for ask in asks)})
    await typed(lodge, of, "timeline", {"text": "Take 900 mg now! [nice ng222]"})
    assert "900 mg" in of.text(), "what has to be mended is not crowded out"
    assert "and 1" in of.text().partition("**Rules**")[2], "how much more there is to say"
    await typed(lodge, of, "timeline", {"text": "Lithium takes some weeks [nice ng222]."})
    card = await handed_in(lodge, of, why="w" * 300)
    assert "Changes no answer" in card.text(), "what members would notice is not cut off"
    assert "Publish" in card.labels()
