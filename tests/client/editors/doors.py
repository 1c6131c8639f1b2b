"""Every door of the bot, who may go through, and what somebody sends who tries: a table that tests walk through.

``live`` would do something if it were let in; it is sent by those who may not. ``idle`` does nothing even when it is
let in (an old version, an unknown name), and is sent by those who may; without one, ``live`` changes nothing either.
Names in braces come from :class:`tests.client.editors.test_rights.Scene`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.client.editors.rights import Act

Sent = dict[str, str | list[str]]


class Kind(StrEnum):
    """How a door is knocked at."""

    COMMAND = "command"
    COMPLETION = "completion"
    MENU = "message menu"
    PRESS = "press"
    PICK = "pick"
    FORM = "form"


class Whom(StrEnum):
    """Doors that are not the editors'."""

    ANYONE = "anyone"
    ADMINISTRATORS = "administrators"
    MODERATORS = "moderators"


@dataclass(frozen=True)
class Door:
    """One door. ``live`` and ``idle`` are the arguments of a custom id; ``sent`` and ``sent_idle`` go along."""

    kind: Kind
    name: str
    whom: Act | Whom
    live: str = ""
    idle: str | None = None
    sent: Sent = field(default_factory=dict)
    sent_idle: Sent | None = None
    component: int = 3

    def arguments(self, *, let_in: bool) -> tuple[str, Sent]:
        """What somebody sends."""
        if not let_in:
            return self.live, self.sent
        return (
            self.live if self.idle is None else self.idle,
            self.sent if self.sent_idle is None else self.sent_idle,
        )


_WHY: Final[Sent] = {"why": "it has to be"}
_PLACE: Final[Sent] = {"entry": "lithium", "reason": "it has to be"}
_NO_PLACE: Final[Sent] = {"entry": "nowhere at all", "reason": "it has to be"}
_TEXT: Final[Sent] = {"text": "Lithium is a salt [@nice-ng222]."}
_PAGE: Final[Sent] = {"title": "Trouser press", "kind": ["definition"], "asks": "x", "text": "It presses [practice]."}


def _commands() -> tuple[Door, ...]:
    command, anyone = Kind.COMMAND, Whom.ANYONE
    return (
        Door(command, "ask", anyone, sent={"question": "what is lithium?"}),
        Door(command, "define", anyone, sent={"term": "lithium"}),
        Door(command, "compare", anyone, sent={"first": "lithium", "second": "ect"}),
        Door(command, "help-lines", anyone),
        Door(command, "about", anyone),
        Door(command, "me", anyone),
        Door(command, "privacy show", anyone),
        Door(command, "privacy export", anyone),
        Door(command, "privacy delete", anyone),
        Door(command, "privacy opt-out", anyone),
        Door(command, "setup", Whom.ADMINISTRATORS),
        Door(command, "knowledge search", Act.LOOK, sent={"words": "lithium"}),
        Door(command, "knowledge history", Act.LOOK, sent={"entry": "lithium"}),
        Door(command, "knowledge waiting", Act.LOOK),
        Door(command, "knowledge edit", Act.PROPOSE, sent={"entry": "lithium"}),
        Door(command, "knowledge new", Act.PROPOSE),
        Door(command, "knowledge retire", Act.PROPOSE, sent={"entry": "lithium"}),
        Door(command, "knowledge revert", Act.REVERT, sent={**_PLACE, "entry": "ect"}, sent_idle=_NO_PLACE),
        Door(command, "knowledge hide", Act.HIDE, sent=_PLACE, sent_idle=_NO_PLACE),
        Door(command, "gaps", Act.GAPS),
        Door(command, "insights", Act.INSIGHTS, sent={"month": "2026-11"}, sent_idle={"month": "no month"}),
        Door(Kind.MENU, "find-menu", anyone),
        Door(Kind.MENU, "why-menu", Whom.MODERATORS),
        Door(Kind.MENU, "remove-menu", anyone),  # whose replies it reaches: tests/client/test_asking.py
    )


def _completions() -> tuple[Door, ...]:
    editors = [
        Door(Kind.COMPLETION, f"knowledge {name} entry", Act.LOOK, sent={"typed": "lith"})
        for name in ("history", "edit", "retire", "revert", "hide")
    ]
    return (
        *editors,
        Door(Kind.COMPLETION, "knowledge edit source", Act.LOOK, sent={"typed": "nice"}),
        Door(Kind.COMPLETION, "insights month", Act.INSIGHTS, sent={"typed": "2026"}),
        Door(Kind.COMPLETION, "define term", Whom.ANYONE, sent={"typed": "lith"}),
        Door(Kind.COMPLETION, "compare first", Whom.ANYONE, sent={"typed": "lith"}),
        Door(Kind.COMPLETION, "compare second", Whom.ANYONE, sent={"typed": "lith"}),
        Door(Kind.COMPLETION, "help-lines country", Whom.ANYONE, sent={"typed": "Fr"}),
    )


