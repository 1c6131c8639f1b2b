"""Servers' settings and members' preferences. Both are read far more often than written, and cached."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Final

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.errors import StorageError
from bot.storage import tables
from bot.storage.database import Database, tell
from bot.storage.records import GuildSettings, Member, Purpose, Staffed
from bot.storage.statements import insert_or_update


@dataclass
class Settings:
    """Server settings, all held in memory: one process owns the file, and servers are few."""

    database: Database
    _known: dict[int, GuildSettings] = field(default_factory=dict)

    async def load(self) -> None:
        """Read all settings; call once after opening."""
        async with self.database.reading() as connection:
            rows = (await connection.execute(select(tables.guilds))).all()
            channels = (await connection.execute(select(tables.guild_channels))).all()
        places: dict[tuple[int, str], set[int]] = {}
        for channel in channels:
            places.setdefault((channel.guild_id, channel.purpose), set()).add(channel.channel_id)
        self._known = {row.guild_id: _settings(row, places) for row in rows}

    def of(self, guild_id: int | None) -> GuildSettings:
        """The settings of a server; the careful defaults for one without, and for direct messages."""
        return self._known.get(guild_id or 0) or GuildSettings(guild_id or 0)

    def all(self) -> tuple[GuildSettings, ...]:
        """The settings of every server that has some."""
        return tuple(self._known.values())

    async def save(self, settings: GuildSettings) -> None:
        """Store a server's settings as a whole."""
        places = [(channel, Purpose.ANSWER) for channel in settings.answer_in]
        places += [(channel, Purpose.WATCH) for channel in settings.watch_in]
        rows = [{"guild_id": settings.guild_id, "channel_id": c, "purpose": p.value} for c, p in sorted(places)]
        async with self.database.writing() as connection:
            await connection.execute(insert_or_update(tables.guilds, _columns(settings)))
            of_guild = tables.guild_channels.c.guild_id == settings.guild_id
            await connection.execute(delete(tables.guild_channels).where(of_guild))
            if rows:
                await connection.execute(insert(tables.guild_channels), rows)
        self._known[settings.guild_id] = settings

    async def forget(self, guild_id: int) -> None:
        """Delete a server's settings (the bot was removed)."""
        self._known.pop(guild_id, None)
        async with self.database.writing() as connection:
            await connection.execute(delete(tables.guilds).where(tables.guilds.c.guild_id == guild_id))


def _columns(settings: GuildSettings) -> dict[str, object]:
    staffed = settings.staffed
    return {
        "guild_id": settings.guild_id,
        "plain": settings.plain,
        "country": settings.country,
        "moderator_role": settings.moderator_role,
        "editor_role": settings.editor_role,
        "clinician_role": settings.clinician_role,
        "alert_channel": settings.alert_channel,
        "alert_role": settings.alert_role,
        "staffed_from": staffed.start if staffed else None,
        "staffed_until": staffed.until if staffed else None,
        "staffed_zone": staffed.zone if staffed else None,
        "paused": settings.paused,
    }


def _settings(row: Row[tuple[object, ...]], places: dict[tuple[int, str], set[int]]) -> GuildSettings:
    data = row._mapping
    staffed = None
    if data["staffed_from"] is not None:
        staffed = Staffed(data["staffed_from"], data["staffed_until"], data["staffed_zone"])
    return GuildSettings(
        guild_id=data["guild_id"],
        plain=data["plain"],
        country=data["country"],
        moderator_role=data["moderator_role"],
        editor_role=data["editor_role"],
        clinician_role=data["clinician_role"],
        alert_channel=data["alert_channel"],
        alert_role=data["alert_role"],
        staffed=staffed,
        paused=data["paused"],
        answer_in=frozenset(places.get((data["guild_id"], Purpose.ANSWER), ())),
        watch_in=frozenset(places.get((data["guild_id"], Purpose.WATCH), ())),
    )


_INTRODUCED: Final = sqlite_insert(tables.members)
_INTRODUCED_ONLY: Final = _INTRODUCED.on_conflict_do_update(
    index_elements=["user_id"], set_={"introduced_at": _INTRODUCED.excluded.introduced_at}
)


@dataclass
class Members:
    """Members' preferences; the last :attr:`keep` that were looked up stay in memory, and all who opted out."""

    database: Database
    keep: int = 20_000
    _known: dict[int, Member] = field(default_factory=dict)
    _out: set[int] = field(default_factory=set)
    _stored: set[int] | None = None

    async def load(self) -> None:
        """Know who is stored at all, so that nobody waits for the disk in vain, and who opted out, so that a database
        that fails later cannot undo it; call once after opening."""
        query = select(tables.members.c.user_id, tables.members.c.opted_out)
        async with self.database.reading() as connection:
            rows = (await connection.execute(query)).all()
        self._stored = {row.user_id for row in rows}
        self._out = {row.user_id for row in rows if row.opted_out}

    async def of(self, user_id: int) -> Member:
        """A member's preferences; the defaults for one without, and for all when they cannot be read."""
        known = self._known.pop(user_id, None)
        if known is None and self._stored is not None and user_id not in self._stored:
            known = Member(user_id)
        if known is None:
            try:
                known = await self._read(user_id, flushed=False) or Member(user_id)
            except StorageError as error:
                tell(error)
                return Member(user_id, opted_out=user_id in self._out)
        self._remember(known)
        return known

    async def stored(self, user_id: int) -> Member | None:
        """What is stored about a member, past the cache; ``None`` when nothing is."""
        return await self._read(user_id)

    def introduced(self, member: Member, at: int) -> None:
        """Note soon that the bot has told a member what it is."""
        self.database.later(_INTRODUCED_ONLY, {**asdict(member), "introduced_at": at})
        self._remember(replace(self._known.get(member.user_id, member), introduced_at=at))

    async def save(self, member: Member) -> None:
        """Store a member's preferences as a whole."""
        async with self.database.writing() as connection:
            await connection.execute(insert_or_update(tables.members, asdict(member)))
        (self._out.add if member.opted_out else self._out.discard)(member.user_id)
        self._known.pop(member.user_id, None)
        self._remember(member)

    async def forget(self, user_id: int) -> None:
        """Delete a member's preferences."""
        async with self.database.writing() as connection:
            await connection.execute(delete(tables.members).where(tables.members.c.user_id == user_id))
        self._known.pop(user_id, None)
        self._out.discard(user_id)

    async def _read(self, user_id: int, *, flushed: bool = True) -> Member | None:
        async with self.database.reading(flushed=flushed) as connection:
            query = select(tables.members).where(tables.members.c.user_id == user_id)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Member(**row._mapping)

    def _remember(self, member: Member) -> None:
        if self._stored is not None and member != Member(member.user_id):
            self._stored.add(member.user_id)
        self._known[member.user_id] = member
        while len(self._known) > self.keep:
            del self._known[next(iter(self._known))]
