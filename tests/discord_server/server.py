"""The door of the local Discord: start it, be its people, look at what the bot did."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from tests.discord_server.gateway import MESSAGE_CONTENT, Gateway
from tests.discord_server.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction
from tests.discord_server.openapi import OpenApi
from tests.discord_server.rest import PREFIX, Bucket, Request, Rest, Trouble
from tests.discord_server.world import DM, MANAGE_MESSAGES, Channel, Guild, Json, Message, User, World

TOKEN: Final = "local.discord.token"
PATIENCE_SECONDS: Final = 20.0
"""Long, as a machine may be busy with other things; only what never comes waits for so long."""
_OPTION_TYPES: Final = {3: str, 4: int, 5: bool, 10: float}


class LocalDiscord:
    """A small Discord on a free port of this machine, with one server, some people and a bot account.

    ``async with LocalDiscord() as discord:`` starts it. Run the bot with ``discord.environment`` (or the two
    addresses), then act: :meth:`mention`, :meth:`say`, :meth:`slash`, :meth:`press` … and look at
    :attr:`requests` or at the messages. Leaving raises ``AssertionError`` when the bot sent something that
    Discord refuses (unless ``strict=False``): the OpenAPI file when it is present, and own rules.

    The world: server ``guild`` with channels ``general``, ``questions`` (text) and ``help`` (forum); ``alice``
    and ``bob`` are members, ``moderator`` may manage messages, ``admin`` owns the server.
    """

    def __init__(
        self,
        *,
        shards: int = 1,
        message_content: bool = False,
        heartbeat_ms: int = 41_250,
        strict: bool = True,
        max_concurrency: int = 1,
        openapi: OpenApi | None = None,
    ) -> None:
        self.world = World(User(1_000_000_000_000_000_001, "NextStep", bot=True), shards=shards)
        self.world.users[self.world.bot.id] = self.world.bot
        self.token = TOKEN
        self.gateway = Gateway(
            self.world, self.token, lambda: self.gateway_url, MESSAGE_CONTENT if message_content else 0, heartbeat_ms
        )
        self.openapi = openapi if openapi is not None else OpenApi.found()
        self.rest = Rest(
            self.world,
            self.gateway,
            self.token,
            self.openapi,
            lambda: self.gateway_url,
            max_concurrency=max_concurrency,
        )
        self.strict = strict
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._tokens = itertools.count(1)
        self._populate()

    def _populate(self) -> None:
        world = self.world
        self.admin = world.user("Admin")
        self.guild = world.guild("Lantern House", self.admin, shard=0)
        self.moderators = world.role(self.guild, "Moderators", MANAGE_MESSAGES)
        self.general = world.channel(self.guild, "general")
        self.questions = world.channel(self.guild, "questions")
        self.help = world.channel(self.guild, "help", 15)
        self.mod_room = world.channel(self.guild, "mod-room")
        self.moderator = world.member(self.guild, "Mo", self.moderators)
        self.alice = world.member(self.guild, "Alice")
        self.bob = world.member(self.guild, "Bob")

    # --- life ----------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.rest.application(), access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        # a burst opens hundreds of connections at once; where the queue is full, each waits for a second and more
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=4096)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close_all(1001)
        assert self._runner is not None
        await self._runner.cleanup()
        if error is None and self.strict and self.rest.violations:
            raise AssertionError("Discord would refuse what the bot sent:\n" + "\n".join(self.rest.violations))

    async def run_forever(self) -> None:
        """Stay up until cancelled (demo, soak)."""
        await asyncio.Event().wait()

    @property
    def api_url(self) -> str:
        """Base address of REST, for ``DISCORD_API_URL``."""
        return f"http://127.0.0.1:{self._port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """Address of the gateway."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def environment(self) -> dict[str, str]:
        """What a bot process needs to find this Discord and log in."""
        return {"DISCORD_API_URL": self.api_url, "DISCORD_TOKEN": self.token}

    # --- looking -------------------------------------------------------------------------------------------

    @property
    def requests(self) -> list[Request]:
        """Every request of the bot, in order."""
        return self.rest.requests

    @property
    def violations(self) -> list[str]:
        """What the bot sent and Discord would have refused."""
        return self.rest.violations

    def sent(self, channel: Channel | None = None) -> list[Message]:
        """The bot's messages that everyone in a channel (or anywhere) can see now, oldest first."""
        bot = self.world.bot
        return [
            m
            for m in self.world.messages.values()
            if m.author is bot and not m.deleted and not m.ephemeral and (channel is None or m.channel is channel)
        ]

    def replies(self, message: Message) -> list[Message]:
        """The bot's visible replies to a message."""
        return [reply for reply in self.sent(message.channel) if reply.reply_to is message]

    async def until(self, condition: Callable[[], Any], seconds: float = PATIENCE_SECONDS, what: str = "") -> None:
        """Wait until a condition holds; looks again after every request and gateway event.

        Raises:
            TimeoutError: it did not hold in time; names ``what``.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not condition():
            if loop.time() > end:
                raise TimeoutError(f"waited {seconds} s in vain for {what or 'a condition'}")
            self.rest.changed.clear()
            self.gateway.changed.clear()
            if condition():
                return
            await self._next_change(min(0.05, end - loop.time() + 0.001))

    async def _next_change(self, seconds: float) -> None:
        waiting = [asyncio.ensure_future(event.wait()) for event in (self.rest.changed, self.gateway.changed)]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def connected(self, times: int = 1, seconds: float = 10.0) -> None:
        """Wait until the bot has identified on every shard ``times`` times."""
        wanted = times * self.world.shards
        await self.until(lambda: self.gateway.counts.get("ready", 0) >= wanted, seconds, "READY")

    async def synced(self, seconds: float = 10.0) -> None:
        """Wait until the bot has registered its commands."""
        await self.until(lambda: bool(self.world.commands), seconds, "the command sync")

    async def reply_to(self, message: Message, number: int = 1, seconds: float = PATIENCE_SECONDS) -> Message:
        """Wait for the bot's ``number``-th reply to a message."""
        await self.until(lambda: len(self.replies(message)) >= number, seconds, "a reply")
        return self.replies(message)[number - 1]

    async def settled(self, seconds: float = 0.15) -> None:
        """Wait until no request has come for a moment: for showing that something did *not* happen."""
        count = -1
        while count != len(self.rest.requests):
            count = len(self.rest.requests)
            await asyncio.sleep(seconds)

    # --- trouble -------------------------------------------------------------------------------------------

    def fail(self, method: str, path: str, status: int, **more: Any) -> Trouble:
        """Make matching requests fail (see :class:`Trouble`); ``path`` is a glob that begins after the version."""
        trouble = Trouble(method, path, status, **more)
        self.rest.troubles.append(trouble)
        return trouble

    def limit(self, method: str, path: str, limit: int, per: float) -> Bucket:
        """Put a rate limit with Discord's headers on matching requests."""
        bucket = Bucket(method, path, limit, per)
        self.rest.buckets.append(bucket)
        return bucket

    # --- people and messages -------------------------------------------------------------------------------

    def post(
        self,
        text: str,
        *,
        by: User | None = None,
        channel: Channel | None = None,
        reply_to: Message | None = None,
        mentions: tuple[User, ...] = (),
        number: int | None = None,
    ) -> Message:
        """A person's message, without waiting for anything; ``number`` is the id that it must have."""
        author = by or self.alice
        place = channel or self.general
        message = Message(number or self.world.ids.next(), place, author, text, reply_to=reply_to)
        message.mentions = [*self.world.named_in(text), *mentions]
        self.rest.remember(message)
        self.world.published(message)
        self.gateway.publish("MESSAGE_CREATE", message)
        return message

    async def mention(self, text: str, *, by: User | None = None, channel: Channel | None = None) -> Message:
        """A message that mentions the bot."""
        return self.post(f"<@{self.world.bot.id}> {text}", by=by, channel=channel)

    async def say(self, text: str, *, by: User | None = None, channel: Channel | None = None) -> Message:
        """A message that does not mention the bot."""
        return self.post(text, by=by, channel=channel)

    async def whisper(self, text: str, *, by: User | None = None) -> Message:
        """A direct message to the bot."""
        author = by or self.alice
        return self.post(text, by=author, channel=self.world.direct(author))

    async def edit(self, message: Message, text: str) -> None:
        """A person changes a message."""
        message.content, message.edited = text, "2026-11-23T10:00:00+00:00"
        message.mentions = self.world.named_in(text)
        self.gateway.publish("MESSAGE_UPDATE", message)

    async def delete(self, message: Message) -> None:
        """A person deletes a message."""
        self.rest.remove(message)

    def invite(self, guild: Guild) -> None:
        """An administrator lets the bot into a server, also while it runs."""
        self.world.installed.add(guild.id)
        guild.members[self.world.bot.id] = []
        shard = (guild.id >> 22) % self.world.shards
        self.gateway.dispatch("GUILD_CREATE", guild.json(self.world.bot), shard=shard)

    def start_thread(self, name: str, *, by: User | None = None, parent: Channel | None = None) -> Channel:
        """A new thread or forum post; the bot hears of it."""
        thread = self.world.thread(parent or self.help, name, by or self.alice)
        self.gateway.dispatch(
            "THREAD_CREATE", thread.json() | {"newly_created": True}, shard=self.world.shard_of(thread)
        )
        return thread

    def open_post(self, title: str, text: str, *, by: User | None = None, forum: Channel | None = None) -> Message:
        """A new forum post with its first message, which has the id of the post."""
        thread = self.start_thread(title, by=by, parent=forum)
        return self.post(text, by=by, channel=thread, number=thread.id)

    # --- interactions --------------------------------------------------------------------------------------

    async def slash(
        self, name: str, *, by: User | None = None, channel: Channel | None = None, **more: Any
    ) -> Interaction:
        """Use a slash command: ``slash("ask", question="…")``; a subcommand is ``slash("privacy show")``.

        Waits for the first response. ``user_install=True`` and ``public_allowed=False`` play a user-installed app.
        """
        return await self._act(self._command(name, by, channel, COMMAND, None, more))

    async def autocomplete(
        self, name: str, option: str, text: str, *, by: User | None = None, channel: Channel | None = None, **more: Any
    ) -> list[Json]:
        """What the bot proposes while a person types ``text`` into an option."""
        action = self._command(name, by, channel, AUTOCOMPLETE, option, {**more, option: text})
        return (await self._act(action)).choices

    async def menu(
        self, name: str, message: Message, *, by: User | None = None, channel: Channel | None = None
    ) -> Interaction:
        """Use an entry of a message's menu."""
        command = self._synced(name)
        data = {
            "id": command["id"],
            "name": name,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): message.json()}},
        }
        return await self._act(self._interaction(COMMAND, data, by or self.alice, channel or message.channel))

    async def press(self, message: Message, label: str, *, by: User | None = None) -> Interaction:
        """Press the button whose label (or custom id) is ``label``."""
        control = next((c for c in message.controls() if label in {c.get("label"), c.get("custom_id")}), None)
        if control is None or control.get("disabled") or "custom_id" not in control:
            raise LookupError(f"no button {label!r} to press; there are {message.labels()}")
        data = {"custom_id": control["custom_id"], "component_type": 2, "id": control.get("id", 0)}
        return await self._act(self._interaction(COMPONENT, data, by or self.alice, message.channel, message))

    async def press_id(
        self, message: Message, custom_id: str, *, by: User | None = None, channel: Channel | None = None
    ) -> Interaction:
        """Press a button that the message has not (any more), as an old or forged client can; anywhere."""
        button = {"type": 2, "style": 2, "label": "?", "custom_id": custom_id, "id": 901}
        return await self._act(self._forged(message, button, {}, by, channel))

    async def choose_id(
        self,
        message: Message,
        custom_id: str,
        values: list[str],
        *,
        kind: int = 3,
        by: User | None = None,
        channel: Channel | None = None,
    ) -> Interaction:
        """Choose in a menu that the message has not, as a forged client can; ``kind`` is the menu's component type."""
        menu: Json = {"type": kind, "custom_id": custom_id, "id": 901}
        if kind == 3:
            menu["options"] = [{"label": value, "value": value} for value in values]
        author = by or self.alice
        more: Json = {"values": values}
        if kind != 3:
            place = channel or message.channel
            more["resolved"] = self._resolved(kind, values, place.guild, author) if place.guild else {}
        return await self._act(self._forged(message, menu, more, author, channel))

    async def submit_id(
        self,
        message: Message,
        custom_id: str,
        values: Mapping[str, str | list[str]],
        *,
        by: User | None = None,
        channel: Channel | None = None,
    ) -> Interaction:
        """Send a modal that was never opened from a message: texts, and lists of chosen values, by custom id."""
        inner: list[Json] = [
            {"type": 4, "custom_id": key, "value": value, "id": 910 + number}
            if isinstance(value, str)
            else {"type": 3, "custom_id": key, "values": value, "id": 910 + number}
            for number, (key, value) in enumerate(values.items())
        ]
        rows = [{"type": 18, "id": 930 + number, "component": one} for number, one in enumerate(inner)]
        data: Json = {"custom_id": custom_id, "components": rows}
        return await self._act(self._interaction(MODAL, data, by or self.alice, channel or message.channel, message))

    def _forged(
        self, message: Message, control: Json, more: Json, by: User | None, channel: Channel | None
    ) -> Interaction:
        """The message goes along as the client says that it looks."""
        data = {"custom_id": control["custom_id"], "component_type": control["type"], "id": control["id"], **more}
        made = self._interaction(COMPONENT, data, by or self.alice, channel or message.channel, message)
        shown = made.payload["message"]
        shown["components"] = [*shown["components"], {"type": 1, "id": 900, "components": [control]}]
        return made

    async def choose(
        self, message: Message, placeholder: str, values: list[str], *, by: User | None = None
    ) -> Interaction:
        """Choose values in the menu with this placeholder (or custom id)."""
        control = next(
            (c for c in message.controls() if placeholder in {c.get("placeholder"), c.get("custom_id")}), None
        )
        if control is None or control["type"] == 2:
            raise LookupError(f"no menu {placeholder!r}")
        author = by or self.alice
        data = {"custom_id": control["custom_id"], "component_type": control["type"], "values": values}
        data["id"] = control.get("id", 0)
        if control["type"] != 3:
            data["resolved"] = self._resolved(control["type"], values, message.channel.guild, author)
        return await self._act(self._interaction(COMPONENT, data, author, message.channel, message))

    def _resolved(self, kind: int, values: list[str], guild: Guild | None, by: User) -> Json:
        assert guild is not None
        if kind == 8:
            channels = {v: self.world.channels[int(v)] for v in values}
            keys = ("id", "type", "name", "parent_id", "thread_metadata")
            return {
                "channels": {
                    v: {k: x for k, x in c.json().items() if k in keys} | {"permissions": str(guild.permissions(by, c))}
                    for v, c in channels.items()
                }
            }
        return {"roles": {str(role.id): role.json() for role in guild.roles if str(role.id) in values}}

    async def submit(self, opened: Interaction, values: Mapping[str, Any], *, by: User | None = None) -> Interaction:
        """Send a modal that was opened; ``values`` by custom id or by label."""
        modal = opened.modal
        assert modal is not None, "no modal was opened"
        components = [_filled(item, values) for item in modal["components"]]
        data = {"custom_id": modal["custom_id"], "components": components}
        return await self._act(self._interaction(MODAL, data, by or opened.user, opened.channel, opened.source))

    def _synced(self, name: str) -> Json:
        if name not in self.world.commands:
            raise LookupError(f"command {name!r} was never synced; there are {sorted(self.world.commands)}")
        return self.world.commands[name]

    def _command(
        self, path: str, by: User | None, channel: Channel | None, kind: int, focused: str | None, more: dict[str, Any]
    ) -> Interaction:
        name, *subcommands = path.split()
        flags = {key: more.pop(key) for key in ("user_install", "public_allowed") if key in more}
        command = self._synced(name)
        known = command.get("options", [])
        for sub in subcommands:
            known = next(option for option in known if option["name"] == sub).get("options", [])
        options = [_option(known, key, value, focused) for key, value in more.items() if value is not None]
        for sub in reversed(subcommands):
            options = [{"type": 1, "name": sub, "options": options}]
        data: Json = {"id": command["id"], "name": name, "type": 1, "options": options}
        return self._interaction(kind, data, by or self.alice, channel or self.general, **flags)

    def _interaction(
        self,
        kind: int,
        data: Json,
        by: User,
        channel: Channel,
        source: Message | None = None,
        user_install: bool = False,
        public_allowed: bool = True,
    ) -> Interaction:
        number, guild = self.world.ids.next(), channel.guild
        user_install = user_install or (guild is not None and guild.id not in self.world.installed)
        owners = {"1": str(by.id)} if user_install else ({"0": str(guild.id)} if guild else {"0": "0"})
        payload: Json = {
            "id": str(number),
            "application_id": str(self.world.bot.id),
            "type": kind,
            "data": data,
            "token": f"token-{next(self._tokens)}",
            "version": 1,
            "channel": channel.json(),
            "channel_id": str(channel.id),
            "locale": "en-US",
            "entitlements": [],
            "app_permissions": str(guild.permissions(self.world.bot, channel) if guild else (1 << 53) - 1),
            "authorizing_integration_owners": owners,
            "context": 1 if channel.type == DM else 0,
            "attachment_size_limit": 10_485_760,
        }
        if guild is not None:
            payload |= {"guild_id": str(guild.id), "guild_locale": guild.locale}
            payload["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
            payload["member"] = guild.member_json(by, channel) | {"user": by.json()}
        else:
            payload["user"] = by.json()
        if source is not None:
            payload["message"] = source.json()
        return Interaction(number, payload["token"], kind, by, channel, payload, source, user_install, public_allowed)

    async def _act(self, interaction: Interaction, *, wait: bool = True) -> Interaction:
        self.start(interaction)
        if wait:
            try:
                await asyncio.wait_for(interaction.answered.wait(), PATIENCE_SECONDS)
            except TimeoutError:
                raise TimeoutError("This interaction failed: the bot did not respond") from None
            finally:
                if not self.rest.keep:
                    self.rest.interactions.pop(interaction.token, None)
        return interaction

    def start(self, interaction: Interaction) -> None:
        """Send an interaction without waiting for the answer."""
        self.rest.interactions[interaction.token] = interaction
        shard = self.world.shard_of(interaction.channel)
        self.gateway.dispatch("INTERACTION_CREATE", interaction.payload, shard=shard)


def _option(known: list[Json], name: str, value: object, focused: str | None) -> Json:
    option = next((option for option in known if option["name"] == name), None)
    if option is None:
        raise LookupError(f"no option {name!r}; there are {[option['name'] for option in known]}")
    expected = _OPTION_TYPES.get(option["type"])
    if expected is not None and not isinstance(value, expected):
        raise TypeError(f"option {name!r} takes {expected.__name__}")
    return {"type": option["type"], "name": name, "value": value} | ({"focused": True} if name == focused else {})


def _filled(item: Json, values: Mapping[str, Any]) -> Json:
    """A modal's component as the client sends it back."""
    inner = item.get("component") or (item.get("components") or [None])[0]
    if inner is None or "custom_id" not in inner:
        return {"type": item["type"], "id": item.get("id", 0)}
    value = values.get(inner["custom_id"], values.get(item.get("label", ""), _default(inner)))
    key = "values" if inner["type"] in {3, 5, 6, 7, 8, 22} else "value"
    answer = {"type": inner["type"], "custom_id": inner["custom_id"], "id": inner.get("id", 0), key: value}
    if item["type"] == 18:
        return {"type": 18, "id": item.get("id", 0), "component": answer}
    return {"type": item["type"], "id": item.get("id", 0), "components": [answer]}


def _default(inner: Json) -> Any:
    if inner["type"] in {3, 22}:
        return [option["value"] for option in inner.get("options", []) if option.get("default")]
    if inner["type"] == 21:
        return next((option["value"] for option in inner.get("options", []) if option.get("default")), None)
    if inner["type"] in {5, 6, 7, 8}:
        return [str(item["id"]) for item in inner.get("default_values", [])]
    return inner.get("default", False) if inner["type"] == 23 else inner.get("value", "")


async def bot_process(discord: LocalDiscord, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """Start an unmodified ``nextstep`` process against a local Discord; its log comes through ``stderr``."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *(arguments or ("run",)),
        env={**os.environ, **discord.environment, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