def _presses() -> tuple[Door, ...]:
    press = Kind.PRESS
    members = {
        "f": "lithium:overview",
        "p": "lithium:overview:0",
        "more": "lithium:overview",
        "cp": "{compared}:0",
        "pp": "{pair}",
        "rel": "lithium:overview",
        "terms": "lithium:overview",
        "rm": "{nobody}",
        "share": "lithium:overview",
        "sharec": "{compared}",
        "sharep": "{pair}",
        "sharet": "{two}",
        "dym": "{nobody}:lithium:overview",
        "none": "{nobody}",
        "sup": "crisis:suicide:0:0",
        "sb": "not-safe-now:0",
        "up": "lithium:overview",
        "down": "lithium:overview",
        "send": "lithium",
        "tell": "999999",
        "me": "plain",
    }
    setup = {"setp": "people", "sett": "", "setn": "", "setc": "", "seth": "", "sets": "", "setz": ""}
    return (
        *(Door(press, name, Whom.ANYONE, given) for name, given in members.items()),
        *(Door(press, name, Whom.ADMINISTRATORS, given) for name, given in setup.items()),
        *(Door(press, name, Whom.MODERATORS) for name in ("take", "false", "guide")),
        Door(press, "kcard", Act.LOOK, "{proposed}"),
        Door(press, "klook", Act.LOOK, "{proposed}"),
        Door(press, "kdiff", Act.LOOK, "{proposed}"),
        Door(press, "khistory", Act.LOOK, "e:lithium:0"),
        Door(press, "kwaiting", Act.LOOK, "0"),
        Door(press, "kopen", Act.PROPOSE, "e:lithium"),
        Door(press, "kmend", Act.PROPOSE, "e:lithium:0:overview"),
        Door(press, "knew", Act.PROPOSE),
        Door(press, "kasis", Act.PROPOSE, "e:lithium", "e:nowhere"),
        Door(press, "kpropose", Act.PROPOSE, "{draft}:1", "{draft}:0"),
        Door(press, "kdrop", Act.PROPOSE, "{draft}:1", "{draft}:0"),
        Door(press, "kback", Act.PROPOSE, "{proposed}:2", "{proposed}:0"),
        Door(press, "kagain", Act.PROPOSE, "{published}", "999999"),
        Door(press, "kapprove", Act.DECIDE, "{proposed}:2:1", "{proposed}:0:1"),
        Door(press, "kchanges", Act.DECIDE, "{proposed}:2", "{proposed}:0"),
        Door(press, "kdecline", Act.DECIDE, "{proposed}:2", "{proposed}:0"),
        Door(press, "krevert", Act.REVERT, "{published}:3", "{published}:0"),
        Door(press, "kshow", Act.HIDE, "{hidden}:1", "{hidden}:0"),
        Door(press, "kflag", Act.SETTLE, "{published}"),
        Door(press, "kkeep", Act.SETTLE, "{published}:3", "{published}:0"),
        Door(press, "ksettle", Act.SETTLE, "{published}:3", "{published}:0"),
        Door(press, "gaps", Act.GAPS, "0"),
        Door(press, "gap", Act.GAPS, "{gap}"),
        Door(press, "gapo", Act.GAPS, "{gap}:{stamp}"),
        Door(press, "gapn", Act.GAPS, "{gap}:{stamp}"),
        Door(press, "gapd", Act.GAPS, "{gap}:{stamp}"),
        Door(press, "gapk", Act.GAPS, "{gap}:{stamp}:ect", "qzz:0:ect"),
        Door(press, "gapdd", Act.GAPS, "{gap}:{stamp}", "qzz:0"),
        Door(press, "gapp", Act.GAPS, "{gap}:{stamp}:e:ect", "qzz:0:e:ect"),
        Door(press, "gapw", Act.GAPS, "{gap}:{stamp}:e:ect"),
    )


def _picks() -> tuple[Door, ...]:
    pick, admins = Kind.PICK, Whom.ADMINISTRATORS
    channels = {"seta": 8, "setw": 8, "setl": 8, "seto": 6, "setm": 6, "sete": 6, "setk": 6}
    return (
        Door(pick, "lines", Whom.ANYONE, "0", sent={"values": ["GB"]}),
        Door(pick, "me", Whom.ANYONE, "0", sent={"values": ["GB"]}),
        Door(pick, "rate", Whom.ANYONE, "lithium:overview", sent={"values": ["unclear"]}),
        *(Door(pick, name, admins, sent={"values": ["{chosen}"]}, component=kind) for name, kind in channels.items()),
        Door(pick, "kfield", Act.PROPOSE, "e:lithium:0", sent={"values": ["overview"]}),
        Door(pick, "gapa", Act.GAPS, "{gap}:{stamp}:e", "qzz:0:e", sent={"values": ["ect"]}),
    )


def _forms() -> tuple[Door, ...]:
    form = Kind.FORM
    return (
        Door(form, "send", Whom.ANYONE, "lithium", sent={"text": "who mends a trouser press"}),
        Door(form, "kfield", Act.PROPOSE, "e:lithium:0:overview", "e:nowhere:0:overview", sent=_TEXT),
        Door(form, "knew", Act.PROPOSE, sent=_PAGE, sent_idle={**_PAGE, "title": "Lithium"}),
        Door(form, "kpropose", Act.PROPOSE, "{draft}:1", "{draft}:0", sent=_WHY),
        Door(form, "kretire", Act.PROPOSE, "e:lithium", "e:nowhere", sent=_WHY),
        Door(form, "kchanges", Act.DECIDE, "{proposed}:2", "{proposed}:0", sent=_WHY),
        Door(form, "kdecline", Act.DECIDE, "{proposed}:2", "{proposed}:0", sent=_WHY),
        Door(form, "krevert", Act.REVERT, "{published}:3", "{published}:0", sent=_WHY),
        Door(form, "gapo", Act.GAPS, "{gap}:{stamp}", "qzz:0", sent={"page": "ect"}, sent_idle={"page": "zzzz"}),
        Door(form, "gapw", Act.GAPS, "{gap}:{stamp}:e:ect", "qzz:0:e:ect", sent={"asks": "does it squeak"}),
    )


DOORS: Final = (*_commands(), *_completions(), *_presses(), *_picks(), *_forms())
