"""Who may do what: one table, from which the check and its test both come.

A role is read from each interaction anew, from what Discord itself sent: the person's roles in the server where they
act, and their permissions there. A custom id, an option or a form never says who somebody is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import discord

from bot.client.responses import Interaction
from bot.editing.states import Role
from bot.storage import GuildSettings


class Act(StrEnum):
    """What somebody wants to do with the knowledge, in groups that are always granted together."""

    LOOK = "look"
    """Search, read a page's history, see an edit."""
    PROPOSE = "propose"
    """Begin, change, hand in and take back one's own edits of entries, redirects and sources."""
    DECIDE = "decide"
    """Approve, send back or decline what others wrote."""
    REVERT = "revert"
    """Take a published edit back."""
    HIDE = "hide"
    """Hide something in an emergency, and show it again."""
    SETTLE = "settle"
    """Decide between a published edit and a file that changed."""
    GAPS = "gaps"
    """See and work on what members did not get."""
    INSIGHTS = "insights"
    """See the month in figures."""


_WRITERS: Final = frozenset({Role.MODERATOR, Role.EDITOR, Role.CLINICIAN})
_EDITORS: Final = frozenset({Role.EDITOR, Role.CLINICIAN})

TABLE: Final[Mapping[Act, frozenset[Role]]] = {
    Act.LOOK: _WRITERS,
    Act.PROPOSE: _WRITERS,
    Act.DECIDE: _EDITORS,
    Act.REVERT: _EDITORS,
    Act.HIDE: _EDITORS,
    Act.SETTLE: _EDITORS,
    Act.GAPS: _EDITORS,
    Act.INSIGHTS: _EDITORS,
}
"""What each role may do; what is not listed is refused."""


def may(role: Role, act: Act) -> bool:
    """Whether the table gives it."""
    return role in TABLE[act]


def role_of(interaction: Interaction, settings: GuildSettings, home: frozenset[int]) -> Role:
    """As whom somebody acts, by the server where they act.

    Editors and clinicians are roles of the deployment's home servers alone. Moderators are those of any server that
    the bot is a member of: who may manage messages, or has the moderator role that its administrator chose. In direct
    messages, and in servers that the bot is not in, everybody is a stranger.
    """
    member, guild = interaction.user, interaction.guild_id
    if guild is None or not isinstance(member, discord.Member) or interaction.client.get_guild(guild) is None:
        return Role.STRANGER
    if guild in home:
        if has_role(member, settings.clinician_role):
            return Role.CLINICIAN
        if has_role(member, settings.editor_role):
            return Role.EDITOR
    if interaction.permissions.manage_messages or has_role(member, settings.moderator_role):
        return Role.MODERATOR
    return Role.MEMBER


def has_role(member: discord.Member, role: int | None) -> bool:
    """Whether somebody has a role; ``@everyone`` has the server's own number and makes nobody anything."""
    return role is not None and role != member.guild.id and member.get_role(role) is not None
