"""Edits with their history, questions that an edit answers, notes to be sent, and counts by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    _create_edits()
    op.create_table(
        "edit_steps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("edit_id", sa.Integer, sa.ForeignKey("edits.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("before", sa.String(20)),
        sa.Column("after", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False, index=True),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    _create_questions()
    op.create_table(
        "monthly",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("what", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def _create_edits() -> None:
    op.create_table(
        "edits",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.String(10), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("base", sa.String(16), nullable=False),
        sa.Column("file", sa.String(16), nullable=False),
        sa.Column("author", sa.String(40), nullable=False),
        sa.Column("author_role", sa.String(12), nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("previous", sa.Integer),
        sa.Column("trials", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_index("ix_edits_place", "edits", ["subject", "key"])
    for state in ("published", "hidden"):
        only = sa.text(f"state = '{state}'")
        op.create_index(
            f"uq_edits_{state}", "edits", ["subject", "key"], unique=True, sqlite_where=only, postgresql_where=only
        )


def _create_questions() -> None:
    op.create_table(
        "edit_questions",
        sa.Column(
            "edit_id", sa.Integer, sa.ForeignKey("edits.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column(
            "question_id",
            sa.Integer,
            sa.ForeignKey("sent_questions.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
    )
    op.create_table(
        "answer_notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("question_id", sa.Integer, index=True),
        sa.Column("entry", sa.String(60)),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    """Steps go forward only; a backup is taken before each."""
    raise NotImplementedError("steps go forward only: restore the backup that was taken before the upgrade")
