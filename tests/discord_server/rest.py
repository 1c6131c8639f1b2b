"""The REST side of the local Discord: the routes a bot like ours uses, with Discord's errors and limits."""

from __future__ import annotations

import asyncio
import fnmatch
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from tests.discord_server import rules
from tests.discord_server.gateway import MESSAGE_CONTENT, Gateway
from tests.discord_server.interactions import (
    AUTOCOMPLETE,
    CHOICES,
    DEFER,
    DEFER_UPDATE,
    REPLY,
    SHOW_MODAL,
    UPDATE,
    Interaction,
    Refused,
)
from tests.discord_server.openapi import OpenApi
from tests.discord_server.world import (
    COMPONENTS_V2,
    DM,
    EPHEMERAL,
    FORUM,
    SEND,
    THREAD,
    VIEW,
    Channel,
    Json,
    Message,
    World,
    now,
    walk,
)

PREFIX: Final = "/api/v10"
_OPEN: Final = ("/interactions/", "/webhooks/")
"""Paths whose token is in the address."""
NONCE_SECONDS: Final = 180.0
_LATEST: Final = 4096
CONTENT_ALLOWED: Final = 1 << 19


@dataclass(frozen=True)
class Request:
    """One request of the bot, as recorded. ``path`` begins after the version; ``status`` is what it was answered."""

    method: str
    path: str
    body: Any
    status: int
    at: float
    query: Mapping[str, str]
    files: tuple[str, ...] = ()
    came: float = 0.0
    """When it came in (seconds of ``time.monotonic``), before anything was checked."""


@dataclass
class Trouble:
    """Make matching requests fail. ``times`` counts down; ``share`` (0 to 1) fails that part of them at random."""

    method: str
    path: str
    status: int
    times: int = 1
    retry_after: float = 0.05
    is_global: bool = False
    via: bool = True
    code: int = 0
    share: float = 1.0

    def strikes(self, method: str, path: str, chance: random.Random) -> bool:
        """Whether this request is to fail; uses one of its times up."""
        if self.times <= 0 or self.method not in {"*", method} or not fnmatch.fnmatch(path, self.path):
            return False
        if self.share < 1.0 and chance.random() >= self.share:
            return False
        self.times -= 1
        return True


@dataclass
class Bucket:
    """A rate limit: ``limit`` requests in ``per`` seconds over the paths that match."""

    method: str
    path: str
    limit: int
    per: float
    began: float = 0.0
    used: int = 0

    def take(self) -> tuple[int, float]:
        """Use one; gives what remains (negative: refused) and the seconds until the window begins anew."""
        moment = time.monotonic()
        if moment - self.began >= self.per:
            self.began, self.used = moment, 0
        self.used = min(self.used + 1, self.limit + 1)
        return self.limit - self.used, self.per - (moment - self.began)


Handler = Callable[[web.Request, Any], Awaitable[Any]]


