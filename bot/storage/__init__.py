"""Where the bot keeps the little it keeps: settings, preferences, which message was answered, counts."""

from bot.storage.backups import copy_to
from bot.storage.counts import Alerts, State
from bot.storage.database import Database, open_database, open_or_do_without, restore
from bot.storage.feedback import Feedback
from bot.storage.gaps import Gaps
from bot.storage.records import (
    Alert,
    FeedbackCount,
    GuildSettings,
    Member,
    Miss,
    Purpose,
    RuleCount,
    SentQuestion,
    SentReply,
    Staffed,
)
from bot.storage.replies import Replies
from bot.storage.settings import Members, Settings
from bot.storage.tables import Kept, described

__all__ = [
    "Alert",
    "Alerts",
    "Database",
    "Feedback",
    "FeedbackCount",
    "Gaps",
    "GuildSettings",
    "Kept",
    "Member",
    "Members",
    "Miss",
    "Purpose",
    "Replies",
    "RuleCount",
    "SentQuestion",
    "SentReply",
    "Settings",
    "Staffed",
    "State",
    "copy_to",
    "described",
    "open_database",
    "open_or_do_without",
    "restore",
]
