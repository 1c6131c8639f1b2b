"""The error tree: what happened, to what, where, and what to do next.

Every error that a person may see descends from :class:`BotError`; its ``str`` is one or more complete
sentences for that person. ``exit_code`` is what the command line ends with: 2 for bad usage or knowledge,
78 (``EX_CONFIG`` of sysexits.h) for configuration, so that a service manager does not restart in a loop.
"""

from __future__ import annotations


class BotError(Exception):
    """Something went wrong that a person can do something about."""

    exit_code = 2


class ConfigError(BotError):
    """A setting is missing or wrong; names the setting and how to mend it."""

    exit_code = 78


class KnowledgeError(BotError):
    """The knowledge folder cannot be used at all; single broken files are problems, not errors."""


class StorageError(BotError):
    """The database cannot be opened, is newer than this program, or refused a write."""


class DatabaseRefused(StorageError):
    """The database must not be touched: another process uses it, or it is another program's or a newer version's."""


class DatabaseUnfit(DatabaseRefused):
    """It is another program's or a newer version's: starting again changes nothing."""

    exit_code = 78


class EditError(BotError):
    """An edit may not take the step asked for; the sentence is for the editor who asked."""


class UsageError(BotError):
    """A command was called with something that it cannot work with."""
