"""The part of the doctor that asks Discord: read-only requests with the bot's own token.

Who may see which route, the flags of an application and how permissions add up are described in Discord's developer
documentation under "Application resource" and "Permissions".
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp

from bot.config import Settings
from bot.operations.findings import Finding, fine, note, wrong
from bot.storage import GuildSettings

TIMEOUT_SECONDS: Final = 10.0
AGENT: Final = "DiscordBot (NextStep doctor, 1)"
CONTENT_FLAGS: Final = 1 << 18 | 1 << 19
OTHER_INTENT_FLAGS: Final = 1 << 12 | 1 << 13 | 1 << 14 | 1 << 15
ADMINISTRATOR: Final = 1 << 3
NEEDED: Final = {
    "View Channel": 1 << 10,
    "Send Messages": 1 << 11,
    "Embed Links": 1 << 14,
    "Read Message History": 1 << 16,
    "Send Messages in Threads": 1 << 38,
}
OFF_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What Discord answered; ``date`` is its clock in seconds since 1970, if it said."""

    status: int
    data: Any
    date: float | None

    @property
    def ok(self) -> bool:
        """Whether it is what was asked for."""
        return self.status == 200 and isinstance(self.data, dict)


@dataclass
class Asking:
    """A session with Discord's REST."""

    session: aiohttp.ClientSession
    base: str

    async def get(self, path: str) -> Answered:
        """Ask for one thing. Raises ``aiohttp.ClientError`` or ``TimeoutError`` when nothing answers."""
        async with self.session.get(self.base + path) as response:
            try:
                data = await response.json(content_type=None)
            except ValueError:
                data = None
            return Answered(response.status, data, _moment(response.headers.get("Date")))


def _moment(header: str | None) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp() if header else None
    except ValueError:
        return None


async def look_at_discord(
    base: str, token: str, settings: Settings, guilds: tuple[GuildSettings, ...]
) -> list[Finding]:
    """Token, clock, intents, home servers, and the permissions in each configured channel."""
    headers = {"Authorization": f"Bot {token}", "User-Agent": AGENT}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
            return await _look(Asking(session, base.rstrip("/")), settings, guilds)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return [
            wrong(
                "discord",
                f"Nothing answers at {base} ({type(error).__name__}).",
                "Check this machine's network, name service and firewall (HTTPS out to discord.com), and that "
                "DISCORD_API_URL is empty unless you mean it; then https://discordstatus.com.",
            )
        ]


async def _look(asking: Asking, settings: Settings, guilds: tuple[GuildSettings, ...]) -> list[Finding]:
    me = await asking.get("/users/@me")
    if not me.ok:
        return [_refused(me), *_clock(me)]
    findings = [fine("token", "Discord accepts it."), *_clock(me)]
    findings += intents(await asking.get("/applications/@me"), settings, guilds)
    bot = int(me.data["id"])
    for home in settings.nextstep_home_servers:
        findings.append(_home(home, await asking.get(f"/guilds/{home}")))
    for guild in guilds:
        findings += await permissions(asking, bot, guild)
    return findings


def _refused(answered: Answered) -> Finding:
    if answered.status == 401:
        return wrong(
            "token",
            "Discord refuses it: it was reset, or copied incompletely.",
            "Copy a new one: developer portal > Bot > Reset Token.",
        )
    if answered.status == 429:
        return wrong(
            "token", "Discord limits this address for now.", "Wait some minutes, then run nextstep doctor again."
        )
    return wrong(
        "token", f"Discord answered with HTTP {answered.status}.", "Look at https://discordstatus.com and try again."
    )


def _clock(answered: Answered) -> list[Finding]:
    if answered.date is None:
        return []
    off = time.time() - answered.date
    if abs(off) <= OFF_SECONDS:
        return [fine("clock", "Agrees with Discord's.")]
    side = "ahead of" if off > 0 else "behind"
    return [
        wrong(
            "clock",
            f"{abs(off):,.0f} seconds {side} Discord's.",
            "Switch time synchronisation on: timedatectl set-ntp true",
        )
    ]


