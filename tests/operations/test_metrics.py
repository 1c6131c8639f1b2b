"""What is counted, and that nothing of a server, a member or a question can get into a label."""

from __future__ import annotations

import inspect
import math
import re
import socket
import urllib.request

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families as parsed

from bot.answering.protocol import kind_of
from bot.errors import ConfigError
from bot.operations.metrics import KINDS, MOST_SHARDS, Metrics, Prometheus, Queue, open_metrics

LABELS = {
    *KINDS,
    *(queue.value for queue in Queue),
    *map(str, range(MOST_SHARDS)),
    *map(str, range(400, 600)),
    "other",
    "+Inf",
}


def labels(metrics: Prometheus) -> set[str]:
    text = generate_latest(metrics.registry).decode()
    samples = [sample for family in parsed(text) for sample in family.samples]
    return {
        value
        for sample in samples
        for name, value in sample.labels.items()
        if not (name == "le" or (name == "revision" and len(value) == 12))
    }


@settings(deadline=None)
@given(st.text(), st.integers(), st.integers(), st.floats())
def test_whatever_is_handed_in_labels_come_from_closed_lists(word: str, number: int, other: int, value: float) -> None:
    metrics = Prometheus()
    metrics.answered(word)
    metrics.gateway(number, value)
    metrics.rest_error(other)
    metrics.knowledge(word, 1)
    metrics.queue(Queue.EDITS, number)
    metrics.interaction(value)
    assert labels(metrics) <= LABELS


def test_ids_and_questions_are_counted_as_other() -> None:
    metrics = Prometheus()
    metrics.answered("should I stop my lithium?")
    metrics.gateway(1_000_000_000_000_000_001, 0.1)
    metrics.rest_error(1_000_000_000_000_000_001)
    metrics.knowledge("should I stop my lithium?", 188)
    assert labels(metrics) == {"other"}


def test_every_kind_of_reply_has_its_own_count() -> None:
    assert set(re.findall(r'return "([a-z-]+)"', inspect.getsource(kind_of))) | {"error"} == KINDS


def test_the_three_seconds_that_discord_gives_are_a_step_of_the_histogram() -> None:
    metrics = Prometheus()
    metrics.interaction(2.9)
    metrics.interaction(3.1)
    assert metrics.registry.get_sample_value("nextstep_interaction_seconds_bucket", {"le": "3.0"}) == 1


def test_a_connection_that_is_down_has_no_latency() -> None:
    metrics = Prometheus()
    metrics.gateway(0, 0.04)
    metrics.gateway(1, None)
    read = metrics.registry.get_sample_value
    assert read("nextstep_gateway_up", {"shard": "0"}) == 1
    assert read("nextstep_gateway_up", {"shard": "1"}) == 0
    assert math.isnan(read("nextstep_gateway_latency_seconds", {"shard": "1"}) or 0)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_it_is_off_by_default_and_served_on_this_machine_only() -> None:
    assert type(open_metrics(None)) is Metrics
    port = free_port()
    metrics = open_metrics(port)
    metrics.answered("answer")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
            assert b'nextstep_answers_total{kind="answer"} 1.0' in response.read()
        with socket.socket() as elsewhere:
            elsewhere.settimeout(2)
            assert elsewhere.connect_ex(("127.0.0.2", port)) != 0
        with pytest.raises(ConfigError, match="NEXTSTEP_METRICS_PORT"):
            open_metrics(port)
    finally:
        metrics.close()
    open_metrics(port).close()
