"""The shape of a message: compares, combines, follows up, picks from a list, asks two things, or does not ask.

Plain tests on words, each with its reason; what they find is weighed in :mod:`bot.answering.decision`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bot.answering.model import Conversation, Link, NameHit
from bot.answering.reading import Reading
from bot.answering.text import FUNCTION_WORDS, sentences_of, words_of

_AS_MUCH_AS: Final = (
    r"as (?:much|many|good|well|bad|fast|quick|quickly|strong|safe|hard|soon|long|often|likely|nasty) as"
)
_COMPARES: Final = re.compile(
    r"\b(?:vs?\.?|versus|or|compare[ds]?|comparison|against|differen(?:ce|ces|t|tly)|differ|better|worse"
    r"|stronger|weaker|safer|gentler|kinder|harder|easier"
    r"|same (?:as|thing|drug|stuff|claim)|the same|just|instead of|rather than|which|pros and cons|apart"
    r"|separates|distinguish|twins?|relation|related|beats?|more than|less than|between|(?:dis)?agrees?"
    rf"|contradict|opposite|than|{_AS_MUCH_AS}"
    r"|alike|unlike|identical|next to|both|stack up|(?:know|tell) (?:if|whether)|when .{1,30}n'?t"
    r"|over|basically|interchangeabl[ey]|same \w+|two (?:things|words|names)|choose|choice|pick|decide|torn|nearer"
    r"|as opposed to|replace|prefer)\b"
)
_PLAINLY_COMPARES: Final = re.compile(
    r"\b(?:vs\.?|versus|compare[ds]?|compared (?:to|with)|differen(?:ce|ces) between|differ|same as"
    r"|same thing|better (?:than|then)|worse (?:than|then)|pros and cons|instead of|rather than)\b|\bor\b"
)
_SURELY_COMPARES: Final = re.compile(
    r"\b(?:vs\.?|versus|compare[ds]?|differences?(?: between)?|differ|the same (?:as|thing|claim)|same (?:as|claim)"
    r"|better (?:than|then|bet)|worse (?:than|then)|pros and cons|rather than"
    r"|which (?:is|one|works?|has|packs?|whos?|of the (?:two|old))\b.*|tell (?:\w+ ){1,3}(?:apart|from)|what separates"
    r"|(?:dis)?agrees?|contradict\w*|opposite things|(?:choos|decid|torn)\w* between|stack up"
    r"|(?:know|tell) (?:if|whether) .*\bor\b|when \w+ (?:is|does|was|did|do)n'?t"
    r"|differs|different from|as opposed to|interchangeabl[ey])\b"
)
_OR_NOT: Final = re.compile(r"\bor (?:not|what|is|am|do|does|will|can|just|should|are|would)\b")
_TAKING: Final = re.compile(r"\b(?:tried|failed|after|did nothing|with|on top|together)\b")
_CONNECTS: Final = tuple(
    re.compile(rf"\s+(?:{words})\s+")
    for words in (
        r"vs?\.?|versus|compared? (?:to|with)|instead of|rather than|as opposed to",
        r"(?:is |are |any )?(?:a )?differ(?:ent|s)? (?:thing )?(?:from|to|than)|differently (?:from|to|than)"
        r"|turns? into|against|(?:the )?same (?:thing )?as|(?:better|worse|stronger) (?:than|then)"
        rf"|{_AS_MUCH_AS}|unlike|next to|beats?|(?:is )?basically",
        r"or",
        r"just|than|over",
        r"and|but",
    )
)
"""What stands between two things that are compared; the surest words first."""
_COMBINES: Final = re.compile(
    r"\b(?:with|together|mix(?:ed|ing)?|combin(?:e|ed|ing|ation)|alongside|same time|on top of|while (?:on"
    r"|taking)|plus|interact(?:s|ion|ions)?|clash(?:es)?|combo|along with|as well)\b|[+&]"
)
_ALLOWED: Final = re.compile(
    r"\b(?:can|could|ok|okay|safe|dangerous|danger|allowed|problem|bad idea|fine|risk(?:y|s)?"
    r"|bleed(?:ing)?|interact(?:s|ion|ions)?|mix(?:ed|ing)?|together|may|alright|clash|combine)\b"
)
_LINKS: Final = re.compile(
    r"\s(?:or|vs?|versus|than|next|unlike|different|differs?|then|against|compared|instead|rather|over|beats?|as|when|while)\s"
)
_ASKS_DIFFERENCE: Final = re.compile(
    r"\b(?:differ\w*|(?:dis)?agree\w*|contradict\w*|opposite|identical|alike|same|which|better|worse|compare\w*"
    r"|comparison|apart|distinguish|between|twins?|interchangeabl[ey]"
    r"|relat\w*|pros and cons|pick|choose)\b"
)
_FROM: Final = re.compile(r"\bhow (?:different|similar|far apart) (?:is|are) (.+?) (?:from|to|than|and) (.+)")
"""What is asked to be told from what, where the word that compares stands first."""
_CHOOSES: Final = re.compile(
    r"\b(?:which (?:one|is|of|would|has|works?|to|do|does)|choose|choosing|choice|pick|decide|deciding|torn|either"
    r"|options?|between (?:the two|them|these)|(?:of|out of) the two|the two|versus|vs|compare[ds]?|down to)\b"
)
_BETWEEN: Final = re.compile(
    r"\b(?:differences?|differ|choose|choice|choosing|decid\w+|torn|compare|comparison|tell) (?:between|of"
    r"|is)?\s*(.+?)\s+(?:and|or|from|vs?\.?|versus)\s+(.+)"
)
_SAYS_IT: Final = re.compile(r"\b(?:it|this|that|them|these|those)\b")
_COUNTED: Final = re.compile(
    r"\b\d+(?:\s?(?:-|to|or)\s?\d+)?\s?(?:weeks?|wks?|days?|months?|years?|yrs?|yo|hours?|hrs?|minutes?"
    r"|mins?|sessions?|times|percent|people|"
    r"meds?|trials?|steps?|visits?|am|pm|st|nd|rd|th|%)\b"
)
_HOW_MANY: Final = re.compile(
    r"\bhow (?:many|much) (?:mg|milligrams?|mcg|tablets?|pills?|caps(?:ules)?|drops|of (?:it|this|that"
    r"|them) (?:should|do|can) i)\b"
)
_EITHER_AMOUNT: Final = re.compile(
    r"\b\d+(?:\.\d+)?\s?(?:mg|mcg|ml|g)?\s+(?:or|vs|versus)\s+\d+(?:\.\d+)?\s?(?:mg|mcg|ml|g)?\b"
)
_TO_TAKE: Final = re.compile(r"\b(?:should|do|does|can|could|take|get|give|need|go|start|better|enough|which)\b")
_WHICH_DOSE: Final = re.compile(
    r"\b(?:what|whats|which|right|correct|normal|usual|best|starting|start|max|maximum"
    r"|safe) (?:\w+ ){0,2}(?:dose|dosage|dosing|amount|strength|mg)\b"
)
_SOMEBODY: Final = re.compile(
    r"\b(?:my|i|me|mum|mom|dad|wife|husband|son|daughter|child|kid|weighs?|kg|kilos?|pounds|lbs|stone"
    r"|woman|man|(?:a|an) \d+ ?(?:year|yr|kg|kilo))\b"
)
_CHANGES: Final = re.compile(
    r"\b(?:go|going|up|down|drop|cut|increase|raise|double|halve|half|split|move|bump|skip"
    r"|take)\b[^.?!]{0,30}\b(?:to \d+(?:\.\d+)?|\d+(?:\.\d+)?\s?(?:mg|mcg)|2|3|double|extra)\b"
)
_MAY_I: Final = re.compile(
    r"\b(?:can|could|should|may|do|shall) (?:i|we|he|she|my \w+)\b[^.?!]{0,40}\b(?:go|up|down|drop|cut"
    r"|increase|raise|double|halve|split|skip|take)\b|\bmyself\b|\benough for me\b"
)
_STUDY: Final = re.compile(r"\b(?:stud(?:y|ies)|trials?|paper|guidelines?|who won|arms?|randomi[sz]ed|researchers?)\b")
_SHORT_TEXT: Final = 160
_LINK_WORDS: Final = 5
_POINTS_BACK: Final = re.compile(
    r"\b(?:it|its|it's|that|this|those|these|them|they|one|ones|there|he|she|her|his|same|either|both|the other|then)\b"
)
_CARRIES_ON: Final = re.compile(
    r"^(?:and|but|or|so|also|then|ok(?:ay)?|hm+|what about|how about|what if|any|why|when|which|how)\b"
)
_MOVES_ON: Final = re.compile(
    r"^(?:(?:ok|okay|cool|so|hm+|right|thanks)[, ]+)*(?:and|n|nd|what about|how about|or|same"
    r"|for|vs|but|what of|now|with|not)\b|\b(?:same(?: story| thing| way)?|too|as well|also)\W*$"
)
_CORRECTS: Final = re.compile(r"^(?:no|nope|nah|not that|i meant|i mean|sorry i mean|actually|wrong)\b|\bi meant?\b")
_NOT_THAT: Final = re.compile(
    r"^(?:(?:no|nope|nah|sorry|oops|wait|ah|oh|i beg your pardon)[, ]+)*"
    r"(?:not (?:that|this|the|those|him|her)|forget (?:that|it)|i (?:meant|mean|did mean)|(?:the )?other|wrong)\b.*\b"
    r"(?:ones?|thing|kind|sort|type|version|stuff|thingy|opposite)\b|\bthe opposite\b"
)
_NONE_OF_THESE: Final = re.compile(r"^(?:none|neither|no|nope|nah|not any|none of (?:these|those|them|the above))\W*$")
_ORDINALS: Final = {
    "1": 0, "1st": 0, "first": 0, "one": 0, "a": 0, "top": 0, "2": 1, "2nd": 1, "second": 1, "two": 1, "b": 1,
    "3": 2, "3rd": 2, "third": 2, "three": 2, "c": 2, "4": 3, "4th": 3, "fourth": 3, "four": 3, "d": 3, "last": -1,
}  # fmt: skip
_PLACES: Final = {
    **{word: place for word, place in _ORDINALS.items() if len(word) > 1},
    "former": 0, "latter": -1, "middle": 1, "1": 0, "2": 1, "3": 2, "4": 3,
}  # fmt: skip
_BY_PLACE: Final = re.compile(
    r"\bthe (first|second|third|fourth|1st|2nd|3rd|4th|last|former|latter|middle|other)\b"
    r"|\b(?:number|option|no\.?) ?(one|two|three|four|[1-4])\b"
)
_FILLER: Final = frozenset(
    [
        "the",
        "a",
        "number",
        "option",
        "one",
        "please",
        "pls",
        "i",
        "mean",
        "meant",
        "choice",
        "pick",
        "answer",
        "yes",
        "yeah",
        "ok",
        "okay",
        "that",
        "is",
        "its",
        "about",
        "want",
        "to",
        "know",
        "thanks",
    ]
)
_POINTING: Final = frozenset(["other", "others", "more", "tell", "explain", "show", "info", "details", "pls", "plz"])
_ASKS: Final = re.compile(
    r"\?|^(?:(?:so|and|but|also|ok|hi|hey|hello|pls|please|sorry|or)[, ]+)*(?:what|whats|wats|wat|how|why"
    r"|when|where|who|which|is|are|am|do|does|did|can|could|will|would|should|has|have|any|anyone|tell me"
    r"|explain|define)\b"
    r"|\b(?:anyone know|wonder(?:ing)?|is (?:it|this|that|there)|what(?:s| is| are| does| if)|how (?:long"
    r"|do|does|much|many|come|is|are|soon|well)|why (?:is|do|does|am|are)|should i|can i|could (?:it|i"
    r"|they)|do i|am i|will (?:it|i)|does (?:it|that|this|anyone))\b"
)
_LONG: Final = 24


@dataclass(frozen=True, slots=True)
class Parts:
    """A message cut for reading: the part that asks, and up to two questions of their own."""

    asking: str
    questions: tuple[str, ...]


def parts_of(text: str) -> Parts:
    """Which sentences of ``text`` ask; the whole text when none does or the message is short anyway."""
    sentences = sentences_of(text)
    asking = tuple(sentence for sentence in sentences if _ASKS.search(sentence.lower()))
    if not asking or len(sentences) < 2:
        return Parts(text, ())
    questions = tuple(sentence for sentence in sentences if "?" in sentence) if len(asking) > 1 else ()
    return Parts(" ".join(asking), questions if len(questions) > 1 else asking if len(asking) > 1 else ())


def is_long(reading: Reading) -> bool:
    """Whether a message rambles enough that its asking part is worth reading by itself."""
    return len(reading.words) > _LONG


def asks_something(text: str) -> bool:
    """Whether a message has the form of a question at all."""
    return bool(_ASKS.search(text.lower().strip()))


def surely_compares(folded: str) -> bool:
    """Whether a word stands in the folded text that does nothing but compare (``vs``, ``difference``)."""
    return bool(_SURELY_COMPARES.search(folded))


def may_compare(folded: str) -> bool:
    """Whether a word stands in the folded text that can compare (``or``, ``than``, ``both``)."""
    return bool(_COMPARES.search(folded))


def or_not(folded: str) -> bool:
    """Whether "or" only opens the other half of a yes-or-no question ("or is it", "or not")."""
    return bool(_OR_NOT.search(folded))


def chooses(folded: str) -> bool:
    """Whether somebody has to choose, or asks which of several things ("which would", "torn", "options")."""
    return bool(_CHOOSES.search(folded))


def tells_of_taking(folded: str) -> bool:
    """Whether things are said to have been tried, or to be taken together, rather than to be weighed."""
    return bool(_TAKING.search(folded))


def comparing_sentences(text: str, mended: Callable[[str], str]) -> tuple[str, ...]:
    """The sentences of ``text`` that put things side by side, once they are ``mended``."""
    if not _COMPARES.search(mended(text)):
        return ()
    sentences = sentences_of(text)
    found = sentences if len(sentences) == 1 else tuple(one for one in sentences if _COMPARES.search(mended(one)))
    return (text,) if found and len(sentences) <= 2 and len(text) <= _SHORT_TEXT else found


def linked_names(reading: Reading) -> tuple[NameHit, ...]:
    """Covered names that stand close together around a word that compares (``tms or ect``, ``a vs b``)."""
    hits = [hit for hit in reading.covered if hit.entries]
    linked: list[NameHit] = []
    asks = len(hits) > 1 and bool(_ASKS_DIFFERENCE.search(reading.words.folded))
    for left, right in pairwise(hits):
        between = " ".join(reading.words.words[left.end : right.start])
        near = right.start - left.end <= _LINK_WORDS
        if near and left.entries != right.entries and (_LINKS.search(f" {between} ") or (asks and _joined(between))):
            linked += [left, right]
    return tuple(dict.fromkeys(linked))


def _joined(between: str) -> bool:
    """``a and b`` only compares when the sentence says so elsewhere (difference, same, which, better)."""
    return between.strip() in ("", "and", "to", "then", "to the", "and the")


def speaks_of_a_study(folded: str) -> bool:
    """Whether a folded message is about what a study or guideline found."""
    return bool(_STUDY.search(folded))


def sides_of(text: str) -> tuple[str, ...]:
    """What stands left and right of the word that compares; empty when there is no such word."""
    folded = words_of(text).folded
    between = _FROM.search(folded) or _BETWEEN.search(folded)
    if between:
        return tuple(map(_near_clause_start, between.groups()))
    connects = next((words for words in _CONNECTS if words.search(folded)), None)
    parts = connects.split(folded, maxsplit=1) if connects else []
    if len(parts) != 2 or not all(part.strip() for part in parts):
        return ()
    return (re.split(r"[.;:!?]", parts[0].rstrip(" ,.:;"))[-1], _near_clause_start(parts[1]))


def _near_clause_start(text: str) -> str:
    return re.split(r"[.;:!?,]", text.strip(" ,.:;"))[0]


def asks_for_a_dose(reading: Reading) -> bool:
    """Whether somebody asks which amount a person is to take: never ours to answer."""
    folded = _COUNTED.sub(" ", reading.words.folded)
    if _HOW_MANY.search(folded) or (_EITHER_AMOUNT.search(folded) and _TO_TAKE.search(folded)):
        return True
    if _WHICH_DOSE.search(folded) and _SOMEBODY.search(folded):
        return True
    return bool(_CHANGES.search(folded) and _MAY_I.search(folded))


def combining_sentences(text: str, whole: str) -> tuple[str, ...]:
    """The sentences of ``text`` that ask whether things go together; ``whole`` is all of it, folded."""
    if not (_COMBINES.search(whole) and _ALLOWED.search(whole)):
        return ()
    folded = [(sentence, words_of(sentence).folded) for sentence in sentences_of(text)]
    return tuple(
        sentence
        for sentence, plain in folded
        if _COMBINES.search(plain) and _ALLOWED.search(plain) and not _PLAINLY_COMPARES.search(plain)
    )


def says_it(reading: Reading) -> bool:
    """Whether a sentence says "it" or the like for something talked about before."""
    return bool(_SAYS_IT.search(reading.words.folded))


def points_back(reading: Reading) -> bool:
    """Whether a message leans on what was talked about: a pronoun, a connecting start, or only a few words."""
    folded = reading.words.folded.strip()
    return bool(_POINTS_BACK.search(folded) or _CARRIES_ON.search(folded)) or len(reading.words) <= 6


def moves_on(reading: Reading) -> bool:
    """Whether a message only changes the topic ("and with lithium?"), keeping what was asked about it."""
    return bool(_MOVES_ON.search(reading.words.folded.strip())) and len(reading.words) <= 9


def corrects(text: str) -> bool:
    """Whether the writer says that something else was meant."""
    return bool(_CORRECTS.search(text.lower().strip()))


def turns_away(folded: str) -> bool:
    """Whether something else is meant than what was talked about ("not that one, the one with the diary")."""
    return bool(_NOT_THAT.search(folded.strip()))


def picked(text: str, offered: Sequence[Link]) -> int | None:
    """Which of the ``offered`` links a message picks, by number, order or words of its title; ``None`` when none."""
    words = [word for word in words_of(text).words if word not in _FILLER or word in _ORDINALS]
    words = [word for word in words if word not in _FILLER] or words
    if not offered or not words or len(words) > 6:
        return None
    if len(words) == 1 and words[0] in _ORDINALS:
        place = _ORDINALS[words[0]]
        return place % len(offered) if -1 <= place < len(offered) else None
    return _by_words(words, offered)


def _by_words(words: Sequence[str], offered: Sequence[Link]) -> int | None:
    """The one link whose title has more of ``words`` than all others."""
    scores = [len(set(words) & set(words_of(f"{link.title} {link.entry.replace('-', ' ')}").words)) for link in offered]
    best = max(scores)
    return scores.index(best) if best and scores.count(best) == 1 and best >= len(words) / 2 else None


def pointed_at(text: str, listed: Sequence[str], topic: str | None) -> int | None:
    """Which of the ``listed`` entries a message points at by its place ("the second one, is it covered")."""
    found = _BY_PLACE.search(text.lower())
    if found is None or len(listed) < 2:
        return None
    word = next(filter(None, found.groups()))
    if word == "other":
        others = [place for place, entry in enumerate(listed) if entry != topic]
        return others[0] if len(others) == 1 else None
    place = _PLACES[word]
    return place % len(listed) if place < len(listed) else None


def only_points(reading: Reading) -> bool:
    """Whether a message has no word beside those that point at a place ("ok and the other", "more about number 2")."""
    known = (_FILLER, _PLACES, _POINTING, FUNCTION_WORDS)
    return all(any(word in words for words in known) for word in reading.plain)


def declines_choices(text: str) -> bool:
    """Whether the writer says that none of the offered pages is meant."""
    return bool(_NONE_OF_THESE.match(text.lower().strip()))


def topic_in_mind(conversation: Conversation) -> str | None:
    """The entry that was talked about last, if any."""
    return conversation.topics[0] if conversation.topics else None
