"""Counts for Prometheus, off by default and on 127.0.0.1 only.

Labels come from closed lists, so that no server, member, or word of a question can ever get into one: whatever is not
on its list is counted as ``other``.
"""

from __future__ import annotations

import math
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.errors import ConfigError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

HOST: Final = "127.0.0.1"
KINDS: Final = frozenset(
    ["answer", "comparison", "choices", "redirect", "unknown", "support", "small-talk", "silence", "error"]
)
"""The kinds of replies in the batch protocol; see ``bot.answering.protocol.kind_of``."""
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)
"""Upper ends of the histogram; Discord gives an interaction 3 seconds."""
MOST_SHARDS: Final = 1024
_REVISION: Final = re.compile(r"[0-9a-f]{6,64}")


class Queue(StrEnum):
    """What may pile up."""

    REPLIES = "replies"
    EDITS = "edits"
    ALERTS = "alerts"
    SENT_QUESTIONS = "sent-questions"


class Metrics:
    """What the client counts; this one forgets it at once."""

    kept = False
    """Whether anyone looks: what costs work to find out is left undone otherwise."""

    def answered(self, kind: str) -> None:
        """A reply of this kind (one of :data:`KINDS`) was given."""

    def interaction(self, seconds: float) -> None:
        """A command, button or form was first responded to after so many seconds."""

    def gateway(self, shard: int, latency: float | None) -> None:
        """A connection's latency in seconds; ``None`` while it is down."""

    def rest_error(self, status: int) -> None:
        """Discord answered a request with an HTTP status of 400 or more."""

    def knowledge(self, revision: str, entries: int) -> None:
        """Which knowledge is served, and how many entries it has."""

    def queue(self, name: Queue, length: int) -> None:
        """How much waits."""

    def close(self) -> None:
        """Stop serving."""


class Prometheus(Metrics):
    """Counts in a registry of its own; :func:`open_metrics` serves it."""

    kept = True

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info  # noqa: PLC0415

        self.registry: CollectorRegistry = CollectorRegistry()
        own = self.registry
        self._answers = Counter("nextstep_answers", "Replies given, by kind.", ["kind"], registry=own)
        self._interactions = Histogram(
            "nextstep_interaction_seconds", "Time to the first response.", buckets=SECONDS, registry=own
        )
        self._latency = Gauge("nextstep_gateway_latency_seconds", "Heartbeat round trip.", ["shard"], registry=own)
        self._up = Gauge("nextstep_gateway_up", "1 while the connection stands.", ["shard"], registry=own)
        self._rest = Counter("nextstep_rest_errors", "Refused requests, by HTTP status.", ["status"], registry=own)
        self._entries = Gauge("nextstep_knowledge_entries", "Entries served.", registry=own)
        self._knowledge = Info("nextstep_knowledge", "Which knowledge is served.", registry=own)
        self._queues = Gauge("nextstep_queue_length", "What waits, by queue.", ["queue"], registry=own)

    def answered(self, kind: str) -> None:
        """Count a reply."""
        self._answers.labels(kind if kind in KINDS else "other").inc()

    def interaction(self, seconds: float) -> None:
        """Count a response and its time."""
        self._interactions.observe(max(0.0, seconds))

    def gateway(self, shard: int, latency: float | None) -> None:
        """Note a connection's state."""
        up = latency is not None and math.isfinite(latency)
        label = str(shard) if 0 <= shard < MOST_SHARDS else "other"
        self._up.labels(label).set(1 if up else 0)
        self._latency.labels(label).set(latency if up and latency is not None else math.nan)

    def rest_error(self, status: int) -> None:
        """Count a refusal."""
        self._rest.labels(str(status) if 400 <= status < 600 else "other").inc()

    def knowledge(self, revision: str, entries: int) -> None:
        """Note the knowledge."""
        self._knowledge.info({"revision": revision if _REVISION.fullmatch(revision) else "other"})
        self._entries.set(entries)

    def queue(self, name: Queue, length: int) -> None:
        """Note a length."""
        self._queues.labels(Queue(name).value).set(length)


class Served(Prometheus):
    """Counts, and gives them out at ``http://127.0.0.1:PORT/metrics``."""

    def __init__(self, port: int) -> None:
        from prometheus_client import start_http_server  # noqa: PLC0415

        super().__init__()
        try:
            self._server, self._thread = start_http_server(port, addr=HOST, registry=self.registry)
        except OSError as error:
            raise ConfigError(
                f"NEXTSTEP_METRICS_PORT names {port}, which cannot be opened on {HOST} ({error.strerror}). "
                "Choose another port, or leave it empty."
            ) from error

    @property
    def port(self) -> int:
        """Where it listens; of interest when 0 was asked for."""
        return int(self._server.server_port)

    def close(self) -> None:
        """Stop serving and let the port go."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def open_metrics(port: int | None) -> Metrics:
    """Metrics on this port of 127.0.0.1, or those that are forgotten when there is no port.

    Raises:
        ConfigError: the port cannot be opened.
    """
    return Metrics() if port is None else Served(port)
