"""What the knowledge base holds: entries, sources, combinations, redirects, notices, vocabulary, look-alikes.

These frozen models are the schema: the loader, the rules, the editors' forms and the JSON Schema for text
editors all come from here. Field descriptions are shown to the people who write entries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

LONG_OVERDUE: Final = timedelta(days=90)
"""How long after its day of review a page of high stakes still answers with its own words."""
ID_PATTERN: Final = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=60)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=2, max_length=60, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _null(value: object) -> object:
    """Scalars arrive as strings; the plain word ``null`` stands for nothing."""
    return None if value == "null" else value


def _day(value: object) -> object:
    """Refuse the timestamps that pydantic would take for a day."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("must be a day, written 2026-11-23")
    return value


Day = Annotated[date, BeforeValidator(_day)]


class Kind(StrEnum):
    """What sort of page an entry is; decides its folder and which facets a reader expects."""

    DEFINITION = "definition"
    STRATEGY = "strategy"
    ARTICLE = "article"
    FAQ = "faq"

    @property
    def folder(self) -> str:
        """The folder of ``knowledge/`` that holds this kind."""
        return {"definition": "definitions", "strategy": "strategies", "article": "articles", "faq": "faqs"}[self.value]


class Facet(StrEnum):
    """The aspects of a topic that a question can be about, in the order in which they are shown."""

    OVERVIEW = "overview"
    MECHANISM = "mechanism"
    EVIDENCE = "evidence"
    TIMELINE = "timeline"
    SIDE_EFFECTS = "side-effects"
    INTERACTIONS = "interactions"
    CAUTIONS = "cautions"
    PROCESS = "process"
    ACCESS = "access"
    STOPPING = "stopping"


class Certainty(StrEnum):
    """How sure the evidence is, in the four steps of GRADE."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very-low"


class Stakes(StrEnum):
    """How much harm a wrong page could do: how sure the match must be before answering without asking back."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Reviewer(StrEnum):
    """Who signed an entry off. Never claims a review that did not happen."""

    NONE = "none"
    EDITOR = "editor"
    CLINICIAN = "clinician"


class Severity(StrEnum):
    """How serious a combination is, worst first."""

    CONTRAINDICATED = "contraindicated"
    SERIOUS = "serious"
    CAUTION = "caution"
    USUALLY_FINE = "usually-fine"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _facets_in_order(facets: Mapping[Facet, str]) -> Mapping[Facet, str]:
    """The facets in the order in which members see them, however the file has them."""
    return {facet: facets[facet] for facet in Facet if facet in facets}


class Review(_Model):
    """Who reviewed an entry, when, and when it is due again."""

    by: Reviewer = Field(description="none, editor or clinician: who really read this entry through")
    on: Annotated[Day | None, BeforeValidator(_null)] = Field(description="the day of that review, or null")
    due: Day = Field(description="the day by which the entry is to be read again")


class Entry(_Model):
    """One page of the knowledge base: one file."""

    id: Id = Field(description="the stable name of the entry and of its file; never changed")
    kind: Kind = Field(description="definition, strategy, article or faq")
    title: Annotated[str, StringConstraints(min_length=2, max_length=80)] = Field(
        description="the heading that members see"
    )
    aliases: tuple[Name, ...] = Field(
        default=(), description="other names of this topic alone: synonyms, brands, abbreviations"
    )
    asks: tuple[Line, ...] = Field(description="how people really put this question, in many voices")
    facets: Annotated[Mapping[Facet, Prose], AfterValidator(_facets_in_order)] = Field(
        description="the text, by facet; each sentence ends with its mark: [@source-id] or [practice]"
    )
    certainty: Certainty | None = Field(
        default=None, description="how sure the evidence is; only with an evidence facet"
    )
    regions: Mapping[Country, Prose] = Field(
        default_factory=dict, description="where approval, name or access differ: a cited note by country"
    )
    notices: tuple[Id, ...] = Field(
        default=(), description="warnings of notices.yaml that a reader of this entry needs"
    )
    stakes: Stakes = Field(description="low, medium or high: how much harm a wrong page could do")
    related: tuple[Id, ...] = Field(default=(), description="entries worth offering next")
    written: Day = Field(description="the day the text was written or last changed")
    review: Review = Field(description="who read the entry through, when, and when it is due again")

    def is_sources_only(self, today: date) -> bool:
        """Whether it is so long overdue, and of such stakes, that it answers with its sources only."""
        return self.stakes is Stakes.HIGH and today - self.review.due > LONG_OVERDUE


class SourceKind(StrEnum):
    """What kind of publication a source is."""

    GUIDELINE = "guideline"
    REVIEW = "review"
    TRIAL = "trial"
    REGULATOR = "regulator"
    PATIENT_INFORMATION = "patient-information"
    SEED = "seed"


class Source(_Model):
    """One publication that entries cite."""

    title: Annotated[str, StringConstraints(min_length=3, max_length=300)] = Field(description="its title")
    authors: Line = Field(description="authors or the organisation behind it")
    publisher: Line = Field(description="journal or publisher")
    year: Annotated[int, Field(ge=1900, le=2100)] = Field(description="year of publication")
    url: Annotated[str | None, BeforeValidator(_null)] = Field(
        description="address or DOI link, or null when none is certain"
    )
    kind: SourceKind = Field(description="guideline, review, trial, regulator, patient-information or seed")
    design: Line | None = Field(default=None, description="for example observational or open-label")
    checked: Literal["read", "recalled"] = Field(
        description="read: seen in a stored copy for this work; recalled: named from memory"
    )


