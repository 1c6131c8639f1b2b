"""/setup: one private panel in three pages. Every change is saved at once; nothing is kept in memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import discord
from discord import app_commands, ui

from bot.answering.support import countries
from bot.client.cards import Card, cards, press
from bot.client.commands import countries_like
from bot.client.ids import button_id, menu_id
from bot.client.menus import Pick
from bot.client.places import is_for_venting
from bot.client.responses import Interaction, answer, note
from bot.client.selfcheck import report
from bot.client.shapes import Block, Control, Drawing, Style
from bot.storage import GuildSettings, Staffed

if TYPE_CHECKING:
    from bot.client.bot import NextStep

MOST_CHANNELS: Final = 25
MODAL_SECONDS: Final = 900.0
PAGES: Final = (("channels", "setup-next-button"), ("people", "setup-people-button"), ("more", "setup-more-button"))
_SINGLE: Final = {
    "setl": "alert_channel",
    "seto": "alert_role",
    "setm": "moderator_role",
    "sete": "editor_role",
    "setk": "clinician_role",
}
_TEXT_CHANNELS: Final = [discord.ChannelType.text, discord.ChannelType.forum, discord.ChannelType.news]
_HOURS: Final = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–—]\s*(\d{1,2})[:.](\d{2})")


class Panel:
    """Draws the panel and stores what is chosen in it."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk = bot, bot.desk
        for action in ("setp", "sett", "setn", "setc", "seth", "sets", "setz"):
            bot.presses.add(action, self._checked(action))
        for action in ("seta", "setw", *_SINGLE):
            bot.picks.add(action, self._chosen(action))

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    def _label(self, name: str) -> str:
        return self._desk.interface.label(name)

    # --- drawing ---------------------------------------------------------------------------------------------

    def view(
        self, settings: GuildSettings, page: str, *, saved: bool = False, left_out: Sequence[int] = ()
    ) -> ui.LayoutView:
        """The panel's page; ``left_out`` are channels that were chosen and are not for answers."""
        step = self._say("setup-step", step=_step(page) + 1, steps=len(PAGES))
        head = "\n".join([self._say("setup-title"), self._say("setup-lead"), step])
        container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(head), ui.Separator())
        draw = {"people": self._people, "more": self._more}.get(page, self._channels)
        for item in draw(settings):
            container.add_item(item)
        if left_out:
            channels = ", ".join(f"<#{one}>" for one in left_out)
            container.add_item(ui.TextDisplay(self._say("setup-vent", channels=channels)))
        if saved:
            container.add_item(ui.TextDisplay(self._say("setup-saved")))
        container.add_item(ui.Separator())
        container.add_item(self._navigation(page))
        view = ui.LayoutView(timeout=None)
        view.add_item(container)
        return view

    def _navigation(self, page: str) -> ui.ActionRow[Any]:
        onward = _step(page) + 1
        leads = [
            Control(self._label(label), button_id("setp", name), Style.MAIN if at == onward else Style.PLAIN)
            for at, (name, label) in enumerate(PAGES)
            if at != onward - 1
        ]
        last = onward == len(PAGES)
        test = Control(self._label("setup-test-button"), button_id("sett"), Style.MAIN if last else Style.PLAIN)
        notice = Control(self._label("notice-button"), button_id("setn"))
        return ui.ActionRow(*(press(control) for control in (*leads, notice, test)))

    def _channels(self, settings: GuildSettings) -> list[ui.Item[Any]]:
        items: list[ui.Item[Any]] = [ui.TextDisplay(self._say("setup-answer"))]
        items.append(self._channel_row("seta", "setup-answer-placeholder", settings.answer_in, MOST_CHANNELS))
        items.append(ui.TextDisplay(self._say("setup-watch")))
        items.append(self._channel_row("setw", "setup-watch-placeholder", settings.watch_in, MOST_CHANNELS))
        if settings.listens and not self._bot.hears_all:
            items.append(ui.TextDisplay(self._say("setup-intent-off")))
        return items

    def _people(self, settings: GuildSettings) -> list[ui.Item[Any]]:
        alert = frozenset({settings.alert_channel} if settings.alert_channel else ())
        roles = [("seto", "alert-role", settings.alert_role), ("setm", "moderator", settings.moderator_role)]
        if settings.guild_id in self._bot.office.home:
            roles += [("sete", "editor", settings.editor_role), ("setk", "clinician", settings.clinician_role)]
        items: list[ui.Item[Any]] = [ui.TextDisplay(self._say("setup-alert"))]
        items.append(self._channel_row("setl", "setup-alert-placeholder", alert, 1))
        for action, name, chosen in roles:  # a chosen role hides the placeholder, so each menu has a line above it
            items.append(ui.TextDisplay(self._say(f"setup-{name}")))
            items.append(self._role_row(action, f"setup-{name}-placeholder", chosen))
        return items

    def _more(self, settings: GuildSettings) -> list[ui.Item[Any]]:
        names = dict(countries(self._desk.answerer.safety))
        country = names.get(settings.country or "", settings.country) or self._say("setup-country-none")
        hours = hours_text(settings.staffed) or self._say("setup-hours-none")
        plain, paused = settings.plain, settings.paused
        rows = (
            (self._say("setup-country", country=country), "setup-country-button", "setc"),
            (self._say("setup-hours", hours=hours), "setup-hours-button", "seth"),
            (
                self._say("setup-plain-on" if plain else "setup-plain-off"),
                "setup-rich-button" if plain else "setup-plain-button",
                "sets",
            ),
            (
                self._say("setup-paused" if paused else "setup-running"),
                "setup-resume-button" if paused else "setup-pause-button",
                "setz",
            ),
        )
        return [
            ui.Section(ui.TextDisplay(text), accessory=press(Control(self._label(label), button_id(action))))
            for text, label, action in rows
        ]

    def _channel_row(self, action: str, placeholder: str, chosen: frozenset[int], most: int) -> ui.ActionRow[Any]:
        kinds = discord.SelectDefaultValueType
        select: ui.ChannelSelect[Any] = ui.ChannelSelect(
            custom_id=menu_id(action),
            channel_types=_TEXT_CHANNELS if action != "setl" else _TEXT_CHANNELS[:1],
            placeholder=self._say(placeholder)[:150],
            min_values=0,
            max_values=most,
            default_values=[discord.SelectDefaultValue(id=one, type=kinds.channel) for one in sorted(chosen)[:most]],
        )
        return ui.ActionRow(Pick(select))

    def _role_row(self, action: str, placeholder: str, chosen: int | None) -> ui.ActionRow[Any]:
        kinds = discord.SelectDefaultValueType
        select: ui.RoleSelect[Any] = ui.RoleSelect(
            custom_id=menu_id(action),
            placeholder=self._say(placeholder)[:150],
            min_values=0,
            max_values=1,
            default_values=[discord.SelectDefaultValue(id=chosen, type=kinds.role)] if chosen else [],
        )
        return ui.ActionRow(Pick(select))

    # --- changing --------------------------------------------------------------------------------------------

    async def allowed(self, interaction: Interaction) -> bool:
        """Whether this person may set up this server; tells those who may not."""
        only_user = interaction.is_user_integration() and not interaction.is_guild_integration()
        if interaction.guild is None or only_user:
            await note(interaction, self._say("setup-only-here"))
            return False
        if not interaction.permissions.manage_guild:
            await note(interaction, self._say("setup-not-allowed"))
            return False
        return True

    def _checked(self, action: str) -> Any:
        async def handle(interaction: Interaction, given: list[str]) -> None:
            if await self.allowed(interaction):
                await self._pressed(interaction, action, given)

        return handle

    async def _pressed(self, interaction: Interaction, action: str, given: list[str]) -> None:
        settings = self._bot.settings_of(interaction)
        match action:
            case "setp":
                await interaction.response.edit_message(view=self.view(settings, given[0]))
            case "sett":
                await self._test(interaction, settings)
            case "setn":
                await note(interaction, f"```\n{self.notice(settings)}\n```")
            case "setc":
                await interaction.response.send_modal(CountryForm(self._bot, settings))
            case "seth":
                await interaction.response.send_modal(HoursForm(self._bot, settings))
            case "sets":
                await self.save(interaction, replace(settings, plain=not settings.plain), "more")
            case _:
                await self.save(interaction, replace(settings, paused=not settings.paused), "more")

    async def _test(self, interaction: Interaction, settings: GuildSettings) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        lines = await report(self._bot, interaction, settings)
        drawing = Drawing((Block((self._say("test-title"), *lines), "\n"),))
        await answer(interaction, cards(drawing, self._desk.interface))

    def _chosen(self, action: str) -> Any:
        async def handle(interaction: Interaction, given: list[str], values: list[str]) -> None:  # noqa: ARG001
            if await self.allowed(interaction):
                ids = [int(value) for value in values if value.isdigit()]
                left = self._for_venting(interaction, ids) if action == "seta" else []
                chosen = [one for one in ids if one not in left]
                settings, page = self._changed(self._bot.settings_of(interaction), action, chosen)
                await self.save(interaction, settings, page, left_out=left)

        return handle

    def _for_venting(self, interaction: Interaction, ids: list[int]) -> list[int]:
        """The channels that are not for answers, however well they are meant."""
        guild, interface = interaction.guild, self._desk.interface
        return [one for one in ids if guild is not None and is_for_venting(guild.get_channel(one), interface)]

    def _changed(self, settings: GuildSettings, action: str, ids: list[int]) -> tuple[GuildSettings, str]:
        """The settings with what was chosen, and the page it is on."""
        if action == "seta":
            return replace(settings, answer_in=frozenset(ids)), "channels"
        if action == "setw":
            return replace(settings, watch_in=frozenset(ids)), "channels"
        changed = {_SINGLE[action]: ids[0] if ids else None}
        return replace(settings, **changed), "people"  # type: ignore[arg-type]

    async def save(
        self, interaction: Interaction, settings: GuildSettings, page: str, left_out: Sequence[int] = ()
    ) -> None:
        """Store the settings and show the page again."""
        await self._desk.settings.save(settings)
        await interaction.response.edit_message(view=self.view(settings, page, saved=True, left_out=left_out))

    def notice(self, settings: GuildSettings) -> str:
        """The text that administrators put into a channel's description, so that members know."""
        return self._say(
            "channel-notice",
            answer=self._say("notice-answer") if settings.answer_in else "",
            watch=self._say("notice-watch") if settings.watch_in else "",
            alerts=self._say("notice-alerts") if settings.alert_channel else "",
        )


