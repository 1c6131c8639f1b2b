from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.editing.differences import Mark, difference_text, differences
from bot.editing.drafts import (
    Drafted,
    EntryForm,
    RedirectForm,
    SourceForm,
    change_entry,
    change_redirect,
    change_source,
    entry_form,
    new_entry,
    retire,
    slug,
)
from bot.editing.model import Place, Subject, snapshot_from, snapshot_text
from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Entry, Facet, Kind, Knowledge, Reviewer, Stakes
from tests.editing.room import DOSE, LITHIUM, knowledge_folder

TODAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    path: Path = tmp_path_factory.mktemp("drafts") / "knowledge"
    return load_knowledge(knowledge_folder(path).path).knowledge


def fields(drafted: Drafted) -> set[str]:
    return {one.field for one in drafted.grave}


def changed(knowledge: Knowledge, form: EntryForm) -> Drafted:
    return change_entry(knowledge.entries["lithium"], form, knowledge, TODAY)


def entry_of(drafted: Drafted) -> Entry:
    assert drafted.snapshot is not None
    assert isinstance(drafted.snapshot.value, Entry)
    return drafted.snapshot.value


def test_an_untouched_form_changes_nothing(knowledge: Knowledge) -> None:
    lithium = knowledge.entries["lithium"]
    drafted = changed(knowledge, entry_form(lithium))
    assert entry_of(drafted) == lithium
    assert drafted.ready
    assert drafted.snapshot is not None
    assert drafted.snapshot.hash == drafted.base


def test_a_facet_is_changed_and_the_signature_goes(knowledge: Knowledge) -> None:
    drafted = changed(knowledge, EntryForm(facets={Facet.TIMELINE: "It takes\n two   weeks [@nice-ng222]."}))
    entry = entry_of(drafted)
    assert entry.facets[Facet.TIMELINE] == "It takes two weeks [@nice-ng222]."
    assert list(entry.facets) == [facet for facet in Facet if facet in entry.facets]
    assert (entry.review.by, entry.review.on, entry.written) == (Reviewer.NONE, None, TODAY)
    assert (entry.review.due - TODAY).days == 182
    assert drafted.ready, drafted.complaints


def test_new_asks_leave_text_and_signature_alone(knowledge: Knowledge) -> None:
    lithium = knowledge.entries["lithium"]
    drafted = changed(knowledge, EntryForm(asks="\n".join((*lithium.asks, " - is the salt a vitamin? "))))
    entry = entry_of(drafted)
    assert entry.asks[-1] == "is the salt a vitamin?"
    assert (entry.written, entry.review) == (lithium.written, lithium.review)


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        (EntryForm(facets={Facet.SIDE_EFFECTS: "It can make hands shake."}), "side-effects", "no source"),
        (EntryForm(facets={Facet.SIDE_EFFECTS: "It shakes hands [@nobody-2020]."}), "side-effects", "nobody-2020"),
        (EntryForm(facets={Facet.TIMELINE: "Take 900 mg each night [@nice-ng222]."}), "timeline", "900 mg"),
        (EntryForm(facets={Facet.OVERVIEW: ""}), "overview", "no overview"),
        (EntryForm(regions={"GB": "It is sold by brand."}), "GB", "mark"),
        (EntryForm(aliases="Luvox"), "aliases", "not covered"),
        (EntryForm(asks="one ask"), "asks", "at least 12"),
        (EntryForm(related=["nowhere"]), "related", "nowhere"),
        (EntryForm(notices=["nowhere"]), "notices", "nowhere"),
        (EntryForm(stakes="enormous"), "stakes", "must be one of"),
        (EntryForm(title="L"), "title", "shorter"),
        (EntryForm(certainty="sure"), "certainty", "must be one of"),
    ],
)
def test_complaints_name_the_field_in_plain_words(
    knowledge: Knowledge, form: EntryForm, field: str, words: str
) -> None:
    drafted = changed(knowledge, form)
    found = [one for one in drafted.grave if one.field == field]
    assert found, drafted.complaints
    assert any(words in one.message for one in found)
    assert not any(one.code in str(one) for one in found)


def test_all_complaints_come_at_once(knowledge: Knowledge) -> None:
    form = EntryForm(facets={Facet.TIMELINE: "Soon."}, related=["nowhere"], asks="one\ntwo")
    assert {"timeline", "related", "asks"} <= fields(changed(knowledge, form))


def test_a_new_source_comes_with_the_text_that_cites_it(knowledge: Knowledge) -> None:
    source = SourceForm("Lithium in later life", "", "Age Journal", "2024", "https://example.org/lithium")
    form = EntryForm(facets={Facet.TIMELINE: "It takes two weeks [@age-journal-2024]."}, sources=(source,))
    drafted = changed(knowledge, form)
    assert drafted.ready, drafted.complaints
    assert drafted.snapshot is not None
    assert drafted.snapshot.sources["age-journal-2024"].authors == "Age Journal"
    assert "nice-ng222" in drafted.snapshot.sources


