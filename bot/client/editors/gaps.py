"""/gaps: what members asked and did not get, in groups, and what an editor can do about each in a tap or two.

Nothing is kept between taps: a button carries the number of one of the group's questions and a stamp of them all, so
that nobody proposes or deletes a question that they did not see.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands, ui

from bot.answering.model import Answer, Question
from bot.client.cards import Card
from bot.client.commands import named
from bot.client.editors.forms import Typed, form_id, open_form, text_field, text_of, whole_lines
from bot.client.editors.gapviews import Answered, Plan, Views, key_of, number_in
from bot.client.editors.places import decoded
from bot.client.editors.rights import Act
from bot.client.ids import packed
from bot.client.responses import Interaction, answer, note
from bot.editing.drafts import Drafted
from bot.editing.gaps import Gap, answer_with, asks_from, not_ours, ranked
from bot.editing.model import Actor, Place, Subject
from bot.editing.upkeep import Helpfulness, falling, month_before
from bot.evaluation.clusters import Cluster, clusters, nearest_entries
from bot.storage import Miss, SentQuestion
from bot.storage.feedback import month_of

if TYPE_CHECKING:
    from bot.client.bot import NextStep

_MONTHS_BACK: Final = 12
_MOST_QUESTIONS: Final = 12
"""Most questions that a form of a new page carries along."""


class Board:
    """``bot.board``: the gaps, and what is done about them."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk, self._views = bot, bot.desk, Views(bot.desk)
        self._grouped: tuple[tuple[str, tuple[int, ...]], tuple[Cluster, ...]] | None = None
        presses = {"gaps": self._page, "gap": self._open, "gapo": self._other, "gapn": self._new, "gapd": self._doubt}
        presses |= {"gapdd": self._dismiss, "gapp": self._propose, "gapw": self._reword, "gapk": self._close}
        for action, handler in presses.items():
            bot.presses.add(action, handler)
        bot.picks.add("gapa", self._chosen)
        bot.forms.add("gapo", self._named)
        bot.forms.add("gapw", self._reworded)

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    # --- looking ---------------------------------------------------------------------------------------------

    async def gaps(self) -> tuple[Gap, ...]:
        """What members did not get, the weightiest first."""
        waiting = await self._desk.gaps.waiting()
        groups = await self._groups(waiting)
        return ranked(waiting, groups, await self._desk.gaps.misses())

    async def _groups(self, waiting: Sequence[SentQuestion]) -> tuple[Cluster, ...]:
        """The groups by places; computed off the loop, and kept without any text until a question comes or goes."""
        answerer = self._desk.answerer
        key = (answerer.revision, tuple(one.id for one in waiting))
        if self._grouped is None or self._grouped[0] != key:
            found = await asyncio.to_thread(clusters, answerer.mind, [one.text for one in waiting])
            self._grouped = key, found
        return self._grouped[1]

    async def unplaced(self) -> tuple[Miss, ...]:
        """How often there was no answer, by reason, where no page came near."""
        return tuple(one for one in await self._desk.gaps.misses() if not one.nearest)

    async def reasons(self, nearest: str) -> tuple[Miss, ...]:
        """The textless counts near an entry, by reason."""
        return tuple(one for one in await self._desk.gaps.misses() if nearest and one.nearest == nearest)

    async def falling(self) -> tuple[Helpfulness, ...]:
        """Pages that help less than they did; those that are still served."""
        month = month_of(self._desk.moment())
        since = month
        for _ in range(_MONTHS_BACK):
            since = month_before(since)
        found = falling(await self._desk.feedback.months(since), month)
        return tuple(one for one in found if one.entry in self._desk.answerer.knowledge.entries)

    async def _found(self, key: str) -> Gap | None:
        """The group behind a button: the one that holds the question now, or the silent one near the entry."""
        number = number_in(key)
        gaps = await self.gaps()
        if number is not None:
            return next((gap for gap in gaps if number in gap.questions), None)
        return next((gap for gap in gaps if key_of(gap) == key), None)

    # --- looking at one --------------------------------------------------------------------------------------

    async def shown(self, page: int = 0) -> ui.LayoutView:
        """The list."""
        return self._views.queue(await self.gaps(), await self.unplaced(), await self.falling(), page)

    async def _page(self, interaction: Interaction, given: list[str]) -> None:
        if await self._bot.office.admits(interaction, Act.GAPS):
            page = int(given[0])
            await interaction.response.defer()
            await _replace(interaction, await self.shown(page))

    async def _open(self, interaction: Interaction, given: list[str]) -> None:
        actor = await self._bot.office.admits(interaction, Act.GAPS)
        if actor is not None:
            key = given[0]
            await interaction.response.defer()
            shown = await self._show(interaction, key)
            if shown is not None:
                self._bot.office.behind(self._foresee(*shown, actor.id), "impact")

    async def _show(self, interaction: Interaction, key: str) -> tuple[Gap, str] | None:
        """Draw a group; gives it with the page that is offered first, if it is there and nothing answers it by now."""
        gap = await self._found(key)
        if gap is None:
            await self._gone(interaction)
            return None
        near = await asyncio.to_thread(nearest_entries, self._desk.answerer.mind, gap.texts)
        answered = await asyncio.to_thread(self._answered, gap.texts)
        reasons = await self.reasons(gap.nearest)
        await _replace(interaction, self._views.detail(gap, stamp_of(gap), reasons, near, answered))
        return (gap, near[0]) if gap.texts and near and answered is None else None

    def _answered(self, texts: Sequence[str]) -> Answered | None:
        """The page that answers most of some questions by now, if one does. For worker threads."""
        answerer, now = self._desk.answerer, self._desk.clock()
        replies = [answerer.reply(Question(text, now))[0] for text in texts]
        found = Counter(one.passages[0].entry for one in replies if isinstance(one, Answer))
        return Answered(*found.most_common(1)[0]) if found else None

    async def _gone(self, interaction: Interaction) -> None:
        """Somebody else has seen to it: the list as it is now, and a word."""
        await _replace(interaction, await self.shown())
        await note(interaction, self._say("gap-gone"))

    async def _as_seen(self, interaction: Interaction, given: list[str]) -> Gap | None:
        """The group behind a button, unless a question came or went since it was drawn: then it is drawn anew."""
        gap = await self._found(given[0])
        if gap is None:
            await self._gone(interaction)
            return None
        if stamp_of(gap) != given[1]:
            await self._show(interaction, given[0])
            await note(interaction, self._say("gap-changed"))
            return None
        return gap

    # --- answering -------------------------------------------------------------------------------------------

    async def _chosen(self, interaction: Interaction, given: list[str], values: list[str]) -> None:
        """A page or a redirect was chosen from a menu."""
        if await self._bot.office.admits(interaction, Act.GAPS):
            await self._plan(interaction, given, decoded(given[2], values[0]))

    async def _other(self, interaction: Interaction, given: list[str]) -> None:
        """A page that is not in the menu: its name is typed."""
        if await self._bot.office.admits(interaction, Act.GAPS):
            field = text_field("page", self._say("gap-other-label"), required=True, most=100)
            await open_form(interaction, self._say("gap-other-title"), form_id("gapo", *given[:2]), [field])

    async def _named(self, interaction: Interaction, given: list[str], typed: Typed) -> None:
        if not await self._bot.office.admits(interaction, Act.GAPS):
            return
        entry = named(self._bot, text_of(typed, "page") or "")
        if entry is None:
            await note(interaction, self._say("gap-other-unknown"))
            return
        await self._plan(interaction, given, Place(Subject.ENTRY, entry))

    async def _plan(self, interaction: Interaction, given: list[str], place: Place) -> None:
        """Show what would be proposed, and what that would take from other pages."""
        await interaction.response.defer()
        gap = await self._as_seen(interaction, given)
        if gap is not None:
            await _replace(interaction, self._views.measuring(gap, place))
            await _replace(interaction, self._views.plan(await self._planned(gap, place)))

    async def _planned(self, gap: Gap, place: Place) -> Plan:
        """Measured off the loop, on a copy: what members are answered with meanwhile is not touched."""
        asks = asks_from(gap.texts)
        drafted = await asyncio.to_thread(self._drafted, place, asks)
        measured = self._bot.reviews.meter.assess(drafted.snapshot, asks) if drafted.snapshot else None
        effects, missed = await measured if measured else ((), ())
        title = drafted.snapshot.title if drafted.snapshot else place.key
        complaints = tuple(map(str, drafted.grave))
        return Plan(key_of(gap), stamp_of(gap), place, title, asks, complaints, effects, missed)

    async def _foresee(self, gap: Gap, entry: str, person: str) -> None:
        """Measure ahead what is likeliest to be chosen."""
        asks = asks_from(gap.texts)
        drafted = await asyncio.to_thread(self._drafted, Place(Subject.ENTRY, entry), asks)
        if drafted.snapshot is not None:
            self._bot.reviews.meter.ahead_of_plan(person, drafted.snapshot, asks)

    def _drafted(self, place: Place, asks: Sequence[str]) -> Drafted:
        make = not_ours if place.subject is Subject.REDIRECT else answer_with
        return make(place.key, asks, self._bot.office.desk.knowledge, self._desk.clock().date())

    # --- proposing -------------------------------------------------------------------------------------------

    async def _propose(self, interaction: Interaction, given: list[str]) -> None:
        """Hand in what was shown; the review card appears in the editors' channel."""
        actor = await self._bot.office.admits(interaction, Act.GAPS)
        if actor is None:
            return
        await interaction.response.defer()
        gap = await self._as_seen(interaction, given)
        if gap is not None:
            await self._hand_in(interaction, actor, gap, decoded(given[2], given[3]), asks_from(gap.texts))

    async def _reword(self, interaction: Interaction, given: list[str]) -> None:
        """The asks in a form, to be put better before they are proposed."""
        if not await self._bot.office.admits(interaction, Act.GAPS):
            return
        gap = await self._found(given[0])
        if gap is None:
            await self._gone(interaction)
            return
        asks = text_field(
            "asks",
            self._say("gap-reword-label"),
            whole_lines(asks_from(gap.texts)),
            hint=self._say("gap-reword-hint"),
            long=True,
            required=True,
        )
        await open_form(interaction, self._say("gap-reword-title"), form_id("gapw", *given[:4]), [asks])

    async def _reworded(self, interaction: Interaction, given: list[str], typed: Typed) -> None:
        actor = await self._bot.office.admits(interaction, Act.GAPS)
        if actor is None:
            return
        await interaction.response.defer()
        gap = await self._as_seen(interaction, given)
        if gap is not None:
            asks = asks_from((text_of(typed, "asks") or "").splitlines())
            await self._hand_in(interaction, actor, gap, decoded(given[2], given[3]), asks)

    async def _hand_in(
        self, interaction: Interaction, actor: Actor, gap: Gap, place: Place, asks: tuple[str, ...]
    ) -> None:
        """The asks become the page's, and questions that it has to answer from now on."""
        drafted = await asyncio.to_thread(self._drafted, place, asks)
        why = self._say("gap-why", count=len(gap.questions))
        edit = await self._bot.office.desk.submit(drafted, actor, why, trials=asks, questions=gap.questions)
        await self._seen_to(gap)
        await _replace(interaction, self._views.proposed(edit, edit.content().title))
        await self._bot.reviews.post(edit, actor)

    async def _seen_to(self, gap: Gap) -> None:
        """What was only counted begins anew: near the group's entry, and for each of its questions."""
        await self._desk.gaps.uncount(gap.questions)
        if gap.nearest:
            await self._desk.gaps.set_aside(gap.nearest)

    async def _new(self, interaction: Interaction, given: list[str]) -> None:
        """Open the form of a new page with these asks; it will answer these questions."""
        if not await self._bot.office.admits(interaction, Act.GAPS):
            return
        gap = await self._found(given[0])
        if gap is None:
            await self._gone(interaction)
            return
        asks = whole_lines(asks_from(gap.texts))
        await self._bot.workbench.open_new(interaction, asks, gap.questions[:_MOST_QUESTIONS])

    # --- letting go ------------------------------------------------------------------------------------------

    async def _doubt(self, interaction: Interaction, given: list[str]) -> None:
        if not await self._bot.office.admits(interaction, Act.GAPS):
            return
        await interaction.response.defer()
        gap = await self._as_seen(interaction, given)
        if gap is not None:
            await _replace(interaction, self._views.doubt(gap, stamp_of(gap)))

    async def _close(self, interaction: Interaction, given: list[str]) -> None:
        """The questions of a group have an answer by now: who waits is told, and they are forgotten."""
        if not await self._bot.office.admits(interaction, Act.GAPS):
            return
        entry = given[2]
        await interaction.response.defer()
        gap = await self._as_seen(interaction, given)
        if gap is None or entry not in self._desk.answerer.knowledge.entries:
            return
        await self._seen_to(gap)
        await self._desk.gaps.answered(gap.questions, entry)
        self._bot.office.behind(self._bot.voices.tell_waiting(), "tell")
        await _replace(interaction, await self.shown())

    async def _dismiss(self, interaction: Interaction, given: list[str]) -> None:
        """Delete the questions of a group, with the notes that wait for them; a silent count begins anew."""
        if not await self._bot.office.admits(interaction, Act.GAPS):
            return
        await interaction.response.defer()
        gap = await self._as_seen(interaction, given)
        if gap is None:
            return
        await self._seen_to(gap)
        await self._desk.gaps.dismiss(gap.questions)
        await _replace(interaction, await self.shown())


def stamp_of(gap: Gap) -> str:
    """A short mark of the questions in a group: another one when a question came or went."""
    return packed(zlib.crc32(" ".join(map(str, sorted(gap.questions))).encode()))


async def _replace(interaction: Interaction, view: ui.LayoutView) -> None:
    """Put a view in the place of the one that was pressed."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.edit_message(view=view)


def add_gaps_command(bot: NextStep) -> None:
    """/gaps, for editors."""

    @bot.tree.command(name="gaps", description=bot.desk.interface.say("gaps-description"))
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def gaps(interaction: discord.Interaction[NextStep]) -> None:
        if await bot.office.admits(interaction, Act.GAPS):
            await interaction.response.defer(ephemeral=True, thinking=True)  # the questions are put together first
            await answer(interaction, (Card(await bot.board.shown(), kind="gaps"),))
