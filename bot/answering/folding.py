"""One spelling for the many ways in which the same words are typed.

:func:`fold` is what every stage reads: compatibility forms, case, invisible characters, letters borrowed from other
alphabets, accents and curly quotes are evened out; words, numbers, punctuation and emoji stay. The safety screen
goes further with single words: :func:`plain_spellings` undoes digits and signs used as letters and stretched
letters, :func:`join_spaced` undoes ``k i l l``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\x00-\x08\x0e-\x1f\x7f-\x9f]"
)
_MARKS: Final = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_THREES: Final = re.compile(r"([a-z])\1\1")
_WORD: Final = re.compile(r"[^\W_]+(?:['*@$!|][^\W_]+)*")
_LETTERS_APART: Final = re.compile(r"(?<![^\W_])(?<!['’])[^\W\d_](?![^\W_]|['’])(?:[ .\-_*/,|~]+[^\W\d_](?![^\W_]))*")
_WIDE_GAP: Final = re.compile(r"\s{2,}")
_NO_LETTER: Final = re.compile(r"[^\w]|_")
_REPEATED: Final = re.compile(r"(.)\1+")
_SHORTEST_APART: Final = 5
"""Characters of three letters set apart."""

_LOOK_ALIKE_LETTERS: Final = {
    "a": "аɑαᴀ∂ȧ", "b": "ЬƄʙвβ", "c": "сϲᴄⅽ¢", "d": "ԁɗᴅⅾ", "e": "еҽєɛᴇ℮ε", "f": "ғꜰƒ", "g": "ɡցɢ",
    "h": "һհʜн", "i": "іıɩιɪⅰ¡", "j": "јʝᴊ", "k": "кκᴋ", "l": "ӏⅼʟℓ|", "m": "мᴍⅿ", "n": "ոɴпη", "o": "оοօᴏσө",
    "p": "рρᴘ", "q": "ԛզ", "r": "гʀɼ", "s": "ѕꜱʂ", "t": "тτᴛ", "u": "υսᴜц", "v": "νѵᴠⅴ", "w": "ԝωᴡш", "x": "хχⅹ",
    "y": "уүγʏ", "z": "ᴢʐ",
}  # fmt: skip
_LETTERS: Final = str.maketrans(
    {alike: letter for letter, alikes in _LOOK_ALIKE_LETTERS.items() for alike in alikes if alike != "|"}
)
_SIGNS: Final = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'", "\u201b": "'", "\u02b9": "'"}
    | {"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"', "\u2033": '"'}
    | {"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": " - ", "\u2015": " - ", "\u2212": "-"}
    | {"\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ", "\u3000": " "}
)
_LEET: Final = str.maketrans("013456789@$!|", "oieasbtbgasil")
_LEET_L: Final = str.maketrans("013456789@$!|", "oleasbtbgasll")
_FOREIGN_MARKS: Final = re.compile(r"[^\x00-\x7f]")


def fold(text: str) -> str:
    """``text`` in one spelling: lower case, Latin letters for look-alikes, no accents, no invisible characters.

    Words written wholly in another alphabet stay as they are, unless the message also has Latin words and every
    letter of the word has a Latin double (``кіll`` and ``ԁіе`` in an English sentence). Emoji stay.
    """
    folded = text.lower() if text.isascii() else _fold_foreign(text)
    if not folded.isprintable() and _INVISIBLE.search(folded):
        folded = _INVISIBLE.sub("", folded)
    if folded.isascii() and not _THREES.search(folded):
        return folded
    return _STRETCHED.sub(r"\1\1", folded)


def _fold_foreign(text: str) -> str:
    signs = _INVISIBLE.sub("", text).translate(_SIGNS)
    if signs.isascii():
        return signs.lower()
    folded = unicodedata.normalize("NFKC", signs).lower().translate(_SIGNS)
    if folded.isascii():
        return folded
    stripped = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", folded)))
    if not any("a" <= letter <= "z" for letter in stripped):
        return stripped
    return _WORD.sub(_latin, stripped)


def _latin(found: re.Match[str]) -> str:
    word = found.group()
    if word.isascii():
        return word
    spelled = word.translate(_LETTERS)
    has_latin = any("a" <= letter <= "z" for letter in word)
    return spelled if has_latin or spelled.isascii() else word


def plain_spellings(word: str) -> Iterator[str]:
    """Other readings of one folded word: digits and signs as letters, stretched letters once; the likeliest first."""
    for table in (_LEET, _LEET_L):
        read = word.translate(table)
        if read != word:
            yield read
            if (short := squeeze(read)) != read:
                yield short
    if (short := squeeze(word)) != word:
        yield short


def squeeze(word: str) -> str:
    """``word`` with every run of a letter cut to one (``kiill`` and ``kill`` become ``kil``)."""
    return _REPEATED.sub(r"\1", word)


def join_spaced(folded: str) -> str:
    """Letters set apart (``k i l l``, ``d.i.e``) joined into words; two spaces or more keep words apart.

    Three letters at least; in time proportional to the length.
    """
    return _LETTERS_APART.sub(_joined, folded)


def _joined(found: re.Match[str]) -> str:
    run = found.group()
    if len(run) < _SHORTEST_APART:
        return run
    words = [_NO_LETTER.sub("", part) for part in _WIDE_GAP.split(run)]
    return " ".join(words) if sum(map(len, words)) >= 3 and any(len(word) > 1 for word in words) else run
