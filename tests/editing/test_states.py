"""The table of steps, walked in full: what DESIGN allows, spelled out once more, and nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from bot.editing.states import RULES, Role, State, Step, after, steps_for
from bot.errors import EditError

WRITE = {Role.MODERATOR, Role.EDITOR, Role.CLINICIAN}
DECIDE = {Role.EDITOR, Role.CLINICIAN}
OWN, OTHERS, BOTH = {True}, {False}, {True, False}

ALLOWED: dict[tuple[str | None, str], tuple[str, set[Role], set[bool]]] = {
    (None, "begin"): ("draft", WRITE, BOTH),
    (None, "hide"): ("hidden", DECIDE, BOTH),
    ("draft", "save"): ("draft", WRITE, OWN),
    ("draft", "propose"): ("proposed", WRITE, OWN),
    ("draft", "take back"): ("taken back", WRITE, OWN),
    ("proposed", "take back"): ("taken back", WRITE, OWN),
    ("proposed", "approve"): ("published", DECIDE, OTHERS),
    ("proposed", "decline"): ("declined", DECIDE, OTHERS),
    ("proposed", "request changes"): ("changes requested", DECIDE, OTHERS),
    ("changes requested", "save"): ("changes requested", WRITE, OWN),
    ("changes requested", "propose"): ("proposed", WRITE, OWN),
    ("changes requested", "take back"): ("taken back", WRITE, OWN),
    ("changes requested", "decline"): ("declined", DECIDE, OTHERS),
    ("published", "revert"): ("reverted", DECIDE, BOTH),
    ("published", "keep"): ("published", DECIDE, BOTH),
    ("published", "leave to the files"): ("superseded", DECIDE, BOTH),
    ("published", "supersede"): ("superseded", {Role.PROGRAM}, BOTH),
    ("published", "retire"): ("retired", {Role.PROGRAM}, BOTH),
    ("superseded", "restore"): ("published", {Role.PROGRAM}, BOTH),
    ("retired", "restore"): ("published", {Role.PROGRAM}, BOTH),
    ("hidden", "show again"): ("taken back", DECIDE, BOTH),
}
EVERY = list(product((None, *State), Step, Role, (True, False)))


def expected(before: State | None, step: Step, role: Role, own: bool) -> str | None:
    state, roles, whose = ALLOWED.get((before.value if before else None, step.value), ("", set(), set()))
    return state if role in roles and own in whose else None


def test_every_step_from_every_state_by_everybody() -> None:
    assert len(EVERY) == 11 * 15 * 6 * 2
    for before, step, role, own in EVERY:
        wanted = expected(before, step, role, own)
        try:
            got: str | None = after(before, step, role, own).value
        except EditError:
            got = None
        assert got == wanted, (before, step, role, own)


def test_every_rule_of_the_table_is_spelled_out_here() -> None:
    assert {(rule.before, rule.step.value) for rule in RULES} == set(ALLOWED)


def test_the_buttons_shown_are_exactly_the_steps_that_work() -> None:
    for state, role, own in product(State, Role, (True, False)):
        works = {step for step in Step if expected(state, step, role, own)}
        assert set(steps_for(state, role, own)) == works


@pytest.mark.parametrize("role", [Role.STRANGER, Role.MEMBER])
def test_members_and_strangers_get_nothing(role: Role) -> None:
    assert not any(expected(before, step, role, own) for before, step, _, own in EVERY)


def test_refusals_say_why_and_what_is_possible() -> None:
    with pytest.raises(EditError, match="You wrote this edit"):
        after(State.PROPOSED, Step.APPROVE, Role.EDITOR, own=True)
    with pytest.raises(EditError, match="clinician or editor"):
        after(State.PROPOSED, Step.APPROVE, Role.MODERATOR, own=False)
    with pytest.raises(EditError, match="closed; begin a new edit"):
        after(State.DECLINED, Step.APPROVE, Role.EDITOR, own=False)
    with pytest.raises(EditError, match=r"What is possible now: .*propose"):
        after(State.DRAFT, Step.APPROVE, Role.EDITOR, own=False)
