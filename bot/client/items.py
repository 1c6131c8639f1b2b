"""Buttons and menus of ours: a versioned custom id says what they do, so that they outlive a restart."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui


class Ours(ui.DynamicItem[Any], template=r"(?!)"):
    """An item with its custom id read back. Each sort has a template of its own; this one fits nothing."""

    def __init__(self, item: ui.Item[Any], action: str = "", rest: str = "", version: str = "") -> None:
        super().__init__(item)
        self.action, self.rest, self.version = action, rest, version

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py's signature
        item: ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Read the custom id back."""
        return cls(item, match["action"], match["rest"] or "", match["version"])
