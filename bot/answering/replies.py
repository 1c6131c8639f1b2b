"""From a decision to a reply: each kind of decision has one way of being put, all from the knowledge's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Final, assert_never

from bot.answering.composing import (
    Sources,
    brief,
    facet_label,
    link,
    links,
    notices_for,
    passage,
    review_line,
    say,
    terms_in,
)
from bot.answering.model import (
    Answer,
    AnswerWith,
    AskBack,
    ChatBack,
    Choices,
    CompareThese,
    Comparison,
    ComparisonRow,
    Conversation,
    Decision,
    Link,
    NotKnown,
    Pairing,
    PairWith,
    Passage,
    Question,
    Reason,
    RedirectReply,
    RedirectTo,
    Reply,
    Sentence,
    Silence,
    SmallTalkReply,
    StaySilent,
    Target,
    Unknown,
)
from bot.knowledge.model import Entry, Facet, Kind, Knowledge

SAFE_AFTER_CRISIS: Final = (Facet.OVERVIEW, Facet.PROCESS, Facet.ACCESS)
"""The facets that are answered after a crisis: never toxicity, interactions or cautions."""
_MOST_ROWS: Final = 5
_LEAST_TERM: Final = 5


@dataclass(frozen=True, slots=True)
class Setting:
    """What a reply depends on beside the decision."""

    country: str | None
    today: date
    shown: frozenset[str]
    careful: bool = False
    """After a crisis or emergency: only safe facets are shown."""

    @classmethod
    def of(cls, question: Question, conversation: Conversation, careful: bool = False) -> Setting:
        """The setting of a question in its conversation."""
        return cls(question.country, question.now.date(), conversation.notices, careful)


def _terms(knowledge: Knowledge, entries: Iterable[Entry]) -> dict[tuple[str, Facet], tuple[Link, ...]]:
    """The glossary entries that each facet of ``entries`` names."""
    words = {
        name.lower(): entry.id
        for entry in knowledge.entries.values()
        if entry.kind is Kind.DEFINITION
        for name in (entry.title, *entry.aliases)
        if len(name) >= _LEAST_TERM
    }
    return {
        (entry.id, facet): terms_in(knowledge, prose, {name: term for name, term in words.items() if term != entry.id})
        for entry in entries
        for facet, prose in entry.facets.items()
    }


class Composer:
    """Puts decisions into words with one knowledge. Holds no state."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._terms = _terms(knowledge, knowledge.entries.values())

    def within(self, smaller: Knowledge) -> Composer:
        """The same composer for a knowledge that lost something: whatever leads there is left out, at once."""
        kept = copy(self)
        kept._knowledge = smaller
        kept._terms = {
            key: tuple(term for term in terms if term.entry in smaller.entries) for key, terms in self._terms.items()
        }
        return kept

    def beside(self, draft: Knowledge) -> Composer:
        """The same composer for a draft: its new words are shown; the terms that other pages name stay as they are."""
        kept = copy(self)
        kept._knowledge = draft
        changed = [page for key, page in draft.entries.items() if self._knowledge.entries.get(key) != page]
        kept._terms = {**self._terms, **_terms(draft, changed)}
        return kept

    def compose(self, decision: Decision, setting: Setting, why: tuple[Reason, ...]) -> Reply:
        """The reply for ``decision``; ids that the knowledge no longer has lead to an honest unknown."""
        match decision:
            case AnswerWith():
                return self.answer(decision, setting, why)
            case PairWith():
                return self._pairing(decision, setting, why)
            case CompareThese():
                return self.comparison(decision, setting, why)
            case AskBack():
                return self._choices(decision, why)
            case RedirectTo():
                return self._redirect(decision, why)
            case ChatBack():
                return self._small_talk(decision, setting, why)
            case NotKnown():
                return self.unknown(decision, why)
            case StaySilent(reason):
                return Silence(reason=reason, why=why)
            case _:
                assert_never(decision)

    def answer(self, decision: AnswerWith, setting: Setting, why: tuple[Reason, ...]) -> Reply:
        """One or two passages."""
        knowledge = self._knowledge
        sources = Sources(knowledge)
        found = [
            (target, knowledge.entries[target.entry])
            for target in decision.targets
            if target.entry in knowledge.entries
        ]
        if not found:
            return self.unknown(NotKnown("not-found"), why)
        passages = tuple(
            self._passage(sources, entry, _allowed(target, entry, setting), setting) for target, entry in found
        )
        shown = [(entry, part.facet) for (_, entry), part in zip(found, passages, strict=True)]
        lead = say(knowledge, "lead-about", title=found[0][1].title) if decision.carried else None
        left = ", ".join(knowledge.entries[entry].title for entry in decision.left_out if entry in knowledge.entries)
        return Answer(
            passages=passages,
            sources=sources.citations(),
            notices=notices_for(knowledge, shown, setting.shown),
            lead=lead or None,
            left_out=say(knowledge, "left-out", titles=left) if left else None,
            confidence=decision.confidence,
            why=why,
        )

    def _passage(self, sources: Sources, entry: Entry, facet: Facet | None, setting: Setting) -> Passage:
        shown = facet if facet is not None and facet in entry.facets else next(iter(entry.facets))
        terms = self._terms[entry.id, shown]
        return passage(self._knowledge, sources, entry, facet, setting.country, setting.today, terms)

    def comparison(self, decision: CompareThese, setting: Setting, why: tuple[Reason, ...]) -> Reply:
        """Two or three entries side by side, by the facet asked for and the facets that they share."""
        knowledge = self._knowledge
        entries = [knowledge.entries[entry] for entry in decision.entries if entry in knowledge.entries]
        if len(entries) < 2:
            return self.unknown(NotKnown("not-found"), why)
        sources = Sources(knowledge)
        facets = _rows(entries, decision.facet, setting)
        rows = tuple(
            ComparisonRow(
                facet,
                facet_label(knowledge, facet),
                tuple(brief(sources, entry, facet, setting.today) for entry in entries),
            )
            for facet in facets
        )
        return Comparison(
            entries=links(knowledge, (entry.id for entry in entries)),
            rows=rows,
            sources=sources.citations(),
            notices=notices_for(knowledge, [(entry, facet) for entry in entries for facet in facets], setting.shown),
            lead=say(knowledge, "compare-lead"),
            review=review_line(knowledge, entries[0], setting.today)[0],
            confidence=decision.confidence,
            why=why,
        )

    def _pairing(self, decision: PairWith, setting: Setting, why: tuple[Reason, ...]) -> Reply:
        knowledge = self._knowledge
        titles = [self._member_title(member) for member in decision.members]
        entries = tuple(member for member in self._owners(decision.members) if member in knowledge.entries)
        if setting.careful:
            return self.answer(
                AnswerWith(tuple(Target(entry, Facet.OVERVIEW) for entry in entries[:1]), decision.confidence),
                setting,
                why,
            )
        sources = Sources(knowledge)
        pairs = [knowledge.combinations.pairs[row] for row in decision.rows[:2]]
        sentences = tuple(sentence for pair in pairs for sentence in sources.sentences(pair.text))
        severity = pairs[0].severity.value if pairs else "unlisted"
        notice = (
            ("interaction-danger",)
            if severity in ("contraindicated", "serious") and "interaction-danger" in knowledge.notices
            else ()
        )
        return Pairing(
            title=say(knowledge, "pair-title", a=titles[0], b=titles[1]),
            members=decision.members,
            entries=entries,
            severity=severity,
            severity_label=say(knowledge, f"severity-{severity}"),
            sentences=sentences or (Sentence(say(knowledge, "pair-unlisted")),),
            sources=sources.citations(),
            notices=notices_for(
                knowledge,
                [
                    (entry.model_copy(update={"notices": notice}), Facet.INTERACTIONS)
                    for entry in (knowledge.entries[e] for e in entries[:1])
                ],
                setting.shown,
            ),
            review=say(knowledge, "footer"),
            links=tuple(
                link(
                    knowledge,
                    entry,
                    Facet.INTERACTIONS if Facet.INTERACTIONS in knowledge.entries[entry].facets else None,
                )
                for entry in entries
            ),
            confidence=decision.confidence,
            why=(*why, Reason("composing", "pair", decision.members, {"rows": float(len(decision.rows))})),
        )

    def _owners(self, members: Sequence[str]) -> tuple[str, ...]:
        """The entries of a pair: a page about a substance first, then single medicines, then classes."""
        combinations = self._knowledge.combinations
        ordered = sorted(members, key=lambda member: (member not in combinations.pages, member in combinations.members))
        return tuple(dict.fromkeys(combinations.pages.get(member, member) for member in ordered))

    def _member_title(self, member: str) -> str:
        entry = self._knowledge.entries.get(member)
        if entry:
            return entry.title
        names = self._knowledge.combinations.names.get(member, ())
        written = next((name for name in names if _letters(name) == _letters(member)), member.replace("-", " "))
        return written[:1].upper() + written[1:]

    def _choices(self, decision: AskBack, why: tuple[Reason, ...]) -> Reply:
        options = links(self._knowledge, decision.choices)
        if not options:
            return self.unknown(NotKnown("not-found"), why)
        lead = say(self._knowledge, "choices-look-alike" if decision.look_alike else "choices-lead")
        return Choices(
            lead=lead,
            options=options,
            none_label=say(self._knowledge, "choices-none"),
            confidence=decision.confidence,
            why=why,
        )

    def _redirect(self, decision: RedirectTo, why: tuple[Reason, ...]) -> Reply:
        redirect = self._knowledge.redirects.get(decision.redirect)
        if redirect is None:
            return self.unknown(NotKnown("not-found"), why)
        return RedirectReply(
            redirect=redirect.id,
            title=redirect.title,
            text=redirect.text,
            related=links(self._knowledge, redirect.related),
            confidence=decision.confidence,
            why=why,
        )

    def _small_talk(self, decision: ChatBack, setting: Setting, why: tuple[Reason, ...]) -> Reply:
        talk = next(talk for talk in self._knowledge.vocabulary.small_talk if talk.id == decision.small_talk)
        text = talk.replies[setting.today.toordinal() % len(talk.replies)]
        return SmallTalkReply(small_talk=talk.id, text=text, confidence=decision.confidence, why=why)

    def unknown(self, decision: NotKnown, why: tuple[Reason, ...]) -> Unknown:
        """Honest: why there is no answer, and the nearest page where there is one."""
        knowledge = self._knowledge
        nearest = links(knowledge, decision.nearest)
        template = _UNKNOWN.get(decision.reason, "unknown-not-found")
        if decision.reason == "outside" and nearest:
            template = "unknown-outside-near"
        return Unknown(
            reason=decision.reason,
            text=say(knowledge, template, name=decision.outside or "that") or LAST_RESORT,
            nearest=nearest,
            can_send=decision.reason in ("not-found", "none-of-these", "outside"),
            confidence=decision.confidence,
            why=(*why, Reason("decision", decision.reason, decision.nearest)),
        )


