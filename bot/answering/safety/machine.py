"""The compiled screen: from words over patterns to one level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bot.answering.folding import fold
from bot.answering.model import CALM, Category, Level, Mode, Screening
from bot.answering.safety.patterns import Book, Found, Pattern, PatternError, compile_pattern, words_of
from bot.answering.safety.reading import Reader, Reading
from bot.answering.safety.situation import ROLES, Roles, Situation, Who
from bot.knowledge.safety_model import Rule, Safety, WordList

_CONTEXTS: Final = ("light", "past", "now", "question", "minor", "over")
_COMMON: Final = 40
"""How much rarer a word outside the list of common words is taken to be when choosing what wakes a pattern."""

Verdict = tuple[Level, Rule]


class Machine:
    """All rules compiled. Raises :class:`PatternError` when a rule cannot be understood."""

    def __init__(self, safety: Safety) -> None:
        words, self._rules = safety.words, safety.rules
        self._reader = Reader(words.spellings, words.fillers, _known(safety), words.ordinary)
        groups = {name: tuple(_single(word, self._reader) for word in group) for name, group in words.groups.items()}
        self._roles = _roles(groups)
        self._english = frozenset(words.english)
        self._foreign = tuple((language, fold(phrase)) for language, phrases in words.foreign.items() for phrase in phrases)
        self._book = Book(list(self._owned(words, groups)), dict.fromkeys((*words.english, *groups.get("common", ())), _COMMON))

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
            return compile_pattern(phrase, groups, self._reader)
        except PatternError as error:
            raise PatternError(f"{owner}: {error}") from None

    def hear(self, text: str, mode: Mode) -> Screening:
        """What one message says."""
        return self._weigh(self._reader.read(text), text, mode)

    def hear_joined(self, previous: str, text: str, mode: Mode) -> Screening:
        """What two messages of one author say as one, run on without a stop."""
        joined = f"{previous.rstrip(' .!?…')} {text}"
        return self._weigh(self._reader.read(joined), joined, mode)

    def _weigh(self, reading: Reading, text: str, mode: Mode) -> Screening:
        found = self._book.find(reading)
        strange = self._is_strange(reading, text)
        if strange and (language := self._foreign_cry(text)) is not None:
            return Screening(Level.CRISIS, Category.SUICIDE, (f"foreign-{language}",), foreign=True)
        if not found:
            return Screening(Level.NONE, foreign=True) if strange else CALM
        context = {name: found.get(-1 - number, []) for number, name in enumerate(_CONTEXTS)}
        situation = Situation(reading, self._roles, context["past"], context["now"])
        verdicts = list(self._verdicts(found, reading, situation, context, mode))
        minor = bool(context["minor"])
        if not verdicts:
            return Screening(Level.NONE, minor=minor, foreign=strange)
        verdicts.sort(key=lambda verdict: -verdict[0].rank)
        level, strongest = verdicts[0]
        rules = tuple(dict.fromkeys(rule.id for _, rule in verdicts))
        category = Category.OTHER_PERSON if level is Level.CONCERN_FOR_OTHER else Category(strongest.category)
        return Screening(level, category if level is not Level.NONE else None, rules[:6], minor, strange)

    def _verdicts(
        self,
        found: Mapping[int, list[Found]],
        reading: Reading,
        situation: Situation,
        context: Mapping[str, list[Found]],
        mode: Mode,
    ) -> Iterable[Verdict]:
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
            level = max((self._level(rule, place, situation, context) for place in places), key=lambda one: one.rank)
            if level is not Level.NONE:
                yield level, rule

    def _level(self, rule: Rule, place: Found, situation: Situation, context: Mapping[str, list[Found]]) -> Level:
        who = situation.who(place)
        if situation.is_quoted(place):
            who = situation.quoted_by(place)
            if who in (Who.NOBODY, Who.THING, Who.PEOPLE):
                return Level.NONE
        if who in (Who.LISTENER, Who.THING):
            return Level.NONE
        if who is Who.PEOPLE or (who is Who.NOBODY and context["question"]):
            return Level.INFORMATIONAL
        if situation.is_past(place) or (situation.is_denied(place) and context["over"]):
            return Level(rule.past)
        if situation.is_denied(place):
            return Level(rule.denied) if who is not Who.OTHER else Level.NONE
        return Level(rule.other) if who is Who.OTHER else Level(rule.level)

    def _is_strange(self, reading: Reading, text: str) -> bool:
        """Whether the message has letters and words, and not one small English word among them."""
        if len(reading.raw) < 3 and text.isascii():
            return False
        if self._english.intersection(reading.raw) or any(word not in ("_", "#") for word in reading.words):
            return False
        return sum(letter.isalpha() for letter in text[:200]) > 3

    def _foreign_cry(self, text: str) -> str | None:
        folded = fold(text[:4000])
        return next((language for language, phrase in self._foreign if phrase in folded), None)


def _known(safety: Safety) -> set[str]:
    groups = safety.words.groups
    known = {word for group in groups.values() for word in group}
    phrases = [phrase for rule in safety.rules for phrase in (*rule.hears, *rule.also, *rule.too, *rule.unless)]
    phrases += [phrase for some in safety.words.contexts.values() for phrase in some]
    known.update(words_of(phrases, groups))
    known.update(word for long in safety.words.spellings.values() for word in long.split())
    return known - set(safety.words.fillers) - set(safety.words.spellings)


def _single(word: str, reader: Reader) -> str:
    spelled = reader.spell(word)
    if len(spelled) != 1:
        raise PatternError(f"'{word}' in a group is spelled as {len(spelled)} words; groups hold single words")
    return spelled[0]


def _roles(groups: Mapping[str, Sequence[str]]) -> Roles:
    subjects = {word: who for name, who in ROLES.items() for word in groups.get(name, ())}
    return Roles(
        subjects,
        frozenset(groups.get("not", ())),
        frozenset(groups.get("think", ())),
        frozenset(groups.get("break", ())),
    )