def _step(page: str) -> int:
    """Which of the pages it is; the first for what is none."""
    return next((at for at, (name, _) in enumerate(PAGES) if name == page), 0)


class _Form(ui.Modal):
    """A small form of the panel."""

    def __init__(self, bot: NextStep, settings: GuildSettings, title: str) -> None:
        super().__init__(title=bot.desk.interface.say(title)[:45], timeout=MODAL_SECONDS)
        self._bot, self._settings = bot, settings

    def _field(self, label: str, hint: str, value: str | None) -> ui.TextInput[Any]:
        say = self._bot.desk.interface.say
        field: ui.TextInput[Any] = ui.TextInput(default=value, max_length=60, required=False)
        self.add_item(ui.Label(text=say(label)[:45], description=say(hint)[:100], component=field))
        return field

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whoever opened the form may have lost the right since."""
        return await self._bot.panel.allowed(interaction)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """A calm word."""
        await self._bot.fell(interaction, error, "setup-form")


class CountryForm(_Form):
    """The default country."""

    def __init__(self, bot: NextStep, settings: GuildSettings) -> None:
        super().__init__(bot, settings, "setup-country-title")
        self.country = self._field("setup-country-label", "setup-country-hint", settings.country)

    async def on_submit(self, interaction: Interaction) -> None:
        """Store it, or say that it is not known."""
        async with self._bot.working():
            text = self.country.value.strip()
            found = countries_like(self._bot, text) if text else []
            if text and not found:
                await note(interaction, self._bot.desk.interface.say("setup-country-unknown"))
                return
            settings = self._bot.settings_of(interaction)
            await self._bot.panel.save(interaction, replace(settings, country=found[0][0] if found else None), "more")


class HoursForm(_Form):
    """Staffed hours and their time zone."""

    def __init__(self, bot: NextStep, settings: GuildSettings) -> None:
        super().__init__(bot, settings, "setup-hours-title")
        staffed = settings.staffed
        self.hours = self._field("setup-hours-label", "setup-hours-hint", clock_text(staffed) if staffed else None)
        self.zone = self._field("setup-zone-label", "setup-zone-hint", staffed.zone if staffed else "UTC")

    async def on_submit(self, interaction: Interaction) -> None:
        """Store them, or say how to write them."""
        async with self._bot.working():
            text = self.hours.value.strip()
            staffed = parse_hours(text, self.zone.value.strip() or "UTC") if text else None
            if text and staffed is None:
                await note(interaction, self._bot.desk.interface.say("setup-hours-wrong"))
                return
            settings = self._bot.settings_of(interaction)
            await self._bot.panel.save(interaction, replace(settings, staffed=staffed), "more")


def parse_hours(text: str, zone: str) -> Staffed | None:
    """``08:00-22:00`` in a zone, or ``None`` when it cannot be read."""
    found = _HOURS.fullmatch(text)
    if found is None:
        return None
    numbers = [int(part) for part in found.groups()]
    start, until = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if max(numbers[1], numbers[3]) > 59 or start >= 1440 or until > 1440 or start == until:
        return None
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return Staffed(start, until, zone)


def clock_text(hours: Staffed) -> str:
    """``08:00-22:00``."""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (hours.start, hours.until))


def hours_text(hours: Staffed | None) -> str:
    """``08:00-22:00 (Europe/London)``; empty without hours."""
    return f"{clock_text(hours)} ({hours.zone})" if hours else ""


def add_setup_command(bot: NextStep) -> None:
    """/setup, for those who may manage the server."""

    @bot.tree.command(name="setup", description=bot.desk.interface.say("setup-description"))
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def setup(interaction: discord.Interaction[NextStep]) -> None:
        if await bot.panel.allowed(interaction):
            await answer(interaction, (Card(bot.panel.view(bot.settings_of(interaction), "channels")),))
