"""The compiled screen: from words over patterns to one level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.answering.folding import fold
from bot.answering.model import CALM, Category, Level, Mode, Screening
from bot.answering.safety.finding import Book, Found, Line
from bot.answering.safety.learned import Learned, Scores
from bot.answering.safety.patterns import Pattern, PatternError, compile_pattern, words_of
from bot.answering.safety.reading import Draft, Reader, Reading, lay_out
from bot.answering.safety.situation import ROLES, Roles, Situation, Who
from bot.knowledge.safety_model import Rule, Safety, WordList

_CONTEXTS: Final = ("light", "past", "now", "question", "minor", "over")
_MINOR: Final = -1 - _CONTEXTS.index("minor")

_SOFTER: Final = {
    Level.CRISIS: Level.CONCERN_FOR_OTHER,
    Level.CONCERN_FOR_OTHER: Level.CONCERN_FOR_OTHER,
    Level.DISTRESS: Level.NONE,
}

_GENERAL: Final = {"self-harm": 1, "suicide": 2, "other-person": 3}
"""Of rules at one level, the one with the more particular reply speaks."""

_CRY: Final = 1000
"""Characters in which crisis words of other languages are looked for."""

_MANY: Final = 300
"""From how many patterns in question on a message is read for emergencies first."""

ENOUGH: Final = {Mode.ADDRESSED: 2, Mode.OVERHEARD: 3}
"""From which sum of hints on a message alarms; one less is a quiet line."""

LEARNED: Final = "learned"
"""Named among the rules when the learned score spoke."""

Verdict = tuple[Level, Rule]


class Machine:
    """All rules compiled. A pattern that cannot be understood is left out and named in ``complaints``."""

    def __init__(self, safety: Safety) -> None:
        words, self._rules = safety.words, safety.rules
        self.complaints: list[str] = []
        self.reader = Reader(
            words.spellings, words.fillers, _known(safety), words.ordinary, words.groups.get("joined", ())
        )
        groups = {name: tuple(self._singles(name, group)) for name, group in words.groups.items()}
        self._roles = _roles(words, groups)
        self._english = frozenset(words.english)
        self._foreign = tuple(
            (language, fold(phrase)) for language, phrases in words.foreign.items() for phrase in phrases
        )
        common = dict.fromkeys((*words.english, *groups.get("common", ())), 40) | dict.fromkeys(
            groups.get("commonest", ()), 400
        )
        owned = list(self._owned(words, groups))
        heard = [(owner, pattern) for owner, pattern in owned if owner >= 0 and not owner % 4]
        others = [(owner, pattern) for owner, pattern in owned if owner < 0 or owner % 4]
        self._learned = Learned(safety.weights, words.groups, words.spellings)
        self._book = Book(heard, common, self._roles.negations)
        self._around = Book(others, common)
        self._young = Book([one for one in others if one[0] == _MINOR], common)
        self._urgent = frozenset(number * 4 for number, rule in enumerate(self._rules) if rule.level == "emergency")

    def _owned(self, words: WordList, groups: Mapping[str, Sequence[str]]) -> Iterable[tuple[int, Pattern]]:
        """Patterns with their owner: rule number times four (hears, also, too, unless), contexts below zero."""
        for number, rule in enumerate(self._rules):
            for part, phrases in enumerate((rule.hears, rule.also, rule.too, rule.unless)):
                for phrase in phrases:
                    for pattern in self._compile(phrase, groups, rule.id):
                        yield number * 4 + part, pattern
        for number, name in enumerate(_CONTEXTS):
            for phrase in words.contexts.get(name, ()):
                for pattern in self._compile(phrase, groups, f"context {name}"):
                    yield -1 - number, pattern

    def _compile(self, phrase: str, groups: Mapping[str, Sequence[str]], owner: str) -> tuple[Pattern, ...]:
        try:
            patterns = compile_pattern(phrase, groups, self.reader)
        except PatternError as error:
            self.complaints.append(f"{owner}: {error}")
            return ()
        if len(phrase.split()) > 1 and not re.match(r"[({^]", phrase) and any(len(one.parts) == 1 for one in patterns):
            self.complaints.append(f"{owner}: of '{phrase}' only one word is left without fillers; reword it")
        return patterns

    def _singles(self, name: str, group: Iterable[str]) -> Iterable[str]:
        """The words of a group as messages spell them. A word that is skipped as a filler is skipped here too."""
        for word in group:
            spelled = self.reader.spell(word)
            if len(spelled) > 1:
                self.complaints.append(f"group {name}: '{word}' is spelled as several words; groups hold single words")
            else:
                yield from spelled

    def hear(self, text: str, mode: Mode) -> Screening:
        """What one message says: what the rules hear, weighed with what experience says."""
        draft = self.reader.draft(text)
        heard, tempered = self._by_rules(draft, text, mode)
        return _together(heard, tempered, self._learned.scores(draft), self._learned.limits, mode)

    def _by_rules(self, draft: Draft, text: str, mode: Mode) -> tuple[Screening, bool]:
        """What the rules hear, and whether something grave was named but denied, over, quoted or asked about."""
        words = set(draft.words)
        lines = self._book.hopeful(words)
        strange = False
        if self._english.isdisjoint(draft.raw):
            if (language := self._foreign_cry(text)) is not None:
                return Screening(Level.CRISIS, Category.SUICIDE, (f"foreign-{language}",), foreign=True), False
            strange = self._is_strange(draft, text)
        if lines:
            reading = lay_out(draft)
            if len(lines) > _MANY and (heard := self._urgent_first(reading, lines, mode)) is not None:
                return heard, False
            if found := self._book.follow(reading, lines):
                return self._weigh(reading, found, strange, mode)
        if self._young.hopeful(words) and self._young.find(lay_out(draft)):
            return Screening(Level.NONE, minor=True, foreign=strange), False
        return (Screening(Level.NONE, foreign=True) if strange else CALM), False

    def _urgent_first(self, reading: Reading, lines: list[Line], mode: Mode) -> Screening | None:
        """A long message of nothing but such words: the rules for emergencies alone, for the sake of time."""
        found = self._book.follow(reading, [line for line in lines if self._urgent.intersection(line[0])])
        heard, _ = self._weigh(reading, found, False, mode) if found else (CALM, False)
        return heard if heard.level is Level.EMERGENCY else None

    def hear_joined(self, previous: str, text: str, mode: Mode) -> Screening:
        """What two messages of one author say as one, run on without a stop."""
        return self.hear(f"{previous.rstrip(' .!?…')} {text}", mode)

    def _weigh(
        self, reading: Reading, found: dict[int, list[Found]], strange: bool, mode: Mode
    ) -> tuple[Screening, bool]:
        found |= self._around.find(reading)
        context = {name: found.get(-1 - number, []) for number, name in enumerate(_CONTEXTS)}
        situation = Situation(reading, self._roles, context["past"], context["now"])
        asked = bool(context["question"]) or situation.asks()
        everything = list(self._verdicts(found, situation, context, asked, mode))
        tempered = any(Level(rule.level).is_alarm for _, rule in everything) and not any(
            level.is_alarm for level, _ in everything
        )
        verdicts = [verdict for verdict in everything if verdict[0] is not Level.NONE]
        minor = bool(context["minor"])
        if not verdicts:
            return Screening(Level.NONE, minor=minor, foreign=strange), tempered
        verdicts.sort(key=lambda verdict: (-verdict[0].rank, _GENERAL.get(verdict[1].category, 0)))
        level, strongest = verdicts[0]
        rules = tuple(dict.fromkeys(rule.id for _, rule in verdicts))
        category = Category.OTHER_PERSON if level is Level.CONCERN_FOR_OTHER else Category(strongest.category)
        return Screening(level, category, rules[:6], minor, strange), tempered

    def _verdicts(
        self,
        found: Mapping[int, list[Found]],
        situation: Situation,
        context: Mapping[str, list[Found]],
        asked: bool,
        mode: Mode,
    ) -> Iterable[Verdict]:
        hints: list[tuple[Rule, Level]] = []
        for owner, places in found.items():
            if owner < 0 or owner % 4:
                continue
            rule = self._rules[owner // 4]
            if (rule.also and owner + 1 not in found) or (rule.too and owner + 2 not in found) or owner + 3 in found:
                continue
            if (rule.loose and mode is Mode.OVERHEARD) or (rule.light and context["light"]):
                continue
            if rule.alone and not situation.says_i():
                continue
            level = max(
                (self._level(rule, place, situation, context, asked) for place in places), key=lambda one: one.rank
            )
            if rule.weight:
                hints.append((rule, Level.CRISIS if level is Level.DISTRESS else level))
            if not rule.weight or level is Level.DISTRESS:
                yield level, rule
        yield from _summed(hints, mode)

    def _level(
        self, rule: Rule, place: Found, situation: Situation, context: Mapping[str, list[Found]], asked: bool
    ) -> Level:
        who = situation.who(place)
        if situation.is_quoted(place) and who is not Who.LISTENER:
            who = situation.quoted_by(place)
            if who in (Who.NOBODY, Who.THING, Who.PEOPLE):
                return Level.NONE
        if rule.about == "speaker" and who in (Who.LISTENER, Who.THING):
            who = Who.SPEAKER
        if rule.about == "other" and who is not Who.LISTENER:
            who = Who.OTHER if situation.names_other(place) else Who.SOMEONE
        if who in (Who.LISTENER, Who.THING):
            return Level.NONE
        if who is Who.PEOPLE or (asked and who in (Who.NOBODY, Who.SOMEONE)):
            return Level(rule.asked)
        denied = situation.is_denied(place, near=rule.level == "emergency")
        if situation.is_past(place) or (denied and context["over"]):
            return Level(rule.past)
        other = who in (Who.OTHER, Who.SOMEONE)
        if denied:
            return Level.NONE if other else (Level.INFORMATIONAL if asked else Level(rule.denied))
        return _of_other(rule) if other else Level(rule.level)

    def _is_strange(self, draft: Draft, text: str) -> bool:
        """Whether a message without small English words has words enough, most of them none that the screen knows."""
        words = [word for word in draft.raw if word[0].isalpha()]
        if len(words) < 3 and text.isascii():
            return False
        return bool(words) and 2 * sum(self.reader.knows(word) for word in words) <= len(words)

    def _foreign_cry(self, text: str) -> str | None:
        folded = fold(text[:_CRY])
        return next((language for language, phrase in self._foreign if phrase in folded), None)


def _summed(hints: Sequence[tuple[Rule, Level]], mode: Mode) -> Iterable[Verdict]:
    """Hints that mean little alone and much together: the sum of their weights, for the writer and for another."""
    for level, softer in ((Level.CRISIS, Level.DISTRESS), (Level.CONCERN_FOR_OTHER, Level.NONE)):
        heard = list({rule.id: rule for rule, about in hints if about is level}.values())
        total = sum(rule.weight for rule in heard)
        if total >= ENOUGH[mode]:
            yield from ((level, rule) for rule in heard)
        elif total >= ENOUGH[Mode.ADDRESSED] - 1 and softer is not Level.NONE:
            yield from ((softer, rule) for rule in heard)


def _together(heard: Screening, tempered: bool, scores: Scores, limits: Mapping[str, float], mode: Mode) -> Screening:
    """One verdict of both. An alarm of the rules counts as ``limits["rule"]`` on the learned score, so that it only
    falls when everything else speaks against it; then the quiet line stays. What the rules heard denied, over or
    asked about must score ``limits["tempered"]`` higher, and what names no danger ``limits["unnamed"]``."""
    if not limits or heard.foreign:
        return heard
    extra = (0.0 if mode is Mode.ADDRESSED else limits["overheard"]) + (limits["tempered"] if tempered else 0.0)
    score = scores.alarm - limits["alarm"] - extra
    if heard.level.is_alarm:
        if score + limits["rule"] < 0:
            return replace(heard, level=Level.DISTRESS)
        if heard.level is not Level.EMERGENCY and scores.emergency > limits["emergency_over_rule"] and score > 0:
            return replace(heard, level=Level.EMERGENCY)
        return heard
    if score > (0.0 if scores.names_danger else limits["unnamed"]):
        if scores.emergency > limits["emergency"]:
            return Screening(Level.EMERGENCY, scores.kind, (*heard.rules, LEARNED), heard.minor)
        if scores.other > limits["other"]:
            return Screening(Level.CONCERN_FOR_OTHER, Category.OTHER_PERSON, (*heard.rules, LEARNED), heard.minor)
        return Screening(Level.CRISIS, scores.kind, (*heard.rules, LEARNED), heard.minor)
    if heard.level.rank < Level.DISTRESS.rank and scores.heavy > limits["heavy"] + extra:
        return Screening(Level.DISTRESS, heard.category or Category.SUICIDE, (*heard.rules, LEARNED), heard.minor)
    return heard


def _of_other(rule: Rule) -> Level:
    if rule.other is not None:
        return Level(rule.other)
    level = Level(rule.level)
    return level if level in (Level.EMERGENCY, Level.NONE, Level.INFORMATIONAL) else _SOFTER[level]


def _known(safety: Safety) -> set[str]:
    groups = safety.words.groups
    known = {word for name, group in groups.items() if name != "joined" for word in group}
    phrases = [phrase for rule in safety.rules for phrase in (*rule.hears, *rule.also, *rule.too, *rule.unless)]
    phrases += [phrase for some in safety.words.contexts.values() for phrase in some]
    known.update(words_of(phrases))
    known.update(word for long in safety.words.spellings.values() for word in long.split())
    return known - set(safety.words.fillers) - set(safety.words.spellings)


def _roles(words: WordList, groups: Mapping[str, Sequence[str]]) -> Roles:
    subjects = {word: who for name, who in ROLES.items() for word in groups.get(name, ())}
    return Roles(
        subjects,
        frozenset(groups.get("not", ())),
        frozenset(groups.get("think", ())),
        frozenset(groups.get("break", ())),
        frozenset(words.groups.get("opener", ())),
    )
