"""The editors' desk: one call for each thing that a form, a button or a command does with an edit.

Every call either gives back what was stored, or raises an :class:`~bot.errors.EditError` whose sentences are for the
editor. After publishing, reverting, hiding and showing, members get the new answers before the call returns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from bot.editing.checks import Complaint, complaints_about
from bot.editing.differences import FieldDifference, differences
from bot.editing.drafts import Drafted, as_of, signed, without_uncited
from bot.editing.merging import merged
from bot.editing.model import (
    Actor,
    Deed,
    Edit,
    Ground,
    Place,
    Snapshot,
    Taken,
    Value,
    content_hash,
    snapshot_text,
    value_in,
)
from bot.editing.overlay import Flag
from bot.editing.publisher import Publisher
from bot.editing.states import SERVED, Role, State, Step, may_begin, steps_for
from bot.editing.store import Store
from bot.errors import EditError
from bot.knowledge.model import Entry, Knowledge, Reviewer, Stakes

log = logging.getLogger(__name__)
_MOST_VERDICTS: Final = 500
_Key = tuple[Place, int, date]
"""A place, the hash of a text for it, and the day on which it was judged."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a deployment decides: whether entries of high stakes need a clinician's approval, and how many edits of one
    moderator may wait at a time."""

    clinician_for_high_stakes: bool = False
    most_waiting: int = 10


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """Everything about an edit that its reviewer reads, but its impact, which takes longer."""

    edit: Edit
    differences: tuple[FieldDifference, ...]
    is_before_known: bool
    """Whether that is what it changes; otherwise it is how it differs from the file of now."""
    complaints: tuple[Complaint, ...]
    steps: tuple[Step, ...]
    """What the one who looks may do."""
    stale: bool
    """Whether another text is served now than the one that it was written on."""
    needs_clinician: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One edit in an entry's history: the edit, its steps, and what it changed against what came before."""

    edit: Edit
    steps: tuple[Taken, ...]
    differences: tuple[FieldDifference, ...]
    is_before_known: bool
    """Whether the text that it took the place of is still known; otherwise it is held against the file of now."""


@dataclass(frozen=True, slots=True)
class UpToDate:
    """A draft's text on top of what is served, and the fields that somebody else changed as well."""

    snapshot: Snapshot
    clashes: tuple[str, ...]


