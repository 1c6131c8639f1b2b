"""The tables: what is kept, why, and for how long. Nothing here holds message text but ``sent_questions``,
and what editors took from them into an edit.

Each column says why it is kept in its ``comment``; each table says for how long in ``info["kept"]``.
:func:`described` lists both, and the privacy page is held to it. Discord ids are 64-bit integers; moments are
seconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

UNTIL_CHANGED: Final = "until an administrator changes it or removes the bot"
UNTIL_DELETED: Final = "until the member deletes it with /privacy delete"
DAYS_30: Final = "30 days"
DAYS_7: Final = "7 days"
COUNTED: Final = "without end: counts only, of nobody in particular"
MONTHS_13: Final = "13 months: counts only, of nobody in particular"
HISTORY: Final = (
    "as the history of the text; edits that never got published 90 days after their last step, and 30 days where they "
    "were turned down with words that members sent"
)
UNTIL_TOLD: Final = "until the note is sent, at most 30 days"

guilds = Table(
    "guilds",
    METADATA,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False, comment="which server the settings are of"),
    Column("plain", Boolean, nullable=False, default=False, comment="whether replies there are plain text"),
    Column("country", String(2), comment="whose crisis lines and names to show when the member has chosen none"),
    Column("moderator_role", BigInteger, comment="who may remove replies and press alert buttons"),
    Column("editor_role", BigInteger, comment="who may propose and approve edits"),
    Column("clinician_role", BigInteger, comment="who may sign entries off"),
    Column("alert_channel", BigInteger, comment="where alerts go; none means that alerts are off"),
    Column("alert_role", BigInteger, comment="who is pinged by an alert; none means nobody"),
    Column("staffed_from", Integer, comment="minute of the day from which moderators are there"),
    Column("staffed_until", Integer, comment="minute of the day until which moderators are there"),
    Column("staffed_zone", String(64), comment="time zone of those minutes"),
    Column("paused", Boolean, nullable=False, default=False, comment="whether the bot only answers when called"),
    info={"kept": UNTIL_CHANGED},
)

guild_channels = Table(
    "guild_channels",
    METADATA,
    Column(
        "guild_id",
        BigInteger,
        ForeignKey("guilds.guild_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="the server",
    ),
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False, comment="the channel or forum"),
    Column("purpose", String(8), primary_key=True, comment="answer: questions are answered there; watch: danger is"),
    info={"kept": UNTIL_CHANGED},
)

members = Table(
    "members",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False, comment="whose preferences these are"),
    Column("country", String(2), comment="the country that the member chose"),
    Column("low_energy", Boolean, nullable=False, default=False, comment="whether the member asked for short replies"),
    Column("plain", Boolean, nullable=False, default=False, comment="whether the member asked for plain text"),
    Column("opted_out", Boolean, nullable=False, default=False, comment="whether unaddressed messages are left unread"),
    Column("introduced_at", BigInteger, comment="when the bot said what it is; it says so once"),
    info={"kept": UNTIL_DELETED},
)

replies = Table(
    "replies",
    METADATA,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False, comment="the message that was answered"),
    Column("channel_id", BigInteger, nullable=False, comment="where it is, to follow an edit or a deletion"),
    Column("asker_id", BigInteger, nullable=False, index=True, comment="who may remove the reply"),
    Column("reply_id", BigInteger, index=True, comment="the bot's message; none while it is being sent"),
    Column("kind", String(16), nullable=False, default="", comment="what sort of reply: support is never taken back"),
    Column("entries", String(400), nullable=False, default="", comment="which entries it showed, for feedback"),
    Column("at", BigInteger, nullable=False, index=True, comment="when, to forget it in time"),
    info={"kept": DAYS_30},
)

seen = Table(
    "seen",
    METADATA,
    Column("name", String(80), primary_key=True, comment="what is done once only: a thread or an event, by its id"),
    Column("at", BigInteger, nullable=False, index=True, comment="when, to forget it in time"),
    info={"kept": DAYS_30},
)

alerts = Table(
    "alerts",
    METADATA,
    Column("alert_id", BigInteger, primary_key=True, autoincrement=False, comment="the alert's own message"),
    Column("channel_id", BigInteger, nullable=False, comment="where it is, to delete it in time"),
    Column("guild_id", BigInteger, nullable=False, comment="whose moderators it is for"),
    Column("rules", String(400), nullable=False, comment="which rules fired, to count a false alarm"),
    Column("at", BigInteger, nullable=False, index=True, comment="when, to delete it in time"),
    info={"kept": DAYS_7},
)

rule_counts = Table(
    "rule_counts",
    METADATA,
    Column("rule", String(80), primary_key=True, comment="which rule of the safety screen"),
    Column("alerts", Integer, nullable=False, default=0, comment="how often it raised an alert"),
    Column("false_alarms", Integer, nullable=False, default=0, comment="how often moderators said: false alarm"),
    info={"kept": COUNTED},
)

feedback = Table(
    "feedback",
    METADATA,
    Column("entry", String(60), primary_key=True, comment="which entry was rated"),
    Column("facet", String(20), primary_key=True, comment="which aspect of it"),
    Column("verdict", String(20), primary_key=True, comment="helpful, or the reason why not"),
    Column("count", Integer, nullable=False, default=0, comment="how often"),
    info={"kept": COUNTED},
)

misses = Table(
    "misses",
    METADATA,
    Column("reason", String(60), primary_key=True, comment="why there was no answer"),
    Column("nearest", String(60), primary_key=True, comment="the entry that came nearest"),
    Column("count", Integer, nullable=False, default=0, comment="how often"),
    info={"kept": COUNTED},
)

sent_questions = Table(
    "sent_questions",
    METADATA,
    Column("id", Integer, primary_key=True, comment="a number to speak of it"),
    Column("text", Text, nullable=False, comment="the question as the member sent it to the editors, scrubbed"),
    Column("nearest", String(60), nullable=False, default="", comment="the entry that came nearest"),
    Column("at", BigInteger, nullable=False, index=True, comment="when, to delete it in time"),
    info={"kept": DAYS_30},
)

edits = Table(
    "edits",
    METADATA,
    Column("id", Integer, primary_key=True, comment="a number to speak of it"),
    Column("subject", String(10), nullable=False, comment="entry, redirect or source"),
    Column("key", String(60), nullable=False, comment="which one"),
    Column("state", String(20), nullable=False, comment="where it stands between draft and published"),
    Column("snapshot", Text, nullable=False, comment="the whole text as it shall read, with its sources"),
    Column("base", String(16), nullable=False, comment="hash of what it was based on, so that no edit is overwritten"),
    Column("file", String(16), nullable=False, comment="hash of the file then, to notice a change in git"),
    Column("author", String(40), nullable=False, comment="opaque id: nobody approves their own edit"),
    Column("author_role", String(12), nullable=False, comment="as what the author wrote it"),
    Column("why", String(400), nullable=False, default="", comment="the author's reason"),
    Column("version", Integer, nullable=False, default=0, comment="how many steps it took, so that two do not collide"),
    Column("previous", Integer, comment="the edit whose place it took, to come back when this one is reverted"),
    Column("trials", Text, nullable=False, default="[]", comment="questions that it has to answer from now on"),
    Column("created_at", BigInteger, nullable=False, comment="when it was begun"),
    Column("changed_at", BigInteger, nullable=False, index=True, comment="when it took its last step"),
    info={"kept": HISTORY},
)
Index("ix_edits_place", edits.c.subject, edits.c.key)
for _state in ("published", "hidden"):
    Index(
        f"uq_edits_{_state}",
        edits.c.subject,
        edits.c.key,
        unique=True,
        sqlite_where=text(f"state = '{_state}'"),
        postgresql_where=text(f"state = '{_state}'"),
    )

edit_steps = Table(
    "edit_steps",
    METADATA,
    Column("id", Integer, primary_key=True, comment="the order of the steps"),
    Column(
        "edit_id", Integer, ForeignKey("edits.id", ondelete="CASCADE"), nullable=False, index=True, comment="which edit"
    ),
    Column("step", String(20), nullable=False, comment="what was done"),
    Column("before", String(20), comment="the state before; none for the first step"),
    Column("after", String(20), nullable=False, comment="the state after"),
    Column("actor", String(40), nullable=False, index=True, comment="opaque id of who did it"),
    Column("role", String(12), nullable=False, comment="as what: members see the role, never a name"),
    Column("why", String(400), nullable=False, default="", comment="the reason given"),
    Column("at", BigInteger, nullable=False, comment="when"),
    info={"kept": HISTORY},
)

edit_questions = Table(
    "edit_questions",
    METADATA,
    Column(
        "edit_id",
        Integer,
        ForeignKey("edits.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="which edit answers",
    ),
    Column(
        "question_id",
        Integer,
        ForeignKey("sent_questions.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="which question that was sent to the editors",
    ),
    info={"kept": DAYS_30},
)

answer_notes = Table(
    "answer_notes",
    METADATA,
    Column("id", Integer, primary_key=True, comment="a number to speak of it"),
    Column("user_id", BigInteger, nullable=False, index=True, comment="who asked to be told when there is an answer"),
    Column("question_id", Integer, index=True, comment="which question; emptied when it is answered"),
    Column("entry", String(60), comment="the entry that answers it, once there is one"),
    Column("at", BigInteger, nullable=False, index=True, comment="when, to forget it in time"),
    info={"kept": UNTIL_TOLD},
)

monthly = Table(
    "monthly",
    METADATA,
    Column("month", String(7), primary_key=True, comment="which month, such as 2026-11"),
    Column("what", String(20), primary_key=True, comment="what was counted: a kind of reply, a topic, a rating"),
    Column("name", String(100), primary_key=True, comment="of which entry, aspect or reason"),
    Column("count", Integer, nullable=False, default=0, comment="how often"),
    info={"kept": MONTHS_13},
)

state = Table(
    "state",
    METADATA,
    Column("name", String(60), primary_key=True, comment="what the program remembers about itself"),
    Column("value", Text, nullable=False, comment="for example the hash of the registered commands"),
    info={"kept": "as long as the program runs here"},
)


class Kept(NamedTuple):
    """One column as the privacy page names it."""

    table: str
    column: str
    why: str
    kept: str


def described() -> Iterator[Kept]:
    """Every column with why and for how long it is kept."""
    for table in METADATA.sorted_tables:
        for column in table.columns:
            yield Kept(table.name, column.name, column.comment or "", table.info["kept"])