def intents(answered: Answered, settings: Settings, guilds: Iterable[GuildSettings]) -> list[Finding]:
    """Whether the switches in the developer portal and the settings agree."""
    if not answered.ok:
        return [note("intents", f"Discord did not say (HTTP {answered.status}).", "Run nextstep doctor again later.")]
    flags = int(answered.data.get("flags") or 0)
    has, wants = bool(flags & CONTENT_FLAGS), settings.nextstep_message_content
    found = []
    if wants and not has:
        found.append(
            wrong(
                "intents",
                "NEXTSTEP_MESSAGE_CONTENT is on, and the Message Content Intent is off.",
                "Switch it on: developer portal > Bot > Privileged Gateway Intents; or unset NEXTSTEP_MESSAGE_CONTENT.",
            )
        )
    elif has and not wants:
        found.append(
            note(
                "intents",
                "The Message Content Intent is on, and the bot does not use it.",
                "Switch it off in the developer portal, or set NEXTSTEP_MESSAGE_CONTENT=true.",
            )
        )
    else:
        found.append(fine("intents", "Message content is on." if wants else "None of the privileged ones."))
    if flags & OTHER_INTENT_FLAGS:
        found.append(
            note("intents", "Presence or Server Members Intent is on, and never used.", "Switch both off there.")
        )
    listening = sum(guild.listens for guild in guilds)
    if listening and not wants:
        found.append(
            note(
                "listening",
                f"{listening} servers chose channels to listen in, and the bot cannot read there.",
                "Switch the Message Content Intent on and set NEXTSTEP_MESSAGE_CONTENT=true, or tell their moderators.",
            )
        )
    return found


def _home(guild: int, answered: Answered) -> Finding:
    if answered.ok:
        return fine("home server", f"{guild}: the bot is there.")
    return wrong(
        "home server",
        f"{guild} in NEXTSTEP_HOME_SERVERS: the bot is not there (HTTP {answered.status}).",
        "Invite it there, or correct the id.",
    )


async def permissions(asking: Asking, bot: int, settings: GuildSettings) -> list[Finding]:
    """What the bot may do in each channel that a server configured."""
    number = settings.guild_id
    guild = await asking.get(f"/guilds/{number}")
    member = await asking.get(f"/guilds/{number}/members/{bot}")
    if not guild.ok or not member.ok:
        return [
            note(
                "permissions", f"The bot is not in server {number}, which has settings.", "Nothing, if it was removed."
            )
        ]
    roles = {int(role["id"]): int(role["permissions"]) for role in guild.data.get("roles", ())}
    own = [int(role) for role in member.data.get("roles", ())]
    general = roles.get(number, 0)
    for role in own:
        general |= roles.get(role, 0)
    found = []
    if general & ADMINISTRATOR:
        found.append(
            note(
                "permissions",
                f"The bot is an administrator of server {number}.",
                "Take that away; it needs five permissions.",
            )
        )
    alert = {settings.alert_channel} if settings.alert_channel else set()
    for channel in sorted(settings.answer_in | settings.watch_in | alert):
        answered = await asking.get(f"/channels/{channel}")
        found.append(_channel(number, channel, answered, general, (bot, own)))
    return found


def _channel(guild: int, channel: int, answered: Answered, general: int, who: tuple[int, list[int]]) -> Finding:
    where = f"channel {channel} of server {guild}"
    if not answered.ok:
        return wrong(
            "permissions",
            f"The bot cannot see {where} (HTTP {answered.status}).",
            "Give it View Channel there, or take the channel out in /setup.",
        )
    held = _held(general, answered.data.get("permission_overwrites") or (), guild, who)
    missing = [name for name, bit in NEEDED.items() if not held & bit]
    if missing:
        return wrong(
            "permissions", f"In {where} the bot lacks: {', '.join(missing)}.", "Allow them for the bot's role there."
        )
    return fine("permissions", f"All that is needed in {where}.")


def _held(general: int, overwrites: Iterable[Any], guild: int, who: tuple[int, list[int]]) -> int:
    """Everyone's overwrite, then those of the roles together, then the member's own, as Discord adds them up."""
    if general & ADMINISTRATOR:
        return -1
    bot, roles = who
    by_id = {int(one["id"]): (int(one["allow"]), int(one["deny"])) for one in overwrites}
    allow, deny = by_id.get(guild, (0, 0))
    held = general & ~deny | allow
    mine = [by_id[role] for role in roles if role in by_id]
    allowed = denied = 0
    for one, other in mine:
        allowed, denied = allowed | one, denied | other
    held = held & ~denied | allowed
    allow, deny = by_id.get(bot, (0, 0))
    return held & ~deny | allow
