"""Forms that outlive a restart: a form carries in its custom id all that its answer needs.

Discord keeps what somebody typed in an open form until the bot has answered; with nothing held in memory, a long text
is never lost because the bot was restarted or half an hour went by.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.client.ids import VERSION, arguments
from bot.client.interface import shortened
from bot.client.responses import Interaction, note

if TYPE_CHECKING:
    from bot.client.bot import NextStep

FORM_PATTERN: Final = re.compile(r"nsf(?P<version>\d+):(?P<action>[a-z]+)(?::(?P<rest>.*))?", re.DOTALL)
TEXT: Final = 4000
"""Most characters of one text input."""
_LONGEST_ID: Final = 100
_LABEL, _HINT, _TITLE = 45, 100, 45

Typed = Mapping[str, str | tuple[str, ...]]
"""What was typed or chosen, by the field's custom id."""
Handler = Callable[[Interaction, list[str], Typed], Awaitable[None]]


def form_id(action: str, *given: object) -> str:
    """The custom id of a form. Raises ``ValueError`` over 100 characters."""
    made = ":".join((f"nsf{VERSION}", action, *map(str, given)))
    if len(made) > _LONGEST_ID:
        raise ValueError(f"the custom id for {action!r} has {len(made)} characters, at most {_LONGEST_ID}")
    return made


def text_field(
    key: str,
    label: str,
    value: str = "",
    *,
    hint: str = "",
    long: bool = False,
    required: bool = False,
    most: int = TEXT,
) -> ui.Label[Any]:
    """A text to type; ``value`` stands in it already."""
    style = discord.TextStyle.paragraph if long else discord.TextStyle.short
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=key, style=style, default=value[:most] or None, required=required, max_length=most
    )
    return _labelled(label, hint, field)


def whole_lines(lines: Sequence[str], most: int = TEXT) -> str:
    """So many lines as fit into a text input, none of them cut."""
    ends = accumulate(len(line) + 1 for line in lines)
    return "\n".join(line for line, end in zip(lines, ends, strict=True) if end <= most + 1)


def choice_field(
    key: str,
    label: str,
    options: Sequence[tuple[str, str]],
    chosen: Sequence[str] = (),
    *,
    hint: str = "",
    many: bool = False,
    required: bool = False,
) -> ui.Label[Any]:
    """A menu of (value, label) pairs, at most 25."""
    shown = list(options)[:25]
    field: ui.Select[Any] = ui.Select(
        custom_id=key,
        required=required,
        min_values=1 if required else 0,
        max_values=len(shown) if many else 1,
        options=[
            discord.SelectOption(label=shortened(text, 100), value=value, default=value in chosen)
            for value, text in shown
        ],
    )
    return _labelled(label, hint, field)


def _labelled(label: str, hint: str, field: ui.Item[Any]) -> ui.Label[Any]:
    return ui.Label(text=shortened(label, _LABEL), description=shortened(hint, _HINT) or None, component=field)


async def open_form(interaction: Interaction, title: str, custom_id: str, fields: Sequence[ui.Label[Any]]) -> None:
    """Show a form; its answer comes through :class:`Forms`, whenever that may be."""
    modal = ui.Modal(title=shortened(title, _TITLE), custom_id=custom_id)
    for field in fields:
        modal.add_item(field)
    modal.stop()  # nothing is kept for it
    await interaction.response.send_modal(modal)


class Forms:
    """The router of forms."""

    def __init__(self, bot: NextStep) -> None:
        self._bot = bot
        self._handlers: dict[str, Handler] = {}

    def add(self, action: str, handler: Handler) -> None:
        """A part of the client answers this form."""
        self._handlers[action] = handler

    @property
    def actions(self) -> frozenset[str]:
        """Every form that is answered."""
        return frozenset(self._handlers)

    def known(self, interaction: Interaction) -> re.Match[str] | None:
        """Whether an interaction is the answer to one of these forms."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return None
        return FORM_PATTERN.fullmatch(str(_data(interaction).get("custom_id", "")))

    async def submitted(self, interaction: Interaction, found: re.Match[str]) -> None:
        """Answer a form; one of an earlier version gets a calm word."""
        handler = self._handlers.get(found["action"]) if found["version"] == VERSION else None
        if handler is None:
            await note(interaction, self._bot.desk.interface.say("old-press"))
            return
        try:
            await handler(interaction, arguments(found["rest"]), typed_in(interaction))
        except (IndexError, ValueError):
            await note(interaction, self._bot.desk.interface.say("old-press"))


def typed_in(interaction: Interaction) -> Typed:
    """What was typed, by custom id. What a client leaves out is left out here too."""
    found: dict[str, str | tuple[str, ...]] = {}
    for row in _data(interaction).get("components", ()):
        for item in (row.get("component"), *row.get("components", ())):
            if isinstance(item, dict) and "custom_id" in item:
                values = item.get("values")
                value = item.get("value")
                typed = tuple(map(str, values)) if values is not None else str(value) if value is not None else ""
                found[str(item["custom_id"])] = typed
    return found


def _data(interaction: Interaction) -> Mapping[str, Any]:
    return interaction.data or {}


def text_of(typed: Typed, key: str) -> str | None:
    """A typed text without blanks around it; ``None`` when the form had no such field."""
    value = typed.get(key)
    return value.strip() if isinstance(value, str) else None


def chosen_of(typed: Typed, key: str) -> tuple[str, ...] | None:
    """What was chosen in a menu; ``None`` when the form had no such field."""
    value = typed.get(key)
    return value if isinstance(value, tuple) else None