LAST_RESORT: Final = (
    "I have no answer for you at the moment. Please try again later. If you need help right now, your local emergency "
    "number or a crisis line is the quickest way to a person."
)
"""Said when the knowledge has no words for it, as when it cannot be read at all."""

_UNKNOWN: Final[Mapping[str, str]] = {
    "outside": "unknown-outside",
    "distress": "unknown-distress",
    "outside-look-alike": "unknown-look-alike",
    "empty": "unknown-empty",
    "language": "unknown-language",
    "fault": "unknown-fault",
    "none-of-these": "unknown-none-of-these",
}


def _allowed(target: Target, entry: Entry, setting: Setting) -> Facet | None:
    """The facet to show: after a crisis only safe ones; a faq's short answer when it lacks the facet."""
    facet = target.facet
    if setting.careful and facet not in SAFE_AFTER_CRISIS:
        return Facet.OVERVIEW
    if facet not in entry.facets and entry.kind in (Kind.FAQ, Kind.ARTICLE):
        return None
    return facet


def _rows(entries: Sequence[Entry], asked: Facet | None, setting: Setting) -> tuple[Facet, ...]:
    """The facets of a comparison: the one asked for first, then those that at least two entries have."""
    shared = [facet for facet in Facet if sum(facet in entry.facets for entry in entries) >= min(2, len(entries))]
    if setting.careful:
        shared = [facet for facet in shared if facet in SAFE_AFTER_CRISIS]
    if asked in shared and asked is not Facet.OVERVIEW:
        return (Facet.OVERVIEW, asked) if Facet.OVERVIEW in shared else (asked,)
    return tuple(shared[:_MOST_ROWS])


def _letters(text: str) -> str:
    """The letters and digits of a name alone, for finding how a substance's key is written ("St John's wort")."""
    return "".join(character for character in text.lower() if character.isalnum())


def offered_links(reply: Reply) -> tuple[Link, ...]:
    """What a next message may pick by number or words: the choices, or the facets and related pages of an answer."""
    match reply:
        case Choices(options=options):
            return options
        case Unknown(nearest=nearest):
            return nearest
        case RedirectReply(related=related):
            return related
        case _:
            return ()
