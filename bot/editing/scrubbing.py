"""Takes out of a question what could tell who asked it, before it is kept.

Names, mentions, numbers, links, addresses and ids become a plain word in square brackets. When in doubt it takes out
too much: the editors need the question, not the person.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.knowledge.model import MARK, Knowledge

LONGEST: Final = 400
_MOST_READ: Final = 4 * LONGEST
_TOP: Final = r"(?:com|org|net|io|gg|me|co|uk|de|edu|gov)\b"
_LINK: Final = re.compile(rf"https?://|www\.|discord\.gg/|t\.me/|\w\.{_TOP}", re.IGNORECASE)
_SPELT: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]+(?:\s*[\[({]\s*at\s*[\])}]\s*[\w-]+(?:\s*(?:\.|[\[({]\s*dot\s*[\])}])\s*[\w-]+)*"
    rf"|\s+at\s+[\w-]+(?:(?:\s+dot\s+[\w-]+)+|\.{_TOP}\S*))",
    re.IGNORECASE,
)
"""Addresses that are spelt out: ``jo at mail dot org``."""
_MENTION: Final = re.compile(r"<[@#:a/t][^<>\n]{0,80}>|(?<!\w)[ur]/[\w-]+")
_TAG: Final = re.compile(r"(?<!\w)#\S|#\d{4}\b")
_NUMBER: Final = re.compile(r"(?<!\w)[+(]?\w*\d[\d\w.,:/()+-]*")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INTRODUCES: Final = re.compile(
    r"(?:\bname(?:'s|s| is)|\b(?:called|named|dr\.?|doctor|nurse|mr\.?|mrs\.?|ms\.?|miss|professor|prof\.?)"
    r"|(?:^|\b(?:hi|hey|hello|all|everyone))[\s,.!]*(?:i['’]?m|i am|this is)|\b(?:my|our) "
    r"(?:wife|husband|partner|girlfriend|boyfriend|son|daughter|mother|mom|mum|father|dad|brother|sister|friend|therapist"
    r"|psychiatrist|counsell?or|boss|dog|cat))\s+$",
    re.IGNORECASE,
)
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?\n]\s*|[\"“(]\s*)$")
_ALWAYS: Final = frozenset({"i", "i'm", "i've", "i'd", "i'll", "im", "ive", "gp", "nhs", "us", "uk", "usa", "eu", "ok"})
_PLAIN: Final = """
a an and are as at be been but by can could did do does for from had has have he her him his how if in is it its just
like me my no not of off on or our out says said she so such than that the their them then there they this to told too
up was we went were what when where which who why will with would wants thinks suggested prescribed keeps stopped put
gave asked also never really still now
"""
_SEVERAL: Final = 3
_NAME: Final = "[name]"
_PLAIN_AFTER: Final = frozenset(_PLAIN.split())
"""Words that are no name, whatever they follow."""


@dataclass(frozen=True, slots=True)
class Familiar:
    """What need not be taken out: ``names`` of the knowledge base (also with digits), and ordinary ``words``."""

    names: frozenset[str]
    words: frozenset[str]


def familiar(knowledge: Knowledge) -> Familiar:
    """The names and words that the knowledge base itself uses."""
    entries = knowledge.entries.values()
    called = [name for entry in entries for name in (entry.title, *entry.aliases)]
    called += [name for one in knowledge.look_alikes.known_not_covered for name in (one.name, *one.aka)]
    called += [name for names in knowledge.combinations.names.values() for name in names]
    texts = [text for entry in entries for text in entry.facets.values()]
    texts += [text for words in knowledge.vocabulary.facets.values() for text in words]
    asks = [ask for entry in entries for ask in entry.asks]
    asks += [ask for redirect in knowledge.redirects.values() for ask in redirect.asks]
    # People name each other in asks too: there only what several say is a word.
    said = Counter(word for ask in asks for word in _small_words(ask))
    words = {word for text in texts for word in _small_words(MARK.sub("", text))}
    words |= {word for word, count in said.items() if count >= _SEVERAL}
    return Familiar(frozenset(_pieces(called)), frozenset(words))


def _small_words(text: str) -> set[str]:
    """Words in small letters. A capital in the middle of a stored text is a name."""
    return {word for word in _WORD.findall(text) if word.islower()}


def _pieces(names: Iterable[str]) -> Iterable[str]:
    return (piece.casefold() for name in names for piece in re.findall(r"[\w*'’-]+", name))


def scrub(text: str, known: Familiar) -> str:
    """The text without what could tell who asked, at most :data:`LONGEST` characters."""
    text = unicodedata.normalize("NFKC", text[:_MOST_READ])
    text = "".join(one for one in text if one.isspace() or one.isprintable())
    text = _MENTION.sub("[someone]", _SPELT.sub("[address]", text))
    text = re.sub(r"\S+", lambda found: _token(found.group()), text)
    text = _NUMBER.sub(lambda found: _number(found.group(), known), text)
    text = "".join(_named_away(text, known))
    text = re.sub(r"(\[name\])(?:[\s-]+\[name\])+", r"\1", text)
    return " ".join(text.split())[:LONGEST].strip()


def _token(token: str) -> str:
    """What stands between blanks, unless it is an address, a link or an account."""
    if "@" in token:
        before, _, after = token.rpartition("@")
        return "[address]" if before and "." in after.rstrip(".,;:!?") else "[someone]"
    if _LINK.search(token):
        return "[link]"
    return "[someone]" if _TAG.search(token) else token


def _number(token: str, known: Familiar) -> str:
    core = token.strip("().,:/+-")
    if core.casefold() in known.names and not core.isdigit():
        return token
    return "[number]"


def _named_away(text: str, known: Familiar) -> Iterator[str]:
    """The text in pieces, without names; what follows a name that was introduced may be its second part."""
    at, introduced = 0, False
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        said = _word(found, known)
        if introduced and between.isspace() and said == found.group() and not _is_word(said.casefold(), known):
            said = _NAME
        introduced = said == _NAME and bool(_INTRODUCES.search(text[max(0, found.start() - 40) : found.start()]))
        yield between
        yield said
        at = found.end()
    yield text[at:]


def _is_word(folded: str, known: Familiar) -> bool:
    return folded in _PLAIN_AFTER or folded in known.words or folded in known.names or folded in _ALWAYS


def _word(found: re.Match[str], known: Familiar) -> str:
    word, folded = found.group(), found.group().casefold().replace("’", "'")
    before = found.string[: found.start()]
    if before.endswith("[") or folded in _ALWAYS or folded in known.names or folded.removesuffix("'s") in known.names:
        return word
    if _INTRODUCES.search(before[-40:]) and folded not in _PLAIN_AFTER and folded not in known.words:
        return _NAME
    if word.isupper() and len(word) <= 5:
        return word
    if not word[0].isupper():
        return word
    if _SENTENCE_START.search(before[-3:]) or found.string.isupper():
        return word if folded in known.words or folded in _PLAIN_AFTER else _NAME
    return _NAME
