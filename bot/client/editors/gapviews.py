"""How the gaps are drawn: the list, one of them, what an answer would change, and what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import ui

from bot.client.cards import press
from bot.client.desk import Desk
from bot.client.drawing import Control, Style
from bot.client.editors.places import coded
from bot.client.ids import button_id, menu_id, packed
from bot.client.interface import shortened
from bot.client.menus import Pick
from bot.client.paging import CHARACTERS
from bot.client.text import harmless
from bot.editing.gaps import Gap
from bot.editing.model import Edit, Place, Subject
from bot.editing.upkeep import Helpfulness
from bot.knowledge.model import Facet
from bot.storage import Miss

PAGE: Final = 5
_QUOTED: Final = 2
_MOST_QUOTED: Final = 8
_SHORT, _LONG = 140, 260
_MOST_OPTIONS: Final = 25
_MOST_FALLING: Final = 3
_MOST_LINES: Final = 8
_ROOM: Final = CHARACTERS - 100
_NOWHERE: Final = "-"


@dataclass(frozen=True, slots=True)
class Answered:
    """The page that answers so many of a group's questions by now."""

    entry: str
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What an editor is about to propose: ``gap`` and ``stamp`` name the group as it was seen.

    ``effects`` say what would be answered differently, ``missed`` which of the questions would still not land there.
    """

    gap: str
    stamp: str
    place: Place
    title: str
    asks: tuple[str, ...]
    complaints: tuple[str, ...]
    effects: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """For a custom id."""
        return (self.gap, self.stamp, *coded(self.place))


def key_of(gap: Gap) -> str:
    """A name for buttons: the oldest question of the group, or the entry near which nobody sent one."""
    return f"q{packed(min(gap.questions))}" if gap.questions else f"e{gap.nearest or _NOWHERE}"


def number_in(key: str) -> int | None:
    """The question that a name was made from."""
    return int(key[1:], 36) if key.startswith("q") and key[1:].isalnum() else None


def places_view(container: Iterable[ui.Item[Any]]) -> ui.LayoutView:
    """A message of some parts."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*container))
    return view


