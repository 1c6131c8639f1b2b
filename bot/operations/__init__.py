"""Keeping the bot running: is it well, is it set up right, what does it count, and its backups."""
