"""The states of an edit, the steps between them, and who may take which.

::

                       save                      save
                      ┌────┐                    ┌────┐
    begin ──► draft ──┴────┴─ propose ─► proposed ── request changes ─► changes requested ── propose ─► proposed
                │                          │  │ └─ decline ─► declined ◄─ decline ──┤
                └── take back ─► taken back ◄─┘ take back ◄───────── take back ─────┘
                                           │
                                        approve
                                           ▼
      restore ─► published ── keep ─► published          (the file changed; the reviewed snapshot stays)
                     ├── leave to the files ─► superseded (the file is right, or holds it already)
                     ├── supersede ─► superseded ─ restore ─► published
                     ├── retire ─► retired ─────── restore ─► published
                     └── revert ─► reverted

    hide ─► hidden ── show again ─► taken back            (one editor; nothing is lost)

Moderators (of any server) may propose. Editors and clinicians review what others wrote; nobody approves, declines or
sends back their own. *supersede*, *retire* and *restore* are what publishing and reverting do to other edits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.errors import EditError


class Role(StrEnum):
    """As whom somebody acts: the highest that their server roles give them."""

    STRANGER = "stranger"
    MEMBER = "member"
    MODERATOR = "moderator"
    EDITOR = "editor"
    CLINICIAN = "clinician"
    PROGRAM = "program"
    """What follows from another's step; nobody can act as this."""