def test_a_broken_or_taken_source_is_named(knowledge: Knowledge) -> None:
    broken = changed(knowledge, EntryForm(sources=(SourceForm("Ab", "x", "y", "soon"),)))
    assert {"source-title", "source-year"} <= fields(broken)
    taken = changed(knowledge, EntryForm(sources=(SourceForm("Another", "x", "NICE", "2022", key="nice-ng222"),)))
    assert "sources" in fields(taken)
    odd = change_source(SourceForm("A title", "x", "NICE", "2022", "ftp:/odd"), knowledge, TODAY)
    assert "url" in fields(odd)


def test_a_new_entry_gets_its_id_from_the_title(knowledge: Knowledge) -> None:
    asks = "\n".join(
        f"{word} batteries, what do they do"
        for word in ["big", "small", "old", "new", "red", "blue", "odd", "flat", "dry", "wet", "hot"]
    )
    form = EntryForm(
        title="Lamps & Light",
        asks=f"{asks}\nlamp for winter mood",
        facets={
            Facet.OVERVIEW: "A bright lamp is a light box used in the morning [@nice-ng222].",
            Facet.PROCESS: "People sit near it after waking [@nice-ng222].",
            Facet.CAUTIONS: "It can strain the eyes [@nice-ng222].",
        },
        stakes="low",
    )
    drafted = new_entry(Kind.DEFINITION, form, knowledge, TODAY)
    assert drafted.place == Place(Subject.ENTRY, "lamps-light")
    assert drafted.ready, drafted.complaints
    assert entry_of(drafted).review.due.year == 2028
    again = new_entry(Kind.DEFINITION, EntryForm(title="Lithium"), knowledge, TODAY)
    assert any("already" in one.message for one in again.grave)


def test_retiring_says_what_stands_in_the_way(knowledge: Knowledge) -> None:
    assert retire(LITHIUM, knowledge, TODAY).ready
    cited = retire(Place(Subject.SOURCE, "nhs-lithium"), knowledge, TODAY)
    assert "still cited by" in str(cited.grave[0])
    assert retire(Place(Subject.ENTRY, "nowhere"), knowledge, TODAY).grave


def test_redirects_follow_the_same_rules(knowledge: Knowledge) -> None:
    redirect = knowledge.redirects[DOSE.key]
    fine = change_redirect(
        redirect, RedirectForm(asks="\n".join((*redirect.asks, "how many for me"))), knowledge, TODAY
    )
    assert fine.ready, fine.complaints
    taken = change_redirect(redirect, RedirectForm(asks="lithium", related=["nowhere"]), knowledge, TODAY)
    assert {"asks", "related"} <= fields(taken)


def test_differences_go_sentence_by_sentence(knowledge: Knowledge) -> None:
    lithium = knowledge.entries["lithium"]
    text = lithium.facets[Facet.SIDE_EFFECTS].replace("A diary can help", "A note can help")
    entry = entry_of(changed(knowledge, EntryForm(facets={Facet.SIDE_EFFECTS: text}, stakes="medium")))
    found = {one.field: one for one in differences(lithium, entry)}
    assert list(found) == ["side-effects", "stakes", "written", "review"]
    marks = [line.mark for line in found["side-effects"].lines]
    assert marks == [Mark.SAME, Mark.REMOVED, Mark.ADDED]
    assert "+ A note can help" in difference_text(tuple(found.values()), context=False)
    assert differences(lithium, lithium) == ()
    assert {line.mark for one in differences(lithium, None) for line in one.lines} == {Mark.REMOVED}


def test_snapshots_come_back_from_storage_as_they_were(knowledge: Knowledge) -> None:
    snapshot = changed(knowledge, EntryForm(stakes="low")).snapshot
    assert snapshot is not None
    assert entry_of(changed(knowledge, EntryForm(stakes="low"))).stakes is Stakes.LOW
    assert snapshot_from(LITHIUM, snapshot_text(snapshot)) == snapshot
    assert snapshot_from(LITHIUM, '{"value": {"id": 3}, "sources": {}}') is None
    assert snapshot_from(LITHIUM, "[]") is None


@given(st.text(max_size=200))
def test_any_title_makes_a_sound_id_or_none(title: str) -> None:
    made = slug(title)
    assert len(made) <= 60
    assert made.strip("-") == made
    assert all(part.isalnum() and part.isascii() for part in made.split("-") if part)


@given(text=st.text(max_size=300), asks=st.text(max_size=200))
def test_no_typed_text_breaks_a_draft(knowledge: Knowledge, text: str, asks: str) -> None:
    drafted = changed(knowledge, EntryForm(facets={Facet.TIMELINE: text}, asks=asks, aliases=asks, title=text[:90]))
    assert drafted.snapshot is not None or drafted.grave