@dataclass
class EditDesk:
    """The doors for editing. ``clock`` gives the present moment (UTC)."""

    store: Store
    publisher: Publisher[Any]
    clock: Callable[[], datetime]
    policy: Policy = Policy()
    _judged: Knowledge | None = field(default=None, repr=False)
    _verdicts: dict[_Key, tuple[Complaint, ...]] = field(default_factory=dict, repr=False)
    """What the rules said about each text, among the knowledge that was judged."""

    @property
    def knowledge(self) -> Knowledge:
        """What drafts are written on: what is served, hidden things included."""
        return self.publisher.now.overlaid.beneath

    # --- writing -------------------------------------------------------------------------------------------------

    async def begin(
        self,
        drafted: Drafted,
        actor: Actor,
        why: str = "",
        trials: Sequence[str] = (),
        questions: Sequence[int] = (),
    ) -> Edit:
        """Keep a draft, complaints and all, as long as its fields make a whole."""
        self._may_write(actor)
        await self._refuse_floods(actor)
        snapshot = self._whole(drafted)
        return await self.store.begin(snapshot, self._ground(drafted), self._deed(actor, why), trials, questions)

    async def save(self, edit: Edit, drafted: Drafted, actor: Actor, why: str = "") -> Edit:
        """Another text for one's own draft."""
        return await self.store.save(edit, self._deed(actor, why), self._whole(drafted), self._ground(drafted))

    async def propose(self, edit: Edit, actor: Actor, why: str = "") -> Edit:
        """Hand a draft in for review. Refused with every grave complaint at once."""
        await self.refuse_unfit(edit.content())
        return await self.store.take(edit, Step.PROPOSE, self._deed(actor, why))

    async def submit(
        self,
        drafted: Drafted,
        actor: Actor,
        why: str = "",
        trials: Sequence[str] = (),
        questions: Sequence[int] = (),
    ) -> Edit:
        """Begin and propose in one go; nothing is kept when there is a grave complaint."""
        self._refuse(drafted.complaints)
        return await self.propose(await self.begin(drafted, actor, why, trials, questions), actor, why)

    async def take_back(self, edit: Edit, actor: Actor, why: str = "") -> Edit:
        """Withdraw one's own edit before it is decided on."""
        return await self.store.take(edit, Step.TAKE_BACK, self._deed(actor, why))

    # --- deciding ------------------------------------------------------------------------------------------------

    async def request_changes(self, edit: Edit, actor: Actor, why: str) -> Edit:
        """Send another's edit back with a reason."""
        return await self.store.take(edit, Step.REQUEST_CHANGES, self._deed(actor, _reason(why)))

    async def decline(self, edit: Edit, actor: Actor, why: str) -> Edit:
        """Close another's edit with a reason."""
        return await self.store.take(edit, Step.DECLINE, self._deed(actor, _reason(why)))

    async def approve(self, edit: Edit, actor: Actor, *, read: bool, why: str = "") -> Edit:
        """Publish another's edit. ``read`` says that the reviewer read the whole entry through: only then is it signed,
        as reviewed by a clinician when one approves, otherwise by an editor."""
        snapshot = edit.content()
        await self.refuse_unfit(snapshot)
        if self.needs_clinician(snapshot) and actor.role is not Role.CLINICIAN:
            raise EditError(
                f"{snapshot.title} is an entry of high stakes; here a clinician has to approve those. Nothing changed."
            )
        final = signed(without_uncited(snapshot), self._served(edit.place), _reviewer(actor, read), self.clock().date())
        file = self.publisher.now.file_hash(edit.place)
        published = await self.store.publish(edit, self._deed(actor, why), final, file)
        await self._serve()
        return published

    async def revert(self, edit: Edit, actor: Actor, why: str) -> Edit:
        """Take a published edit back: the text before it is served again."""
        reverted = await self.store.revert(edit, self._deed(actor, _reason(why)))
        await self._serve()
        return reverted

    async def hide(self, place: Place, actor: Actor, why: str) -> Edit:
        """The emergency switch: one editor, at once."""
        if value_in(self.knowledge, place) is None:
            raise EditError(f"There is no {place.subject} {place.key} to hide. Check its name.")
        hidden = await self.store.hide(place, self._deed(actor, _reason(why)))
        await self.publisher.withhold(place)
        return hidden

    async def show(self, edit: Edit, actor: Actor, why: str = "") -> Edit:
        """Serve a hidden thing again."""
        shown = await self.store.take(edit, Step.SHOW, self._deed(actor, why))
        await self._serve()
        return shown

    async def keep(self, edit: Edit, actor: Actor, why: str = "") -> Edit:
        """Keep a published text although its file changed: the flag goes, the text stays."""
        kept = await self.store.keep(edit, self._deed(actor, why), self.publisher.now.file_hash(edit.place))
        await self._serve()
        return kept

    async def settle(self, edit: Edit, actor: Actor, why: str = "") -> Edit:
        """Leave an entry to its file, which holds the text already or a better one."""
        settled = await self.store.take(edit, Step.SETTLE, self._deed(actor, why))
        await self._serve()
        return settled

    # --- looking -------------------------------------------------------------------------------------------------

    async def seen(self, number: int, version: int) -> Edit:
        """The edit behind a button that was drawn at ``version``.

        Raises:
            EditError: it is gone, or somebody took a step since.
        """
        edit = await self.store.of(number)
        if edit.version != version:
            raise EditError(f"Edit {number} is {edit.state} by now; this card is out of date. Open it again.")
        return edit

    async def card(self, edit: Edit, actor: Actor) -> ReviewCard:
        """What a reviewer reads; the rules have nothing to say about what is decided."""
        snapshot = edit.content()
        return ReviewCard(
            edit,
            *await self._changes(edit),
            await self.complaints(snapshot) if edit.state.is_open else (),
            steps_for(edit.state, actor.role, own=edit.is_by(actor)),
            stale=self.is_stale(edit),
            needs_clinician=self.needs_clinician(snapshot),
        )

    async def may_read(self, edit: Edit, actor: Actor) -> bool:
        """Whether somebody may see an edit: what was never handed in is its writers' alone."""
        if edit.is_by(actor) or edit.state not in (State.DRAFT, State.TAKEN_BACK):
            return True
        return any(one.step in (Step.PROPOSE, Step.HIDE) for one in await self.store.steps(edit.id))

    async def changes(self, edit: Edit) -> tuple[FieldDifference, ...]:
        """What an edit changes against what is served, or what it changed when it was published.

        Where the text before that is no longer known, as when the file was changed since: how it differs from the file.
        """
        return (await self._changes(edit))[0]

    async def _changes(self, edit: Edit) -> tuple[tuple[FieldDifference, ...], bool]:
        """The changes, and whether the text before is known."""
        if edit.state not in SERVED:
            return differences(self._served(edit.place), edit.content().value), True
        versions = await self.history(edit.place)
        found = next((one for one in versions if one.edit.id == edit.id), None)
        return (found.differences, found.is_before_known) if found else ((), False)

    def is_stale(self, edit: Edit) -> bool:
        """Whether another text is served now than the one that an open edit was written on."""
        return edit.state.is_open and content_hash(self._served(edit.place)) != edit.ground.base

    async def complaints(self, snapshot: Snapshot) -> tuple[Complaint, ...]:
        """What the rules say about a text among what is served. They read every page, which takes a second: in a
        worker thread, and once for each text."""
        around, today = self.publisher.now.overlaid.beneath, self.clock().date()
        known, key = self._known_verdicts(around), _key(snapshot, today)
        if key not in known:
            known[key] = await asyncio.to_thread(complaints_about, snapshot, around, today)
        return known[key]

    def _known_verdicts(self, around: Knowledge) -> dict[_Key, tuple[Complaint, ...]]:
        """What the rules said about texts among what is served."""
        if self._judged is not around or len(self._verdicts) > _MOST_VERDICTS:
            self._judged, self._verdicts = around, {}
        return self._verdicts

    async def refuse_unfit(self, snapshot: Snapshot) -> None:
        """Refuse a text with every grave complaint at once."""
        self._refuse(await self.complaints(snapshot))

    async def history(self, place: Place) -> tuple[Version, ...]:
        """Every edit of a thing, newest first, with who by role, when, why, and what it changed, as far as is known."""
        edits = await self.store.history(place)
        versions: list[Version] = []
        for edit in edits:
            before = next((one for one in edits if one.id == edit.previous), None)
            old = before.snapshot.value if before and before.snapshot else value_in(self.publisher.now.files, place)
            new = edit.snapshot.value if edit.snapshot else None
            is_known = content_hash(old) == edit.ground.base
            versions.append(Version(edit, await self.store.steps(edit.id), differences(old, new), is_known))
        return tuple(versions)

    async def up_to_date(self, edit: Edit) -> UpToDate:
        """A draft on top of what is served now, for its author to go on with.

        When another text was published meanwhile, the author's changes are carried over to it.
        """
        snapshot, served = edit.content(), self._served(edit.place)
        if snapshot.value is None or served is None or content_hash(served) == edit.ground.base:
            return UpToDate(snapshot, ())
        base = await self._base_of(edit)
        if base is None or not type(base) is type(served) is type(snapshot.value):
            return UpToDate(snapshot, tuple(one.field for one in differences(served, snapshot.value)))
        joined = merged(snapshot.value, base, served)
        return UpToDate(replace(snapshot, value=joined.value), joined.clashes)

    async def _base_of(self, edit: Edit) -> Value | None:
        """The text that an edit was written on, when it is still known."""
        known = [value_in(self.publisher.now.files, edit.place)]
        known += [one.snapshot.value for one in await self.store.history(edit.place) if one.snapshot]
        return next((value for value in known if value is not None and content_hash(value) == edit.ground.base), None)

    async def again(self, edit: Edit) -> Drafted:
        """An older version as a new draft on top of what is served now."""
        return await asyncio.to_thread(as_of, edit.content(), self.knowledge, self.clock().date())

    def flags(self) -> tuple[Flag, ...]:
        """Published edits that need an editor's decision."""
        return self.publisher.now.flags

    def needs_clinician(self, snapshot: Snapshot) -> bool:
        """Whether a clinician has to approve: high stakes before or after, where the deployment asks for it."""
        both = (snapshot.value, self._served(snapshot.place))
        high = any(isinstance(value, Entry) and value.stakes is Stakes.HIGH for value in both)
        return self.policy.clinician_for_high_stakes and high

    # --- inside --------------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        """Swap the answerer; the step itself is stored by now."""
        try:
            await self.publisher.refresh()
        except Exception as fault:
            log.exception("event=swap-failed")
            raise EditError(
                f"This is stored, but the new answers could not be built ({type(fault).__name__}). The old ones are "
                "given until the bot is restarted; please tell the maintainers."
            ) from fault

    def _served(self, place: Place) -> Value | None:
        return value_in(self.knowledge, place)

    def _ground(self, drafted: Drafted) -> Ground:
        return Ground(drafted.base, self.publisher.now.file_hash(drafted.place))

    def _deed(self, actor: Actor, why: str) -> Deed:
        return Deed(actor, int(self.clock().timestamp()), why.strip())

    def _may_write(self, actor: Actor) -> None:
        if not may_begin(actor.role):
            raise EditError("Only moderators, editors and clinicians can write edits. Ask one of them to pass it on.")

    async def _refuse_floods(self, actor: Actor) -> None:
        """Reviewers' time is scarce: who is not an editor has a bounded number of edits waiting."""
        if actor.role is not Role.MODERATOR:
            return
        waiting = sum(edit.is_by(actor) for edit in await self.store.open())
        if waiting >= self.policy.most_waiting:
            raise EditError(
                f"{waiting} edits of yours are waiting already. Wait until some are decided, or take one back."
            )

    def _whole(self, drafted: Drafted) -> Snapshot:
        """The text of a draft, about which the rules need not be asked again."""
        if drafted.snapshot is None:
            raise EditError("\n".join((*map(str, drafted.grave), "Nothing was kept. Mend this and try again.")))
        verdict, around = drafted.verdict, self.publisher.now.overlaid.beneath
        if verdict is not None and verdict.around is around:
            self._known_verdicts(around)[_key(drafted.snapshot, verdict.today)] = verdict.complaints
        return drafted.snapshot

    def _refuse(self, complaints: Sequence[Complaint]) -> None:
        grave = [str(one) for one in complaints if one.grave]
        if grave:
            raise EditError("\n".join((*grave, "Nothing was handed in. Mend this and try again.")))


def _key(snapshot: Snapshot, today: date) -> _Key:
    return snapshot.place, hash(snapshot_text(snapshot)), today


def _reason(why: str) -> str:
    if not why.strip():
        raise EditError("Please give a reason in a few words, so that the others understand.")
    return why


def _reviewer(actor: Actor, read: bool) -> Reviewer:
    if not read:
        return Reviewer.NONE
    return Reviewer.CLINICIAN if actor.role is Role.CLINICIAN else Reviewer.EDITOR
