"""Custom ids of buttons and menus: versioned, so that an old message's button works or says calmly why not.

``ns1:<action>:<argument>:…`` for buttons, ``nsm1:…`` for menus; at most 100 characters. A button therefore carries
all that its press needs, and works after a restart without anything stored.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

VERSION: Final = "1"
BUTTON_PATTERN: Final = r"ns(?P<version>\d+):(?P<action>[a-z]+)(?::(?P<rest>.*))?"
MENU_PATTERN: Final = r"nsm(?P<version>\d+):(?P<action>[a-z]+)(?::(?P<rest>.*))?"
_LONGEST: Final = 100
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def button_id(action: str, *arguments: object) -> str:
    """The custom id of a button. Raises ``ValueError`` over 100 characters (entry ids are at most 60)."""
    return _id("ns", action, arguments)


def menu_id(action: str, *arguments: object) -> str:
    """The custom id of a menu."""
    return _id("nsm", action, arguments)


def _id(prefix: str, action: str, arguments: Iterable[object]) -> str:
    made = ":".join([f"{prefix}{VERSION}", action, *(str(argument) for argument in arguments)])
    if len(made) > _LONGEST:
        raise ValueError(f"the custom id for {action!r} has {len(made)} characters, at most {_LONGEST}")
    return made


def arguments(rest: str | None) -> list[str]:
    """The arguments back from the ``rest`` of a custom id."""
    return rest.split(":") if rest else []


def packed(number: int) -> str:
    """An id in base 36: 13 characters for a Discord id."""
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
        if not number:
            return text


def unpacked(text: str) -> int:
    """The number of :func:`packed`; 0 for what is none."""
    try:
        return int(text, 36)
    except ValueError:
        return 0


def code(entry: str) -> str:
    """A short stable name of an entry, for where three ids would not fit (CRC-32 in base 36)."""
    return packed(zlib.crc32(entry.encode()))


def decoded(codes: Iterable[str], entries: Iterable[str]) -> tuple[str, ...]:
    """The entries of some codes; a code that fits no entry is left out."""
    known = {code(entry): entry for entry in entries}
    return tuple(known[one] for one in codes if one in known)
