"""Shares with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

_Z: Final = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a share; (0, 1) when nothing was counted.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927: honest for
    small counts and for shares near 0 and 1.
    """
    if not total:
        return 0.0, 1.0
    share = hits / total
    middle = share + _Z**2 / (2 * total)
    spread = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    scale = 1 + _Z**2 / total
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``total``."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share itself; 0 when there is nothing to count."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end of the 95 % interval."""
        return wilson(self.hits, self.total)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({self.hits}/{self.total}, 95 % {low:.3f}–{high:.3f})"

    def data(self) -> dict[str, Any]:
        """For machine-readable reports."""
        low, high = self.interval
        figures = {"share": round(self.value, 4), "low": round(low, 4), "high": round(high, 4)}
        return {"hits": self.hits, "total": self.total, **figures}
