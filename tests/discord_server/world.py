"""The people, places and messages of the local Discord, and how Discord writes them as JSON."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

Json = dict[str, Any]

DISCORD_EPOCH_MS: Final = 1420070400000
TEXT, DM, THREAD, FORUM = 0, 1, 11, 15
VIEW, SEND, EMBED, FILES, HISTORY, MANAGE_MESSAGES, THREAD_SEND, EXTERNAL_APPS, ADMINISTRATOR, MANAGE_GUILD = (
    1 << 10,
    1 << 11,
    1 << 14,
    1 << 15,
    1 << 16,
    1 << 13,
    1 << 38,
    1 << 50,
    1 << 3,
    1 << 5,
)
MEMBER_PERMISSIONS: Final = VIEW | SEND | EMBED | FILES | HISTORY | THREAD_SEND | EXTERNAL_APPS | (1 << 31)
EPHEMERAL, COMPONENTS_V2 = 1 << 6, 1 << 15


class Snowflakes:
    """Ids that grow with time, as Discord's do."""

    def __init__(self) -> None:
        self._count = itertools.count()

    def next(self, shard: int | None = None, shards: int = 1) -> int:
        """A new id; with ``shard``, one that Discord would put on that shard (``(id >> 22) % shards``)."""
        milliseconds = int(time.time() * 1000) - DISCORD_EPOCH_MS
        if shard is not None:
            milliseconds += (shard - milliseconds) % shards
        return (milliseconds << 22) | (next(self._count) & 0x3FFFFF)


def now() -> str:
    """The present moment as Discord writes it."""
    return datetime.now(UTC).isoformat()


@dataclass(eq=False)
class User:
    """An account."""

    id: int
    name: str
    bot: bool = False

    def json(self) -> Json:
        """As in a message's ``author``."""
        return {
            "id": str(self.id),
            "username": self.name.lower().replace(" ", "-"),
            "global_name": self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False)
class Role:
    """A role of a guild; the one with the guild's own id is ``@everyone``."""

    id: int
    name: str
    permissions: int
    position: int = 0

    def json(self) -> Json:
        """As in ``GUILD_CREATE``."""
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(eq=False)
class Channel:
    """A text channel, forum, thread or direct conversation. ``denied`` takes permissions from ``@everyone``."""

    id: int
    type: int
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None
    owner: User | None = None
    recipient: User | None = None
    denied: int = 0
    nsfw: bool = False

    def json(self) -> Json:
        """As in ``GUILD_CREATE`` and in interactions."""
        data: Json = {"id": str(self.id), "type": self.type, "last_message_id": None, "flags": 0}
        if self.type == DM:
            assert self.recipient is not None
            return data | {"recipients": [self.recipient.json()]}
        assert self.guild is not None
        data |= {
            "guild_id": str(self.guild.id),
            "name": self.name,
            "position": 0,
            "parent_id": str(self.parent.id) if self.parent else None,
            "permission_overwrites": self._overwrites(),
            "nsfw": self.nsfw,
            "topic": None,
            "rate_limit_per_user": 0,
        }
        if self.type == FORUM:
            data |= {"available_tags": [], "default_reaction_emoji": None, "default_forum_layout": 0}
        if self.type == THREAD:
            data |= self._thread_fields()
        return data

    def _overwrites(self) -> list[Json]:
        assert self.guild is not None
        if not self.denied:
            return []
        return [{"id": str(self.guild.id), "type": 0, "allow": "0", "deny": str(self.denied)}]

    def _thread_fields(self) -> Json:
        return {
            "owner_id": str(self.owner.id if self.owner else 0),
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "applied_tags": [],
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": now(),
                "locked": False,
                "create_timestamp": now(),
            },
        }