@dataclass
class Rest:
    """The routes. ``violations`` collects what the bot sent and Discord would (or should) have refused."""

    world: World
    gateway: Gateway
    token: str
    openapi: OpenApi | None
    address: Callable[[], str]
    max_concurrency: int = 1
    delay: float = 0.0
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    buckets: list[Bucket] = field(default_factory=list)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    typing: list[int] = field(default_factory=list)
    keep: bool = True
    """Whether all requests and messages are kept; long runs switch it off."""
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _nonces: dict[tuple[int, str], tuple[float, Message]] = field(default_factory=dict)

    def application(self) -> web.Application:
        """The aiohttp application: REST under ``/api/v10``, the gateway under ``/gateway``."""
        application = web.Application(client_max_size=30 * 2**20)
        application.router.add_get("/gateway", self.gateway.serve)
        application.router.add_get("/gateway/", self.gateway.serve)
        for method, path, handler in self._routes():
            application.router.add_route(method, PREFIX + path, self._wrapped(handler))
        application.router.add_route("*", "/{rest:.*}", self._wrapped(self._unknown))
        return application

    def _routes(self) -> list[tuple[str, str, Handler]]:
        message = "/channels/{channel}/messages/{message}"
        hook = "/webhooks/{application}/{token}"
        return [
            ("GET", "/gateway", self._get_gateway),
            ("GET", "/gateway/bot", self._get_gateway_bot),
            ("GET", "/users/@me", self._get_me),
            ("GET", "/oauth2/applications/@me", self._get_application),
            ("GET", "/applications/@me", self._get_application),
            ("GET", "/users/{user}", self._get_user),
            ("POST", "/users/@me/channels", self._open_direct),
            ("GET", "/applications/{application}/commands", self._get_commands),
            ("PUT", "/applications/{application}/commands", self._put_commands),
            ("POST", "/interactions/{interaction}/{token}/callback", self._callback),
            ("POST", hook, self._followup),
            ("GET", hook + "/messages/{message}", self._get_response),
            ("PATCH", hook + "/messages/{message}", self._edit_response),
            ("DELETE", hook + "/messages/{message}", self._delete_response),
            ("GET", "/channels/{channel}", self._get_channel),
            ("POST", "/channels/{channel}/messages", self._create_message),
            ("POST", "/channels/{channel}/messages/bulk-delete", self._delete_messages),
            ("GET", message, self._get_message),
            ("PATCH", message, self._edit_message),
            ("DELETE", message, self._delete_message),
            ("POST", "/channels/{channel}/typing", self._typing),
            ("GET", "/guilds/{guild}", self._get_guild),
            ("GET", "/guilds/{guild}/members/{user}", self._get_member),
        ]

    # --- around every request ------------------------------------------------------------------------------

    def _wrapped(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            came, path = time.monotonic(), request.path.removeprefix(PREFIX)
            body, files = await _body(request)
            if self.delay:
                await asyncio.sleep(self.delay)
            response = await self._answer(handler, request, path, body)
            if self.keep:
                query = dict(request.query)
                sort = (request.method, path, body, response.status)
                self.requests.append(Request(*sort, time.time(), query, files, came))
            self.changed.set()
            return response

        return handle

    async def _answer(self, handler: Handler, request: web.Request, path: str, body: Any) -> web.Response:
        trouble = next((t for t in self.troubles if t.strikes(request.method, path, self.chance)), None)
        if trouble is not None:
            return _troubled(trouble)
        headers, refusal = self._rate_limit(request.method, path)
        if refusal is not None:
            return refusal
        if (
            not path.startswith(_OPEN)
            and path != "/gateway"
            and request.headers.get("Authorization") != f"Bot {self.token}"
        ):
            return reply({"message": "401: Unauthorized", "code": 0}, 401)
        self._check(request.method, path, body)
        try:
            result = await handler(request, body)
        except Refused as error:
            return reply({"message": error.message, "code": error.code}, error.status, headers)
        return web.Response(status=204, headers=headers) if result is None else reply(result, 200, headers)

    def _check(self, method: str, path: str, body: Any) -> None:
        if self.openapi is not None:
            self.violations += self.openapi.complaints(method, path, body)

    def _rate_limit(self, method: str, path: str) -> tuple[dict[str, str], web.Response | None]:
        for number, bucket in enumerate(self.buckets):
            if bucket.method not in {"*", method} or not fnmatch.fnmatch(path, bucket.path):
                continue
            remaining, reset = bucket.take()
            headers = {
                "X-RateLimit-Limit": str(bucket.limit),
                "X-RateLimit-Remaining": str(max(0, remaining)),
                "X-RateLimit-Reset": f"{time.time() + reset:.3f}",
                "X-RateLimit-Reset-After": f"{reset:.3f}",
                "X-RateLimit-Bucket": f"bucket-{number}",
            }
            if remaining >= 0:
                return headers, None
            self.violations.append(f"{method} {path}: sent although the bucket was empty")
            return headers, _troubled(Trouble(method, path, 429, retry_after=reset), headers)
        return {}, None

    def _refuse(self, complaints: list[str], where: str) -> None:
        if complaints:
            self.violations += [f"{where}: {complaint}" for complaint in complaints]
            raise Refused(400, 50035, f"Invalid Form Body: {'; '.join(complaints)}")

    async def _unknown(self, request: web.Request, body: Any) -> Any:
        self.violations.append(f"{request.method} {request.path}: the local Discord has no such route")
        raise Refused(404, 0, "404: Not Found")

    # --- who and what --------------------------------------------------------------------------------------

    async def _get_gateway(self, request: web.Request, body: Any) -> Json:
        return {"url": self.address()}

    async def _get_gateway_bot(self, request: web.Request, body: Any) -> Json:
        limits = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": self.max_concurrency}
        return {"url": self.address(), "shards": self.world.shards, "session_start_limit": limits}

    async def _get_me(self, request: web.Request, body: Any) -> Json:
        return self.world.bot.json() | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0}

    async def _get_application(self, request: web.Request, body: Any) -> Json:
        return {
            "id": str(self.world.bot.id),
            "name": self.world.bot.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": CONTENT_ALLOWED if self.gateway.allowed_intents & MESSAGE_CONTENT else 0,
            "owner": self.world.bot.json(),
            "team": None,
            "hook": True,
            "summary": "",
        }

    async def _get_user(self, request: web.Request, body: Any) -> Json:
        user = self.world.users.get(int(request.match_info["user"]))
        if user is None:
            raise Refused(404, 10013, "Unknown User")
        return user.json()

    async def _open_direct(self, request: web.Request, body: Any) -> Json:
        user = self.world.users.get(int(body["recipient_id"]))
        if user is None or user.bot:
            raise Refused(400, 50007, "Cannot send messages to this user")
        return self.world.direct(user).json()

    async def _get_guild(self, request: web.Request, body: Any) -> Json:
        guild = self.world.guilds.get(int(request.match_info["guild"]))
        if guild is None or guild.id not in self.world.installed:
            raise Refused(404, 10004, "Unknown Guild")
        return guild.json(self.world.bot)

    async def _get_member(self, request: web.Request, body: Any) -> Json:
        guild = self.world.guilds.get(int(request.match_info["guild"]))
        user = self.world.users.get(int(request.match_info["user"]))
        if guild is None or user is None or user.id not in guild.members:
            raise Refused(404, 10007, "Unknown Member")
        return guild.member_json(user) | {"user": user.json()}

    # --- commands ------------------------------------------------------------------------------------------

    async def _get_commands(self, request: web.Request, body: Any) -> list[Json]:
        return list(self.world.commands.values())

    async def _put_commands(self, request: web.Request, body: Any) -> list[Json]:
        self._refuse(rules.command_complaints(body), "commands")
        self.world.commands = {}
        for command in body:
            stored = {"type": 1, "description": "", "default_member_permissions": None, "version": "1"} | command
            if stored["type"] != 1:
                stored["description"] = ""
            stored |= {"id": str(self.world.ids.next()), "application_id": str(self.world.bot.id)}
            self.world.commands[command["name"]] = stored
        return list(self.world.commands.values())

    # --- messages ------------------------------------------------------------------------------------------

    def _channel(self, request: web.Request, need: int = VIEW) -> Channel:
        channel = self.world.channels.get(int(request.match_info["channel"]))
        if channel is None:
            raise Refused(404, 10003, "Unknown Channel")
        if channel.guild is not None:
            if channel.guild.id not in self.world.installed:
                raise Refused(403, 50001, "Missing Access")
            may = channel.guild.permissions(self.world.bot, channel)
            if not may & VIEW:
                raise Refused(403, 50001, "Missing Access")
            if may & need != need:
                raise Refused(403, 50013, "Missing Permissions")
        return channel

    def _message(self, request: web.Request, *, own: bool = False) -> Message:
        channel = self._channel(request)
        message = self.world.find_message(channel.id, int(request.match_info["message"]))
        if message is None or message.ephemeral:
            raise Refused(404, 10008, "Unknown Message")
        if own and message.author is not self.world.bot:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        return message

    async def _get_channel(self, request: web.Request, body: Any) -> Json:
        return self._channel(request).json()

    async def _typing(self, request: web.Request, body: Any) -> None:
        self.typing.append(self._channel(request).id)

    async def _create_message(self, request: web.Request, body: Any) -> Json:
        channel = self._channel(request, SEND)
        if channel.type == FORUM:
            raise Refused(400, 50008, "Cannot send messages in a non-text channel")
        self._refuse(rules.message_complaints(body), "message")
        nonce = body.get("nonce")
        if body.get("enforce_nonce") and (known := self._known_nonce(channel, nonce)):
            return known.json()
        message = self.make(channel, body)
        if nonce is not None:
            self._nonces[channel.id, str(nonce)] = (time.monotonic(), message)
            while not self.keep and len(self._nonces) > _LATEST:
                del self._nonces[next(iter(self._nonces))]
        self.gateway.publish("MESSAGE_CREATE", message)
        return message.json()

    def _known_nonce(self, channel: Channel, nonce: object) -> Message | None:
        sent, message = self._nonces.get((channel.id, str(nonce)), (0.0, None))
        return message if time.monotonic() - sent < NONCE_SECONDS else None

    def make(self, channel: Channel, body: Json, *, flags: int = 0) -> Message:
        """A new message of the bot from a request body."""
        reference, reply_to = body.get("message_reference"), None
        if reference is not None:
            reply_to = self.world.find_message(
                int(reference.get("channel_id") or channel.id), int(reference["message_id"])
            )
            if reply_to is None and reference.get("fail_if_not_exists", True):
                raise Refused(400, 50035, "Invalid Form Body: message_reference: Unknown message")
        message = Message(self.world.ids.next(), channel, self.world.bot, reply_to=reply_to, flags=flags)
        nonce = body.get("nonce")
        message.nonce = None if nonce is None else str(nonce)
        self._fill(message, body)
        message.flags |= int(body.get("flags") or 0)
        message.mentions = self.world.mentioned(body, message.content, reply_to)
        self.remember(message)
        self.world.published(message)
        return message

    def remember(self, message: Message) -> None:
        """Keep a message; in long runs only the last few thousand."""
        messages = self.world.messages
        messages[message.id] = message
        while not self.keep and len(messages) > _LATEST:
            del messages[next(iter(messages))]

    def _fill(self, message: Message, body: Json) -> None:
        message.body = body
        for key in ("content", "embeds", "components", "attachments"):
            if key in body:
                setattr(message, key, body[key] or ("" if key == "content" else []))
        message.attachments = [_attachment(item) for item in message.attachments]
        _number(message.components)

    def change(self, message: Message, body: Json, *, announce: bool = True) -> Message:
        """Edit a message of the bot: what the body names is replaced, the rest stays.

        Raises:
            Refused: the result mixes a layout with content, or loses the Components V2 flag.
        """
        flags = int(body.get("flags") or 0)
        merged = {"content": message.content, "embeds": message.embeds, "components": message.components} | body
        if message.flags & COMPONENTS_V2 and "flags" in body and not flags & COMPONENTS_V2:
            raise Refused(400, 50035, "Invalid Form Body: the Components V2 flag cannot be removed")
        self._refuse(rules.message_complaints(merged, edit=True, flags=message.flags), "edit")
        self._fill(message, body)
        message.flags |= flags & COMPONENTS_V2
        message.edited = now()
        if announce and not message.ephemeral:
            self.gateway.publish("MESSAGE_UPDATE", message)
        self.world.published(message)
        return message

    def remove(self, message: Message) -> None:
        """Delete a message and tell everyone who saw it."""
        message.deleted = True
        if not message.ephemeral:
            data = {"id": str(message.id), "channel_id": str(message.channel.id)}
            guild = message.channel.guild
            data |= {"guild_id": str(guild.id)} if guild else {}
            intent = 1 << 12 if message.channel.type == DM else 1 << 9
            self.gateway.dispatch("MESSAGE_DELETE", data, shard=self.world.shard_of(message.channel), intent=intent)

    async def _get_message(self, request: web.Request, body: Any) -> Json:
        return self._message(request).json()

    async def _edit_message(self, request: web.Request, body: Any) -> Json:
        return self.change(self._message(request, own=True), body).json()

    async def _delete_message(self, request: web.Request, body: Any) -> None:
        message = self._message(request)
        if message.author is not self.world.bot:
            raise Refused(403, 50013, "Missing Permissions")
        self.remove(message)

    async def _delete_messages(self, request: web.Request, body: Any) -> None:
        raise Refused(403, 50013, "Missing Permissions")

    # --- interactions --------------------------------------------------------------------------------------

    def _interaction(self, request: web.Request) -> Interaction:
        interaction = self.interactions.get(request.match_info["token"])
        if interaction is None:
            raise Refused(404, 10062, "Unknown interaction")
        return interaction

    async def _callback(self, request: web.Request, body: Any) -> Json | None:
        interaction = self._interaction(request)
        kind, data = body["type"], body.get("data") or {}
        interaction.accept(kind, data)
        self._check_response(kind, data)
        interaction.response, interaction.answered_after = body, time.monotonic() - interaction.born
        interaction.ephemeral = bool(int(data.get("flags") or 0) & EPHEMERAL) or not interaction.public_allowed
        self._apply(interaction, kind, data)
        interaction.answered.set()
        interaction.changed.set()
        if request.query.get("with_response") not in {"1", "true"}:
            return None
        return _callback_json(interaction, kind)

    def _check_response(self, kind: int, data: Json) -> None:
        if kind == CHOICES:
            self._refuse(rules.autocomplete_complaints(data.get("choices", [])), "autocomplete")
        elif kind == SHOW_MODAL:
            self._refuse(rules.modal_complaints(data), "modal")
        elif kind == REPLY:
            self._refuse(rules.message_complaints(data), "response")

    def _apply(self, interaction: Interaction, kind: int, data: Json) -> None:
        flags = EPHEMERAL if interaction.ephemeral else 0
        if kind == REPLY:
            interaction.original = self._respond(interaction, data, flags)
        elif kind == DEFER:
            interaction.placeholder = True
            interaction.original = Message(
                self.world.ids.next(), interaction.channel, self.world.bot, flags=flags | 1 << 7, webhook=True
            )
            self.world.messages[interaction.original.id] = interaction.original
        elif kind in {UPDATE, DEFER_UPDATE}:
            interaction.original = interaction.source
            if kind == UPDATE and interaction.source is not None:
                self.change(interaction.source, data)

    def _respond(self, interaction: Interaction, body: Json, flags: int) -> Message:
        message = self.make(interaction.channel, {k: v for k, v in body.items() if k != "flags"}, flags=flags)
        message.flags |= int(body.get("flags") or 0)
        message.body = body
        message.webhook = True
        if not message.ephemeral and not interaction.user_install:
            self.gateway.publish("MESSAGE_CREATE", message)
        return message

    async def _followup(self, request: web.Request, body: Any) -> Json:
        interaction = self._interaction(request)
        interaction.check_followup()
        if interaction.placeholder and interaction.original is not None:
            interaction.placeholder = False
            interaction.original.flags &= ~(1 << 7)
            self._refuse(rules.message_complaints(body), "follow-up")
            message = self.change(interaction.original, body)
        else:
            self._refuse(rules.message_complaints(body), "follow-up")
            ephemeral = int(body.get("flags") or 0) & EPHEMERAL or not interaction.public_allowed
            message = self._respond(interaction, body, EPHEMERAL if ephemeral else 0)
            interaction.followups.append(message)
        interaction.changed.set()
        return message.json()

    def _response(self, request: web.Request) -> tuple[Interaction, Message]:
        interaction = self._interaction(request)
        name = request.match_info["message"]
        known = [m for m in [interaction.original, *interaction.followups] if m is not None and not m.deleted]
        if name == "@original":
            message = interaction.original if interaction.original in known else None
        else:
            message = next((m for m in known if str(m.id) == name), None)
        if message is None:
            raise Refused(404, 10008, "Unknown Message")
        return interaction, message

    async def _get_response(self, request: web.Request, body: Any) -> Json:
        return self._response(request)[1].json()

    async def _edit_response(self, request: web.Request, body: Any) -> Json:
        interaction, message = self._response(request)
        if interaction.placeholder:
            interaction.placeholder = False
            message.flags &= ~(1 << 7)
        self.change(message, body)
        interaction.changed.set()
        return message.json()

    async def _delete_response(self, request: web.Request, body: Any) -> None:
        interaction, message = self._response(request)
        self.remove(message)
        interaction.changed.set()


def reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer; discord.py wants exactly this content type, without a charset."""
    body = json.dumps(data, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, headers={**(headers or {}), "Content-Type": "application/json"})


def _troubled(trouble: Trouble, headers: Mapping[str, str] | None = None) -> web.Response:
    extra = dict(headers or {})
    if trouble.status != 429:
        return reply({"message": f"{trouble.status}: trouble on request", "code": trouble.code}, trouble.status, extra)
    if trouble.via:
        extra["Via"] = "1.1 google"
    extra |= {"Retry-After": f"{trouble.retry_after:.3f}"}
    extra |= {"X-RateLimit-Global": "true"} if trouble.is_global else {}
    data = {"message": "You are being rate limited.", "retry_after": trouble.retry_after, "global": trouble.is_global}
    return reply(data, 429, extra)


async def _body(request: web.Request) -> tuple[Any, tuple[str, ...]]:
    if not request.can_read_body:
        return None, ()
    if not request.content_type.startswith("multipart/"):
        raw = await request.read()
        return (json.loads(raw) if raw else None), ()
    form = await request.post()
    files = tuple(value.filename for value in form.values() if isinstance(value, web.FileField))
    text = form.get("payload_json")
    return (json.loads(text) if isinstance(text, str) else {}), files


def _attachment(item: Json) -> Json:
    name = item.get("filename", "file")
    link = f"https://cdn.discordapp.com/attachments/0/0/{name}"
    return {"id": str(item.get("id", 0)), "filename": name, "size": 1, "url": link, "proxy_url": link} | {
        key: value for key, value in item.items() if key == "description"
    }


def _number(components: list[Json]) -> None:
    """Give every component an id, as Discord does."""
    used = {item.get("id") for item in walk(components)}
    following = 1
    for item in walk(components):
        if not item.get("id"):
            while following in used:
                following += 1
            item["id"] = following
            used.add(following)


def _callback_json(interaction: Interaction, kind: int) -> Json:
    message = interaction.original
    data: Json = {
        "id": str(interaction.id),
        "type": interaction.kind,
        "response_message_ephemeral": interaction.ephemeral,
    }
    if message is not None:
        data["response_message_id"] = str(message.id)
    resource: Json = {"type": kind}
    if message is not None and kind in {REPLY, UPDATE}:
        resource["message"] = message.json()
    return {"interaction": data, "resource": resource}


__all__ = ["AUTOCOMPLETE", "DM", "THREAD", "Bucket", "Request", "Rest", "Trouble", "reply"]
