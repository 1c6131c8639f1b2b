"""The gateway of the local Discord: sessions, compression, heartbeats, resuming and closing, as documented."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import zstandard
from aiohttp import WSMsgType, web

from tests.discord_server.world import DM, Json, Message, World

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED: Final = (1 << 1) | (1 << 8) | MESSAGE_CONTENT
UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, BAD_TOKEN, TWICE = 4000, 4001, 4002, 4003, 4004, 4005
RATE_LIMITED, INVALID_SHARD, INVALID_INTENTS, DISALLOWED_INTENTS = 4008, 4010, 4013, 4014
REPLAY_KEPT: Final = 5000


class Compressor(Protocol):
    """One compression context for the whole life of a socket."""

    def __call__(self, text: str) -> bytes | str: ...


def compressor(name: str | None) -> Compressor:
    """The transport compression that the address asked for: ``zlib-stream``, ``zstd-stream`` or none."""
    if name == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda text: deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if name == "zstd-stream":
        zstd = zstandard.ZstdCompressor().compressobj()
        return lambda text: zstd.compress(text.encode()) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return lambda text: text


@dataclass(eq=False)
class Session:
    """What one IDENTIFY began: outlives its sockets until it is invalidated."""

    id: str
    shard: int
    intents: int
    sequence: int = 0
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=REPLAY_KEPT))
    socket: Socket | None = None


@dataclass(eq=False)
class Socket:
    """One connection."""

    ws: web.WebSocketResponse
    compress: Compressor
    compression: str | None
    transport: asyncio.BaseTransport | None
    session: Session | None = None
    closed_with: int | None = None
    """The code with which this side closed it."""
    outbox: asyncio.Queue[Json | None] = field(default_factory=asyncio.Queue)
    received: deque[float] = field(default_factory=deque)

    def put(self, payload: Json) -> None:
        """Queue a payload; order is kept."""
        self.outbox.put_nowait(payload)

    async def pump(self) -> None:
        """Send what is queued until ``None`` comes or the socket dies."""
        while (payload := await self.outbox.get()) is not None:
            data = self.compress(json.dumps(payload, separators=(",", ":")))
            try:
                await (self.ws.send_str(data) if isinstance(data, str) else self.ws.send_bytes(data))
            except (ConnectionError, RuntimeError):
                return


@dataclass
class Gateway:
    """All shards' sessions. ``counts`` holds how often each thing happened (identify, resume, heartbeat …)."""

    world: World
    token: str
    address: Callable[[], str]
    allowed_intents: int
    heartbeat_ms: int = 41_250
    acknowledge_heartbeats: bool = True
    latency: float = 0.0
    refuse: bool = False
    """Whether new connections are turned away (503), as in an outage."""
    identify_close: int | None = None
    """When set, every IDENTIFY is answered with this close code."""
    sessions: dict[str, Session] = field(default_factory=dict)
    sockets: set[Socket] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    identifies: list[Json] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self, what: str) -> None:
        """Note that something happened, and wake whoever waits for it."""
        self.counts[what] = self.counts.get(what, 0) + 1
        self.changed.set()

    # --- one connection ------------------------------------------------------------------------------------

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """The websocket handler."""
        if self.refuse:
            raise web.HTTPServiceUnavailable
        ws = web.WebSocketResponse(max_msg_size=0, autoping=True)
        await ws.prepare(request)
        name = request.query.get("compress")
        socket = Socket(ws, compressor(name), name, request.transport)
        self.sockets.add(socket)
        self.count("connect")
        pump = asyncio.create_task(socket.pump())
        socket.put({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None})
        try:
            async for message in ws:
                if message.type is WSMsgType.TEXT:
                    await self._receive(socket, message.data)
                if ws.closed:
                    break
        finally:
            self._forget(socket)
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump
        return ws

    def _forget(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        code = socket.closed_with or socket.ws.close_code
        self.count(f"closed {code}")
        session = socket.session
        if session is not None and session.socket is socket:
            session.socket = None
            if socket.closed_with is None and code in {1000, 1001}:
                self.sessions.pop(session.id, None)
        self.count("disconnect")

    async def _receive(self, socket: Socket, data: str) -> None:
        if len(data.encode()) > 4096:
            return await self._close(socket, DECODE_ERROR)
        if self._too_many(socket):
            return await self._close(socket, RATE_LIMITED)
        try:
            payload = json.loads(data)
            op, inner = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return await self._close(socket, DECODE_ERROR)
        if op == 1:
            self.count("heartbeat")
            if self.acknowledge_heartbeats:
                socket.put({"op": 11, "d": None})
        elif op == 2:
            await self._identify(socket, inner)
        elif op == 6:
            await self._resume(socket, inner)
        elif socket.session is None:
            await self._close(socket, NOT_AUTHENTICATED)
        elif op not in {3, 4, 8}:
            await self._close(socket, UNKNOWN_OPCODE)
        return None

    def _too_many(self, socket: Socket) -> bool:
        moment = time.monotonic()
        socket.received.append(moment)
        while moment - socket.received[0] > 60:
            socket.received.popleft()
        return len(socket.received) > 120

    async def _close(self, socket: Socket, code: int) -> None:
        socket.closed_with = code
        await socket.ws.close(code=code)

    # --- sessions ------------------------------------------------------------------------------------------

    async def _identify(self, socket: Socket, data: Json) -> None:
        self.identifies.append(data)
        self.count("identify")
        shard, shards = data.get("shard") or (0, 1)
        refused = self._refusal(socket, data, shard, shards)
        if refused is not None:
            return await self._close(socket, refused)
        session = Session(f"session-{len(self.identifies)}", shard, data["intents"], socket=socket)
        self.sessions[session.id] = session
        socket.session = session
        self._greet(session, shard, shards)
        self.count("ready")
        return None

    def _refusal(self, socket: Socket, data: Json, shard: int, shards: int) -> int | None:
        if self.identify_close is not None:
            return self.identify_close
        if socket.session is not None:
            return TWICE
        if data.get("token") != self.token:
            return BAD_TOKEN
        if not 0 <= shard < shards or shards != self.world.shards:
            return INVALID_SHARD
        intents = data.get("intents")
        if not isinstance(intents, int) or intents >= 1 << 26:
            return INVALID_INTENTS
        return DISALLOWED_INTENTS if intents & PRIVILEGED & ~self.allowed_intents else None

    def _greet(self, session: Session, shard: int, shards: int) -> None:
        guilds = [
            g for g in self.world.guilds.values() if g.id in self.world.installed and (g.id >> 22) % shards == shard
        ]
        ready: Json = {
            "v": 10,
            "user": self.world.bot.json() | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.address(),
            "shard": [shard, shards],
            "application": {"id": str(self.world.bot.id), "flags": 0},
            "private_channels": [],
        }
        self._dispatch(session, "READY", ready)
        for guild in guilds:
            self._dispatch(session, "GUILD_CREATE", guild.json(self.world.bot))

    async def _resume(self, socket: Socket, data: Json) -> None:
        self.count("resume")
        session = self.sessions.get(data.get("session_id", ""))
        if session is None or data.get("token") != self.token:
            socket.put({"op": 9, "d": False, "s": None, "t": None})
            return
        session.socket, socket.session = socket, session
        for payload in [p for p in session.sent if p["s"] > data["seq"]]:
            socket.put(payload)
        self._dispatch(session, "RESUMED", {})
        self.count("resumed")

    def _dispatch(self, session: Session, event: str, data: Json) -> None:
        session.sequence += 1
        payload = {"op": 0, "t": event, "s": session.sequence, "d": data}
        session.sent.append(payload)
        if session.socket is not None:
            session.socket.put(payload)

    # --- what tests do with it -----------------------------------------------------------------------------

    def dispatch(self, event: str, data: Json, *, shard: int = 0, intent: int = 0) -> None:
        """Send an event to a shard's sessions that have the intent; kept for a later RESUME."""
        for session in list(self.sessions.values()):
            if session.shard == shard and session.intents & intent == intent:
                self._dispatch(session, event, data)

    def publish(self, event: str, message: Message) -> None:
        """Send a message event, its content blanked for a bot without the message-content intent."""
        channel = message.channel
        intent = DIRECT_MESSAGES if channel.type == DM else GUILD_MESSAGES
        for session in list(self.sessions.values()):
            if session.shard != self.world.shard_of(channel) or not session.intents & intent:
                continue
            sees = session.intents & MESSAGE_CONTENT or channel.type == DM
            sees = sees or message.author is self.world.bot or self.world.bot in message.mentions
            self._dispatch(session, event, message.json(blank=not sees))

    def last_payload(self, shard: int = 0) -> Json:
        """The last event that was sent on a shard."""
        return next(s for s in self.sessions.values() if s.shard == shard).sent[-1]

    def repeat_last(self, shard: int = 0) -> None:
        """Send the last event once more with a new number, as a faulty replay would."""
        session = next(s for s in self.sessions.values() if s.shard == shard)
        self._dispatch(session, session.sent[-1]["t"], session.sent[-1]["d"])

    def ask_to_reconnect(self) -> None:
        """Op 7 on every socket."""
        for socket in list(self.sockets):
            socket.put({"op": 7, "d": None, "s": None, "t": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9 on every socket; sessions are gone unless ``resumable``."""
        if not resumable:
            self.sessions.clear()
        for socket in list(self.sockets):
            socket.put({"op": 9, "d": resumable, "s": None, "t": None})

    async def close_all(self, code: int) -> None:
        """Close every socket with a code."""
        for socket in list(self.sockets):
            await self._close(socket, code)

    def drop(self) -> None:
        """Lose every connection without a closing handshake."""
        for socket in list(self.sockets):
            if isinstance(socket.transport, asyncio.WriteTransport):
                socket.transport.abort()
            if socket.session is not None and socket.session.socket is socket:
                socket.session.socket = None