@dataclass(eq=False)
class Guild:
    """A server: roles, channels and members (user id to role ids)."""

    id: int
    name: str
    owner: User
    roles: list[Role] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    members: dict[int, list[int]] = field(default_factory=dict)
    locale: str = "en-US"

    def member_json(self, user: User, channel: Channel | None = None) -> Json:
        """As in a message's ``member``; with a channel also the permissions there, as interactions carry them."""
        data: Json = {
            "roles": [str(role) for role in self.members.get(user.id, [])],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "nick": None,
            "avatar": None,
            "banner": None,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        return data if channel is None else data | {"permissions": str(self.permissions(user, channel))}

    def permissions(self, user: User, channel: Channel) -> int:
        """What a member may do in a channel (documentation: topics/permissions)."""
        everything = (1 << 53) - 1
        if user is self.owner:
            return everything
        own = set(self.members.get(user.id, []))
        granted = 0
        for role in self.roles:
            if role.id == self.id or role.id in own:
                granted |= role.permissions
        if granted & ADMINISTRATOR:
            return everything
        place = channel.parent if channel.type == THREAD and channel.parent else channel
        return granted & ~place.denied

    def json(self, bot: User) -> Json:
        """As in ``GUILD_CREATE``, with the bot as the only member listed (no member intent)."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": str(self.owner.id),
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 1,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "roles": [role.json() for role in self.roles],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "vanity_url_code": None,
            "description": None,
            "banner": None,
            "premium_tier": 0,
            "preferred_locale": self.locale,
            "nsfw_level": 0,
            "premium_progress_bar_enabled": False,
            "joined_at": now(),
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "voice_states": [],
            "members": [self.member_json(bot) | {"user": bot.json()}],
            "channels": [channel.json() for channel in self.channels if channel.type != THREAD],
            "threads": [channel.json() for channel in self.channels if channel.type == THREAD],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


@dataclass(eq=False)
class Message:
    """A message as it stands now. ``reply_to`` is the message it answers; ``nonce`` makes sending it idempotent."""

    id: int
    channel: Channel
    author: User
    content: str = ""
    components: list[Json] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    flags: int = 0
    reply_to: Message | None = None
    mentions: list[User] = field(default_factory=list)
    nonce: str | None = None
    edited: str | None = None
    sent: str = field(default_factory=now)
    deleted: bool = False
    webhook: bool = False
    body: Json = field(default_factory=dict)
    """The request body that made or last changed it."""

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    def json(self, *, blank: bool = False) -> Json:
        """As in ``MESSAGE_CREATE``; ``blank`` is what a bot without the message-content intent gets."""
        data: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.json(),
            "content": "" if blank else self.content,
            "timestamp": self.sent,
            "edited_timestamp": self.edited,
            "tts": False,
            "mention_everyone": False,
            "mentions": [user.json() for user in self.mentions],
            "mention_roles": [],
            "attachments": [] if blank else self.attachments,
            "embeds": [] if blank else self.embeds,
            "components": [] if blank else self.components,
            "pinned": False,
            "type": 19 if self.reply_to else 0,
            "flags": self.flags,
        }
        guild = self.channel.guild
        if guild is not None:
            data["guild_id"] = str(guild.id)
            if not self.webhook:
                data["member"] = guild.member_json(self.author)
        if self.nonce is not None:
            data["nonce"] = self.nonce
        if self.reply_to is not None:
            data["message_reference"] = self.reply_to.reference()
            data["referenced_message"] = None if self.reply_to.deleted else self.reply_to._brief()
        return data

    def reference(self) -> Json:
        """As in another message's ``message_reference``."""
        data: Json = {"type": 0, "message_id": str(self.id), "channel_id": str(self.channel.id)}
        return data | ({"guild_id": str(self.channel.guild.id)} if self.channel.guild else {})

    def _brief(self) -> Json:
        data = self.json()
        data.pop("referenced_message", None)
        return data

    def text(self) -> str:
        """All that a reader sees as text, in reading order, a line for each component."""
        parts = [self.content, *(item["content"] for item in walk(self.components) if item.get("type") == 10)]
        return "\n".join(part for part in parts if part)

    def controls(self) -> list[Json]:
        """Its buttons and menus, in order."""
        return [item for item in walk(self.components) if item.get("type") in {2, 3, 5, 6, 7, 8}]

    def labels(self) -> list[str]:
        """The labels of its buttons, in order."""
        return [item["label"] for item in self.controls() if item.get("type") == 2 and "label" in item]


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, nested ones included, in reading order."""
    for item in components:
        yield item
        yield from walk(item.get("components", []))
        for key in ("accessory", "component"):
            if isinstance(item.get(key), dict):
                yield from walk([item[key]])


@dataclass
class World:
    """Everything that exists on the local Discord. ``bot`` is the account under test."""

    bot: User
    ids: Snowflakes = field(default_factory=Snowflakes)
    shards: int = 1
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    commands: dict[str, Json] = field(default_factory=dict)
    """Commands by name, as synced."""
    installed: set[int] = field(default_factory=set)
    """Guilds that the bot is a member of."""
    published: Callable[[Message], None] = lambda message: None
    _directs: dict[int, Channel] = field(default_factory=dict)

    def user(self, name: str, *, bot: bool = False) -> User:
        """A new account."""
        user = User(self.ids.next(), name, bot)
        self.users[user.id] = user
        return user

    def guild(self, name: str, owner: User, *, shard: int | None = None, installed: bool = True) -> Guild:
        """A new server with the bot in it, unless it is only user-installed there."""
        guild = Guild(self.ids.next(shard, self.shards), name, owner)
        guild.roles.append(Role(guild.id, "@everyone", MEMBER_PERMISSIONS))
        guild.members[owner.id] = []
        if installed:
            guild.members[self.bot.id] = []
            self.installed.add(guild.id)
        self.guilds[guild.id] = guild
        return guild

    def role(self, guild: Guild, name: str, permissions: int = 0) -> Role:
        """A new role."""
        role = Role(self.ids.next(), name, permissions, len(guild.roles))
        guild.roles.append(role)
        return role

    def member(self, guild: Guild, name: str, *roles: Role) -> User:
        """A new account that has joined a server."""
        user = self.user(name)
        guild.members[user.id] = [role.id for role in roles]
        return user

    def channel(self, guild: Guild, name: str, kind: int = TEXT, *, denied: int = 0) -> Channel:
        """A new channel."""
        channel = Channel(self.ids.next(), kind, name, guild, denied=denied)
        guild.channels.append(channel)
        self.channels[channel.id] = channel
        return channel

    def thread(self, parent: Channel, name: str, owner: User) -> Channel:
        """A new thread, or a new post of a forum."""
        assert parent.guild is not None
        thread = Channel(self.ids.next(), THREAD, name, parent.guild, parent, owner)
        parent.guild.channels.append(thread)
        self.channels[thread.id] = thread
        return thread

    def direct(self, user: User) -> Channel:
        """The direct conversation between the bot and an account."""
        if (known := self._directs.get(user.id)) is not None:
            return known
        channel = Channel(self.ids.next(), DM, recipient=user)
        self.channels[channel.id] = self._directs[user.id] = channel
        return channel

    def forget(self, user: User) -> None:
        """An account goes, with its direct conversation; for long runs."""
        self.users.pop(user.id, None)
        if (channel := self._directs.pop(user.id, None)) is not None:
            self.channels.pop(channel.id, None)

    def shard_of(self, channel: Channel | None) -> int:
        """The shard that hears about a channel; direct conversations belong to shard 0."""
        guild = channel.guild if channel else None
        return (guild.id >> 22) % self.shards if guild else 0

    def find_message(self, channel_id: int, message_id: int) -> Message | None:
        """A message that still exists in that channel."""
        message = self.messages.get(message_id)
        return message if message and not message.deleted and message.channel.id == channel_id else None

    def named_in(self, text: str) -> list[User]:
        """The accounts that a text mentions, each once."""
        numbers = dict.fromkeys(int(number) for number in re.findall(r"<@(\d+)>", text))
        return [self.users[number] for number in numbers if number in self.users]

    def mentioned(self, body: Mapping[str, Any], content: str, reply_to: Message | None) -> list[User]:
        """Whom a new message of the bot notifies, by its ``allowed_mentions``."""
        allowed = body.get("allowed_mentions")
        found = [
            user
            for user in self.named_in(content)
            if allowed is None or "users" in allowed.get("parse", []) or user.id in allowed.get("users", [])
        ]
        if reply_to is not None and (allowed is None or allowed.get("replied_user")) and reply_to.author not in found:
            found.append(reply_to.author)
        return found