class Views:
    """Draws with one desk's words and knowledge."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    def _label(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.label(name, **blanks)

    def _title(self, entry: str) -> str:
        found = self._desk.answerer.knowledge.entries.get(entry)
        return found.title if found else self._say("gap-nowhere")

    def _facet(self, facet: str) -> str:
        labels = self._desk.answerer.knowledge.vocabulary.labels
        return labels.get(Facet(facet), facet) if facet in list(Facet) else facet

    # --- the list --------------------------------------------------------------------------------------------

    def queue(
        self, gaps: Sequence[Gap], unplaced: Sequence[Miss], fallen: Sequence[Helpfulness], page: int
    ) -> ui.LayoutView:
        """A page of the gaps, the weightiest first; what helps less than before stands above them."""
        pages = max(1, -(-len(gaps) // PAGE))
        page = min(max(page, 0), pages - 1)
        sent = sum(len(gap.questions) for gap in gaps)
        items: list[ui.Item[Any]] = [ui.TextDisplay(self._say("gaps-title", groups=len(gaps), sent=sent))]
        if page == 0:
            items += self._fallen(fallen)
        items += [self._row(gap) for gap in gaps[page * PAGE : (page + 1) * PAGE]]
        if not gaps:
            items.append(ui.TextDisplay(self._say("gaps-none")))
        if unplaced and page == pages - 1:
            items += [ui.Separator(), ui.TextDisplay(self._say("gaps-unplaced", counts=self._counts(unplaced)))]
        turns = [(-1, "gaps-before-button"), (1, "gaps-after-button")]
        controls = [
            Control(self._label(name), button_id("gaps", page + step))
            for step, name in turns
            if 0 <= page + step < pages
        ]
        return places_view([*items, *self._rows(controls)])

    def _fallen(self, fallen: Sequence[Helpfulness]) -> list[ui.Item[Any]]:
        if not fallen:
            return []
        items: list[ui.Item[Any]] = [ui.Separator(), ui.TextDisplay(self._say("gaps-fallen"))]
        for one in fallen[:_MOST_FALLING]:
            change = Control(
                self._label("gap-edit-button"), button_id("kopen", *coded(Place(Subject.ENTRY, one.entry)))
            )
            items.append(ui.Section(ui.TextDisplay(self.fallen_line(one)), accessory=press(change)))
        return [*items, ui.Separator()]

    def fallen_line(self, one: Helpfulness) -> str:
        """``Lithium, side effects: 40 % helpful of 10 ratings, mostly “out of date”``."""
        reason = self._say("gap-fallen-reason", reason=self._say(f"reason-{one.reason}")) if one.reason else ""
        return self._say(
            "gap-fallen",
            title=self._title(one.entry),
            facet=self._facet(one.facet),
            share=round(one.lately * 100),
            ratings=one.ratings,
            reason=reason,
        )

    def _row(self, gap: Gap) -> ui.Item[Any]:
        lines = [self.gap_line(gap), *_quoted(gap.texts, _QUOTED, _SHORT)]
        control = Control(self._label("gap-open-button"), button_id("gap", key_of(gap)))
        return ui.Section(ui.TextDisplay("\n".join(lines)), accessory=press(control))

    def gap_line(self, gap: Gap) -> str:
        """How many sent it, how many did not, and the nearest page; no words of the questions."""
        name = "gap-line" if gap.questions else "gap-line-silent"
        return self._say(name, sent=len(gap.questions), silent=gap.uncounted, title=self._title(gap.nearest))

    def _counts(self, misses: Sequence[Miss]) -> str:
        return ", ".join(f"{self._reason(one.reason)} {one.count}" for one in misses[:_MOST_LINES])

    def _reason(self, reason: str) -> str:
        return self._desk.interface.texts.get(f"gap-reason-{reason}") or reason.replace("-", " ")

    def _rows(self, controls: Sequence[Control]) -> list[ui.Item[Any]]:
        return [ui.ActionRow(*map(press, controls))] if controls else []

    # --- one gap ---------------------------------------------------------------------------------------------

    def detail(
        self, gap: Gap, stamp: str, reasons: Sequence[Miss], near: Sequence[str], answered: Answered | None
    ) -> ui.LayoutView:
        """One gap with everything that can be done about it. ``near`` are entries, the likeliest first; ``answered``
        is the one that answers by now."""
        key = key_of(gap)
        items: list[ui.Item[Any]] = [ui.TextDisplay(f"{self._say('gap-title')}\n{self.gap_line(gap)}")]
        quoted = _quoted(gap.texts, _MOST_QUOTED, _LONG)
        if quoted:
            left = len(gap.texts) - _MOST_QUOTED
            more = [self._say("gap-more", count=left)] if left > 0 else []
            items.append(ui.TextDisplay("\n".join([*quoted, *more, self._say("gap-newest", time=gap.newest)])))
        if reasons:
            items.append(ui.TextDisplay(self._say("gap-reasons", counts=self._counts(reasons))))
        if answered is not None:
            items += self._answered(answered, len(gap.texts), button_id("gapk", key, stamp, answered.entry))
        if gap.questions:
            items += self._choices(key, stamp, near)
        items.append(ui.ActionRow(*map(press, self._acts(gap, key, stamp))))
        return places_view(items)

    def _answered(self, answered: Answered, of: int, close: str) -> list[ui.Item[Any]]:
        """Which page answers by now, and the button that takes it for the answer."""
        said = self._say("gap-answered", count=answered.count, of=of, title=self._title(answered.entry))
        control = Control(self._label("gap-answered-button"), close)
        return [ui.Section(ui.TextDisplay(said), accessory=press(control))]

    def _choices(self, key: str, stamp: str, near: Sequence[str]) -> list[ui.Item[Any]]:
        knowledge = self._desk.answerer.knowledge
        entries = [(one, knowledge.entries[one].title) for one in near if one in knowledge.entries]
        redirects = [(one.id, one.title) for one in knowledge.redirects.values()]
        rows: list[ui.Item[Any]] = []
        for letter, options, words in (("e", entries, "gap-answer"), ("r", redirects, "gap-not-ours")):
            if options:
                select: ui.Select[Any] = ui.Select(
                    custom_id=menu_id("gapa", key, stamp, letter),
                    placeholder=self._say(words)[:150],
                    options=[
                        discord.SelectOption(label=shortened(title, 100), value=value)
                        for value, title in options[:_MOST_OPTIONS]
                    ],
                )
                rows.append(ui.ActionRow(Pick(select)))
        return rows

    def _acts(self, gap: Gap, key: str, stamp: str) -> list[Control]:
        acts = [Control(self._label("gap-dismiss-button"), button_id("gapd", key, stamp), Style.DANGER)]
        acts.append(Control(self._label("gap-back-button"), button_id("gaps", 0)))
        if gap.questions:
            other = Control(self._label("gap-other-button"), button_id("gapo", key, stamp))
            new = Control(self._label("gap-new-button"), button_id("gapn", key, stamp))
            return [other, new, *acts]
        if gap.nearest in self._desk.answerer.knowledge.entries:
            place = coded(Place(Subject.ENTRY, gap.nearest))
            return [Control(self._label("gap-edit-button"), button_id("kopen", *place)), *acts]
        return acts

    # --- before and after ------------------------------------------------------------------------------------

    def measuring(self, gap: Gap, place: Place) -> ui.LayoutView:
        """While it is found out what a plan would change."""
        redirect = self._desk.answerer.knowledge.redirects.get(place.key)
        title = redirect.title if redirect and place.subject is Subject.REDIRECT else self._title(place.key)
        back = Control(self._label("gap-back-button"), button_id("gap", key_of(gap)))
        return places_view([ui.TextDisplay(self._say("gap-measuring", title=title)), *self._rows([back])])

    def plan(self, plan: Plan) -> ui.LayoutView:
        """What would be proposed, what that takes from other pages, and the button that proposes it."""
        texts = next(
            (found for most in range(_MOST_LINES, 0, -1) if sum(map(len, found := self._plan(plan, most))) < _ROOM), ()
        )
        controls = [Control(self._label("gap-reword-button"), button_id("gapw", *plan.arguments))]
        if not plan.complaints:
            go = Control(self._label("gap-propose-button"), button_id("gapp", *plan.arguments), Style.MAIN)
            controls.insert(0, go)
        controls.append(Control(self._label("gap-back-button"), button_id("gap", plan.gap)))
        return places_view([*(ui.TextDisplay(text) for text in texts), *self._rows(controls)])

    def _plan(self, plan: Plan, most: int) -> list[str]:
        """What is to be said of a plan, with at most so many lines of each sort."""
        heading = "gap-plan-redirect" if plan.place.subject is Subject.REDIRECT else "gap-plan"
        parts = [(self._say(heading, title=plan.title), _quoted(plan.asks, most, _LONG), len(plan.asks))]
        effects = [f"- {harmless(one)}" for one in plan.effects[:most]]
        parts.append((self._say("gap-effects"), effects, len(plan.effects)))
        parts.append((self._say("gap-missed"), _quoted(plan.missed, most, _SHORT), len(plan.missed)))
        mend = [f"- {harmless(one)[:_LONG]}" for one in plan.complaints[:most]]
        parts.append((self._say("gap-complaints"), mend, len(plan.complaints)))
        return [
            "\n".join(
                [lead, *lines, *([self._say("gap-more", count=count - len(lines))] if count > len(lines) else [])]
            )
            for lead, lines, count in parts
            if lines
        ]

    def proposed(self, edit: Edit, title: str) -> ui.LayoutView:
        """It waits for somebody else now."""
        look = Control(self._label("open-edit-button"), button_id("kcard", edit.id))
        back = Control(self._label("gap-back-button"), button_id("gaps", 0))
        text = self._say("gap-proposed", number=edit.id, title=title)
        return places_view([ui.TextDisplay(text), *self._rows([look, back])])

    def doubt(self, gap: Gap, stamp: str) -> ui.LayoutView:
        """Asks once more before questions are deleted."""
        name = "gap-dismiss" if gap.questions else "gap-dismiss-silent"
        text = self._say(name, count=len(gap.questions), title=self._title(gap.nearest))
        yes = Control(self._label("gap-dismiss-yes-button"), button_id("gapdd", key_of(gap), stamp), Style.DANGER)
        back = Control(self._label("gap-back-button"), button_id("gap", key_of(gap)))
        return places_view([ui.TextDisplay(text), *self._rows([yes, back])])


def _quoted(texts: Sequence[str], most: int, length: int) -> list[str]:
    """Words that members typed, each on a line of its own, harmless."""
    return [f"> {shortened(harmless(' '.join(text.split())), length)}" for text in texts[:most]]