class Combination(_Model):
    """What is known about taking one thing with another."""

    between: tuple[Id | Name, Id | Name] = Field(description="two entry ids, classes or substances")
    severity: Severity = Field(description="contraindicated, serious, caution or usually-fine")
    text: Prose = Field(description="what to know, cited")


class Combinations(_Model):
    """combinations.yaml: substances by the names people use, who belongs to which class, and the pairs."""

    names: Mapping[str, tuple[Name, ...]] = Field(
        default_factory=dict, description="substances without an entry: the words people use"
    )
    members: Mapping[str, tuple[str, ...]] = Field(default_factory=dict, description="who belongs to which class")
    pages: Mapping[str, Id] = Field(default_factory=dict, description="substances that an entry is about: alcohol")
    pairs: tuple[Combination, ...] = Field(default=(), description="the combinations")


class Redirect(_Model):
    """A kind of question that is understood and not ours to answer, with who can."""

    id: Id = Field(description="the stable name of the redirect and of its file")
    title: Line = Field(description="the heading that members see")
    asks: tuple[Line, ...] = Field(description="how people put such questions")
    text: Prose = Field(description="what the member reads: why not here, and who can help")
    related: tuple[Id, ...] = Field(default=(), description="entries that may still help")


class Notice(_Model):
    """A warning that goes with answers: in full once in a conversation, then by name."""

    id: Id = Field(description="the name used in entries")
    title: Line = Field(description="its name, shown when it was already shown in full")
    text: Prose = Field(description="the warning in full")
    facets: tuple[Facet, ...] = Field(default=(), description="facets it goes with; empty means every facet")


class SmallTalk(_Model):
    """One sort of chatter and the calm replies to it."""

    id: Id = Field(description="greeting, thanks, goodbye …")
    asks: tuple[Line, ...] = Field(description="how people say it")
    replies: tuple[Prose, ...] = Field(description="what the bot says")


class Vocabulary(_Model):
    """vocabulary.yaml: the words of facets, colloquial words, small talk and the bot's own sentences."""

    facets: Mapping[Facet, tuple[Line, ...]] = Field(description="words and phrases that point at a facet")
    labels: Mapping[Facet, Line] = Field(description="how each facet is named to members")
    synonyms: Mapping[str, tuple[Line, ...]] = Field(
        default_factory=dict, description="plain word → colloquial words that mean it"
    )
    ambiguous: Mapping[str, tuple[Id, ...]] = Field(
        default_factory=dict, description="names that belong to more than one entry: ask which"
    )
    nicknames: Mapping[Id, tuple[Line, ...]] = Field(
        default_factory=dict,
        description="entry → what it is called for short where things are put side by side: the zap, adding on",
    )
    ordinary: tuple[Line, ...] = Field(
        default=(), description="everyday words that look like a name and are none: ability, pixel"
    )
    small_talk: tuple[SmallTalk, ...] = Field(default=(), description="chatter and the replies to it")
    outside: tuple[Line, ...] = Field(
        default=(), description="messages that ask nothing of us: talk between members, other topics; never answered"
    )
    templates: Mapping[str, Prose] = Field(
        default_factory=dict, description="every sentence that the bot itself says, by name"
    )


class LookAlikePair(_Model):
    """Two names that a reader, a phone keyboard or an edit distance can confuse.

    ``one-unclaimed``: one of them has so many meanings (BD, CT) that no entry claims it, and none is to.
    """

    a: Name
    b: Name
    kind: Literal["both-covered", "one-covered", "one-unclaimed"]
    source: Line
    note: Line | None = None


class ForeignName(_Model):
    """Something members may name that has no entry of its own."""

    name: Name
    aka: tuple[str, ...] = ()
    what: Line
    nearest: Annotated[Id | None, BeforeValidator(_null)] = None


class LookAlikes(_Model):
    """look-alikes.yaml: confusable pairs, and known names that the knowledge base does not cover."""

    pairs: tuple[LookAlikePair, ...] = ()
    known_not_covered: tuple[ForeignName, ...] = ()


class Knowledge(_Model):
    """Everything that may be answered from, checked and frozen. ``revision`` names its exact content."""

    entries: Mapping[str, Entry] = Field(default_factory=dict)
    sources: Mapping[str, Source] = Field(default_factory=dict)
    combinations: Combinations = Combinations()
    redirects: Mapping[str, Redirect] = Field(default_factory=dict)
    notices: Mapping[str, Notice] = Field(default_factory=dict)
    vocabulary: Vocabulary = Vocabulary(facets={}, labels={})
    look_alikes: LookAlikes = LookAlikes()
    families: tuple[tuple[Id, ...], ...] = ()
    revision: str = "empty"


MARK: Final = re.compile(r"\s*\[(practice|@[a-z0-9-]+(?:; @[a-z0-9-]+)*)\]")
"""A sentence's mark: ``[practice]``, or ``[@id]`` with more ids after ``; ``."""
