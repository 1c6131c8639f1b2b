"""The first schema: settings, preferences, replies, alerts and counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "guilds",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("plain", sa.Boolean, nullable=False),
        sa.Column("country", sa.String(2)),
        sa.Column("moderator_role", sa.BigInteger),
        sa.Column("editor_role", sa.BigInteger),
        sa.Column("clinician_role", sa.BigInteger),
        sa.Column("alert_channel", sa.BigInteger),
        sa.Column("alert_role", sa.BigInteger),
        sa.Column("staffed_from", sa.Integer),
        sa.Column("staffed_until", sa.Integer),
        sa.Column("staffed_zone", sa.String(64)),
        sa.Column("paused", sa.Boolean, nullable=False),
    )
    op.create_table(
        "guild_channels",
        sa.Column(
            "guild_id",
            sa.BigInteger,
            sa.ForeignKey("guilds.guild_id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("purpose", sa.String(8), primary_key=True),
    )
    op.create_table(
        "members",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("country", sa.String(2)),
        sa.Column("low_energy", sa.Boolean, nullable=False),
        sa.Column("plain", sa.Boolean, nullable=False),
        sa.Column("opted_out", sa.Boolean, nullable=False),
        sa.Column("introduced_at", sa.BigInteger),
    )
    _create_messages()
    _create_counts()
    op.create_table(
        "state",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _create_messages() -> None:
    op.create_table(
        "replies",
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("asker_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("reply_id", sa.BigInteger, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("entries", sa.String(400), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "seen",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("rules", sa.String(400), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "sent_questions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("nearest", sa.String(60), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )


def _create_counts() -> None:
    op.create_table(
        "rule_counts",
        sa.Column("rule", sa.String(80), primary_key=True),
        sa.Column("alerts", sa.Integer, nullable=False),
        sa.Column("false_alarms", sa.Integer, nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("entry", sa.String(60), primary_key=True),
        sa.Column("facet", sa.String(20), primary_key=True),
        sa.Column("verdict", sa.String(20), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "misses",
        sa.Column("reason", sa.String(60), primary_key=True),
        sa.Column("nearest", sa.String(60), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Steps go forward only; a backup is taken before each."""
    raise NotImplementedError("steps go forward only: restore the backup that was taken before the upgrade")
