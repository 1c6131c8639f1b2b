"""Messages: which are for the bot, answering them once, following edits and deletions."""

from __future__ import annotations

import asyncio
import logging
import re
import weakref
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import discord

from bot.answering.model import Mode, Reply, Silence, SmallTalkReply, Support
from bot.client.cards import Card
from bot.client.memory import Lately
from bot.client.places import is_for_venting, title_of
from bot.client.responses import log_fault, patiently
from bot.storage import GuildSettings, Member, SentReply

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)
UNKNOWN_MESSAGE: Final = 10008
INVALID_FORM: Final = 50035
NOTE_SECONDS: Final = 15.0
_ORDINARY: Final = (discord.MessageType.default, discord.MessageType.reply)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that concerns the bot. ``may_answer`` and ``may_watch`` say what it was opened for."""

    text: str
    mode: Mode
    may_answer: bool
    may_watch: bool
    thread: int | None = None
    """The thread or forum post that is answered once, when overheard."""


class Listener:
    """Hears messages. Within a channel they are answered in the order in which they came."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk = bot, bot.desk
        self._taken: Lately[int, bool] = Lately(20_000)
        self._gone: Lately[int, bool] = Lately(5_000)
        self._noted: Lately[int, float] = Lately(5_000)
        self._turns: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    # --- what is for us --------------------------------------------------------------------------------------

    def words_of(self, message: discord.Message) -> str:
        """The message without the bot's own name in it; a forum post begins with its title."""
        own = self._bot.user.id if self._bot.user else 0
        text = " ".join(re.sub(rf"<@!?{own}>", " ", message.content).split())
        title = " ".join(title_of(message).split())
        return f"{title}\n{text}".strip() if title.lower() not in text.lower() else text

    def _heard(self, message: discord.Message) -> Heard | None:
        if message.author.bot or message.webhook_id is not None or message.type not in _ORDINARY:
            return None
        text = self.words_of(message)
        if message.guild is None or self._is_called(message):
            return Heard(text, Mode.ADDRESSED, may_answer=True, may_watch=True)
        return self._overheard(message, text)

    def _is_called(self, message: discord.Message) -> bool:
        """Whether the message names the bot, or replies to it with a ping; ``@everyone`` does not."""
        own = self._bot.user.id if self._bot.user else 0
        return any(user.id == own for user in message.mentions)

    def _overheard(self, message: discord.Message, text: str) -> Heard | None:
        settings = self._desk.settings.of(message.guild.id if message.guild else None)
        if not (self._bot.hears_all and settings.listens and text) or settings.paused:
            return None
        channel = message.channel
        thread = channel if isinstance(channel, discord.Thread) else None
        places = {channel.id, thread.parent_id if thread else channel.id}
        answers, watches = bool(places & settings.answer_in), bool(places & settings.watch_in)
        answers = answers and not is_for_venting(channel, self._desk.interface)
        if not (answers or watches):
            return None
        return Heard(text, Mode.OVERHEARD, answers, watches, thread.id if thread else None)

    # --- answering -------------------------------------------------------------------------------------------

    async def message(self, message: discord.Message) -> None:
        """Answer a message if it is for us, once."""
        heard = self._heard(message)
        if heard is None or self._bot.leaving or message.id in self._taken:
            return
        self._taken.put(message.id, True)
        async with self._bot.working(), self._turn(message.channel.id):
            try:
                await self._answer(message, heard)
            except Exception as error:
                log_fault("message", error)
                if heard.mode is Mode.ADDRESSED:
                    await self._note(message, self._desk.interface.say("fault"))

    def _turn(self, channel: int) -> asyncio.Lock:
        lock = self._turns.get(channel)
        if lock is None:
            self._turns[channel] = lock = asyncio.Lock()
        return lock

    async def _answer(self, message: discord.Message, heard: Heard) -> None:
        settings = self._desk.settings.of(message.guild.id if message.guild else None)
        member = await self._desk.members.of(message.author.id)
        if heard.mode is Mode.OVERHEARD and member.opted_out:
            return
        reply = self._reply(message, heard, member)
        if reply is None or not await self._is_welcome(message, heard, reply):
            return
        if not self._desk.replies.claim(message.id, message.channel.id, message.author.id, self._desk.moment()):
            return
        told = isinstance(reply, Support) and await self._alert(message, reply, settings)
        sent = await self.send(message, reply, member, told=told)
        if sent is None:
            self._desk.replies.release(message.id)

    def _reply(self, message: discord.Message, heard: Heard, member: Member) -> Reply | None:
        """What to say; ``None`` for nothing. Overheard danger is answered only where it is watched for."""
        if not heard.text and heard.mode is Mode.ADDRESSED:
            return self._empty()
        guild_id = message.guild.id if message.guild else None
        country = self._desk.country(member, guild_id)
        talk = (message.author.id, message.channel.id)
        public, short = guild_id is not None, member.low_energy
        reply = self._desk.ask(heard.text, talk, country, public=public, mode=heard.mode, short=short)
        if isinstance(reply, Silence):
            return None
        if heard.mode is Mode.OVERHEARD:
            allowed = heard.may_watch if reply.screening.level.is_alarm else heard.may_answer
            return reply if allowed else None
        return reply

    def _empty(self) -> Reply:
        return SmallTalkReply(small_talk="empty", text=self._desk.interface.say("empty-mention"))

    async def _is_welcome(self, message: discord.Message, heard: Heard, reply: Reply) -> bool:
        """Cooldowns, and one answer for each overheard thread; support is exempt from both."""
        if reply.screening.level.is_alarm:
            return True
        channel = message.channel.id if message.guild else None
        wait = self._desk.cooldowns.wait(message.author.id, channel)
        if wait:
            if heard.mode is Mode.ADDRESSED:
                await self._slow_down(message, wait)
            return False
        if heard.thread is not None:
            return await self._desk.replies.first_time(f"thread:{heard.thread}", self._desk.moment())
        return True

    async def _slow_down(self, message: discord.Message, wait: float) -> None:
        """One short note in a while, which deletes itself."""
        now = self._desk.clock().timestamp()
        if 0 <= now - (self._noted.get(message.author.id) or 0) < NOTE_SECONDS:
            return
        self._noted.put(message.author.id, now)
        await self._note(message, self._desk.interface.say("cooldown", seconds=max(1, round(wait))))

    async def _note(self, message: discord.Message, text: str) -> None:
        try:
            await message.reply(text, delete_after=NOTE_SECONDS, mention_author=False)
        except discord.HTTPException as error:
            log_fault("note", error)

    async def _alert(self, message: discord.Message, reply: Support, settings: GuildSettings) -> bool:
        if message.guild is None or settings.alert_channel is None or settings.paused or not reply.full:
            return False
        return await self._bot.alarm.raise_for(message, reply, settings)

    # --- sending and changing --------------------------------------------------------------------------------

    def _cards(self, message: discord.Message, reply: Reply, member: Member, *, told: bool) -> tuple[Card, ...]:
        settings = self._desk.settings.of(message.guild.id if message.guild else None)
        public = message.guild is not None
        look = self._desk.look(member, public=public, removable=not public, told=told)
        return self._desk.cards(reply, look, plain=self._desk.is_plain(member, settings))

    async def send(
        self, message: discord.Message, reply: Reply, member: Member, *, told: bool = False
    ) -> discord.Message | None:
        """Reply to a message; ``None`` when the message is gone or may not be replied to."""
        first: discord.Message | None = None
        made = self._cards(message, reply, member, told=told)
        for number, card in enumerate(made):
            nonce = _nonce(message, number)
            try:
                reply_with = partial(message.reply, nonce=nonce, mention_author=False, **card.arguments())
                sent = await patiently(reply_with)
            except (discord.NotFound, discord.Forbidden) as error:
                log_fault("reply", error)
                break
            except discord.HTTPException as error:
                if error.code != INVALID_FORM or "message_reference" not in error.text:
                    raise
                break  # the question was deleted in the meantime
            first = first or sent
            await self._after_sending(message, sent, card, first=number == 0)
        if first is not None:
            self._desk.reasons.put(first.id, reply.why)
            await self._bot.after(reply, member, made[0].entries)
        return first

    async def _after_sending(self, message: discord.Message, sent: discord.Message, card: Card, *, first: bool) -> None:
        if message.id in self._gone:
            await sent.delete()
        elif first:
            self._desk.replies.sent(message.id, sent.id, card.record, card.entries)

    async def edited(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Let the reply follow the asker's edit; support stays."""
        message = payload.message
        if payload.data.get("edited_timestamp") is None or message.author.bot or self._bot.leaving:
            return
        heard = self._heard(message)
        async with self._bot.working(), self._turn(message.channel.id):
            try:
                await self._follow(message, heard)
            except Exception as error:
                log_fault("edit", error)

    async def _follow(self, message: discord.Message, heard: Heard | None) -> None:
        record = await self._desk.replies.to(message.id)
        if record is None:
            if heard is not None and heard.mode is Mode.ADDRESSED and message.id not in self._gone:
                await self._answer(message, heard)
            return
        if record.kind.startswith("support") or record.reply_id is None or heard is None:
            return
        member = await self._desk.members.of(message.author.id)
        reply = self._reply(message, heard, member)
        if reply is None:
            return
        await self._change(message, record, record.reply_id, reply, member)

    async def _change(
        self, message: discord.Message, record: SentReply, reply_id: int, reply: Reply, member: Member
    ) -> None:
        settings = self._desk.settings.of(message.guild.id if message.guild else None)
        told = isinstance(reply, Support) and await self._alert(message, reply, settings)
        made = self._cards(message, reply, member, told=told)
        old = message.channel.get_partial_message(reply_id)  # type: ignore[union-attr]
        try:
            if len(made) == 1 and made[0].layout != record.kind.endswith("/text") and not isinstance(reply, Support):
                await self._edit(old, made[0])
                self._desk.replies.sent(message.id, reply_id, made[0].record, made[0].entries)
                self._desk.reasons.put(reply_id, reply.why)
                return
            await old.delete()
        except discord.NotFound:
            return
        await self.send(message, reply, member, told=told)

    async def _edit(self, old: discord.PartialMessage, card: Card) -> None:
        if card.layout:
            await old.edit(view=card.view)
        else:
            await old.edit(content=card.content, view=card.view)

    async def deleted(self, channel_id: int, message_ids: tuple[int, ...]) -> None:
        """Replies vanish with the question."""
        async with self._bot.working():
            for number in message_ids:
                self._gone.put(number, True)
                await self._delete_reply(channel_id, number)

    async def _delete_reply(self, channel_id: int, message_id: int) -> None:
        record = await self._desk.replies.to(message_id)
        if record is None:
            return
        self._desk.replies.release(message_id)
        if record.reply_id is None:
            return
        try:
            await self._bot.get_partial_messageable(channel_id).get_partial_message(record.reply_id).delete()
        except discord.NotFound:
            return  # it was removed before
        except discord.HTTPException as error:
            log_fault("delete-reply", error)


def _nonce(message: discord.Message, number: int) -> str:
    """Discord sends the same nonce only once in a few minutes; an edited question may be answered anew."""
    edited = int(message.edited_at.timestamp()) % 10_000 if message.edited_at else 0
    return f"{message.id}{number}{edited:04}"