class State(StrEnum):
    """Where an edit stands; the values are the words that people read."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    CHANGES_REQUESTED = "changes requested"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    REVERTED = "reverted"
    RETIRED = "retired"
    DECLINED = "declined"
    TAKEN_BACK = "taken back"
    HIDDEN = "hidden"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self in OPEN


OPEN: Final = frozenset({State.DRAFT, State.PROPOSED, State.CHANGES_REQUESTED})
STANDING: Final = frozenset({State.PUBLISHED, State.HIDDEN})
"""The states that decide what members read."""
SERVED: Final = frozenset({State.PUBLISHED, State.SUPERSEDED, State.REVERTED, State.RETIRED})
"""The states of what members read at some time."""


class Step(StrEnum):
    """What can be done to an edit, as it is shown in a history."""

    BEGIN = "begin"
    SAVE = "save"
    PROPOSE = "propose"
    REQUEST_CHANGES = "request changes"
    APPROVE = "approve"
    DECLINE = "decline"
    TAKE_BACK = "take back"
    HIDE = "hide"
    SHOW = "show again"
    REVERT = "revert"
    KEEP = "keep"
    SETTLE = "leave to the files"
    SUPERSEDE = "supersede"
    RETIRE = "retire"
    RESTORE = "restore"


class Whose(StrEnum):
    """Whose edit it must be."""

    ANYONES = "anyone's"
    OWN = "own"
    OTHERS = "others'"


@dataclass(frozen=True, slots=True)
class Rule:
    """One allowed step. ``before`` is ``None`` where the step makes the edit."""

    before: State | None
    step: Step
    after: State
    roles: frozenset[Role]
    whose: Whose = Whose.ANYONES


_WRITERS: Final = frozenset({Role.MODERATOR, Role.EDITOR, Role.CLINICIAN})
_EDITORS: Final = frozenset({Role.EDITOR, Role.CLINICIAN})
_PROGRAM: Final = frozenset({Role.PROGRAM})

RULES: Final[tuple[Rule, ...]] = (
    Rule(None, Step.BEGIN, State.DRAFT, _WRITERS),
    Rule(State.DRAFT, Step.SAVE, State.DRAFT, _WRITERS, Whose.OWN),
    Rule(State.DRAFT, Step.PROPOSE, State.PROPOSED, _WRITERS, Whose.OWN),
    Rule(State.DRAFT, Step.TAKE_BACK, State.TAKEN_BACK, _WRITERS, Whose.OWN),
    Rule(State.PROPOSED, Step.REQUEST_CHANGES, State.CHANGES_REQUESTED, _EDITORS, Whose.OTHERS),
    Rule(State.PROPOSED, Step.APPROVE, State.PUBLISHED, _EDITORS, Whose.OTHERS),
    Rule(State.PROPOSED, Step.DECLINE, State.DECLINED, _EDITORS, Whose.OTHERS),
    Rule(State.PROPOSED, Step.TAKE_BACK, State.TAKEN_BACK, _WRITERS, Whose.OWN),
    Rule(State.CHANGES_REQUESTED, Step.SAVE, State.CHANGES_REQUESTED, _WRITERS, Whose.OWN),
    Rule(State.CHANGES_REQUESTED, Step.PROPOSE, State.PROPOSED, _WRITERS, Whose.OWN),
    Rule(State.CHANGES_REQUESTED, Step.DECLINE, State.DECLINED, _EDITORS, Whose.OTHERS),
    Rule(State.CHANGES_REQUESTED, Step.TAKE_BACK, State.TAKEN_BACK, _WRITERS, Whose.OWN),
    Rule(State.PUBLISHED, Step.REVERT, State.REVERTED, _EDITORS),
    Rule(State.PUBLISHED, Step.KEEP, State.PUBLISHED, _EDITORS),
    Rule(State.PUBLISHED, Step.SETTLE, State.SUPERSEDED, _EDITORS),
    Rule(State.PUBLISHED, Step.SUPERSEDE, State.SUPERSEDED, _PROGRAM),
    Rule(State.PUBLISHED, Step.RETIRE, State.RETIRED, _PROGRAM),
    Rule(State.SUPERSEDED, Step.RESTORE, State.PUBLISHED, _PROGRAM),
    Rule(State.RETIRED, Step.RESTORE, State.PUBLISHED, _PROGRAM),
    Rule(None, Step.HIDE, State.HIDDEN, _EDITORS),
    Rule(State.HIDDEN, Step.SHOW, State.TAKEN_BACK, _EDITORS),
)
"""Every allowed step; what is not listed is refused."""


def after(before: State | None, step: Step, role: Role, own: bool) -> State:
    """The state that ``step`` leads to.

    Raises:
        EditError: the table does not allow it; the sentence says why and what is possible instead.
    """
    fitting = [rule for rule in RULES if rule.before is before and rule.step is step]
    if not fitting:
        raise EditError(_impossible(before, step))
    (rule,) = fitting
    if role not in rule.roles:
        raise EditError(f"“{step}” takes the role {_roles(rule)} here, and you act as {role}. Ask one of them.")
    if rule.whose is Whose.OTHERS and own:
        raise EditError(f"You wrote this edit, so somebody else has to decide on it. “{step}” is not for its author.")
    if rule.whose is Whose.OWN and not own:
        raise EditError(f"Only the author can “{step}” here. You can write an edit of your own.")
    return rule.after


def steps_for(state: State, role: Role, own: bool) -> tuple[Step, ...]:
    """The steps that somebody may take from ``state``: the buttons to show."""
    whose = {Whose.ANYONES, Whose.OWN if own else Whose.OTHERS}
    return tuple(rule.step for rule in RULES if rule.before is state and role in rule.roles and rule.whose in whose)


def may_begin(role: Role) -> bool:
    """Whether somebody may write edits at all."""
    return role in _WRITERS


def _impossible(before: State | None, step: Step) -> str:
    if before is None:
        return f"“{step}” needs an edit that exists. Begin one first."
    people = sorted({rule.step for rule in RULES if rule.before is before and Role.PROGRAM not in rule.roles})
    next_steps = ", ".join(people)
    hint = f"What is possible now: {next_steps}." if people else "It is closed; begin a new edit instead."
    return f"This edit is {before}, so “{step}” is not possible. {hint}"


def _roles(rule: Rule) -> str:
    return " or ".join(sorted(role.value for role in rule.roles if role is not Role.PROGRAM)) or "of the program itself"
