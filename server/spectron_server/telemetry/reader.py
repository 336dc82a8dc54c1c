"""Shows, when somebody looks, what the server's parts count by themselves."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from spectron_server.telemetry.readings import (
    BatchReading,
    CacheReading,
    LoadReading,
    ModelReading,
)


class Reader(Collector):
    """Reads what the parts count by themselves.

    Attributes:
        loads: What is under way: `call` and `stream`.
        caches: The caches by name.
        batches: The embedder's batches.
        pools: The database's pool: the statistics of psycopg's pool.
        models: The requests to the model that extracts.
    """

    def __init__(self) -> None:
        self.loads: dict[str, Callable[[], LoadReading]] = {}
        self.caches: dict[str, Callable[[], CacheReading]] = {}
        self.batches: list[Callable[[], BatchReading]] = []
        self.pools: list[Callable[[], Mapping[str, int]]] = []
        self.models: list[Callable[[], ModelReading]] = []

    def describe(self) -> Iterator[Metric]:
        """Yields nothing: the parts are known only later."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yields all metrics, as they stand."""
        yield from _load_metrics({kind: read() for kind, read in self.loads.items()})
        yield from _cache_metrics({name: read() for name, read in self.caches.items()})
        for read_batches in self.batches:
            yield from _batch_metrics(read_batches())
        for read_pool in self.pools:
            yield from _pool_metrics(read_pool())
        for read_model in self.models:
            yield from _model_metrics(read_model())


def _load_metrics(loads: Mapping[str, LoadReading]) -> Iterator[Metric]:
    under_way = GaugeMetricFamily(
        "spectron_under_way", "Calls and chat streams under way.", labels=["kind"]
    )
    limit = GaugeMetricFamily(
        "spectron_under_way_limit", "How many may be under way at once.", labels=["kind"]
    )
    for kind, reading in loads.items():
        under_way.add_metric([kind], reading.under_way)
        limit.add_metric([kind], reading.limit)
    yield under_way
    yield limit


def _cache_metrics(caches: Mapping[str, CacheReading]) -> Iterator[Metric]:
    lookups = CounterMetricFamily(
        "spectron_cache_lookups", "Lookups in a cache, by result.", labels=["cache", "result"]
    )
    evictions = CounterMetricFamily(
        "spectron_cache_evictions", "Scopes that had to make room.", labels=["cache"]
    )
    entries = GaugeMetricFamily("spectron_cache_scopes", "Scopes in a cache.", labels=["cache"])
    nbytes = GaugeMetricFamily(
        "spectron_cache_bytes", "About how much memory a cache takes.", labels=["cache"]
    )
    for name, reading in caches.items():
        lookups.add_metric([name, "hit"], reading.hits)
        lookups.add_metric([name, "miss"], reading.misses)
        evictions.add_metric([name], reading.evictions)
        entries.add_metric([name], reading.entries)
        nbytes.add_metric([name], reading.nbytes)
    yield from (lookups, evictions, entries, nbytes)


def _batch_metrics(reading: BatchReading) -> Iterator[Metric]:
    buckets: list[tuple[str, float]] = []
    total = texts = 0
    for size, number in enumerate(reading.by_size, start=1):
        total += number
        texts += size * number
        buckets.append((str(float(size)), total))
    buckets.append(("+Inf", total))
    sizes = HistogramMetricFamily(
        "spectron_embedding_batch_texts", "How many texts the embedder ran in one batch."
    )
    sizes.add_metric([], buckets, texts)
    yield sizes
    yield CounterMetricFamily(
        "spectron_embedding_busy_seconds",
        "How long the embedder's threads were at work.",
        value=reading.seconds,
    )
    yield GaugeMetricFamily(
        "spectron_embedding_waiting_texts", "Texts that wait for a thread.", value=reading.waiting
    )


def _pool_metrics(pool: Mapping[str, int]) -> Iterator[Metric]:
    connections = GaugeMetricFamily(
        "spectron_database_connections",
        "Connections to the database: open, idle, and the most there may be.",
        labels=["state"],
    )
    connections.add_metric(["open"], pool.get("pool_size", 0))
    connections.add_metric(["idle"], pool.get("pool_available", 0))
    connections.add_metric(["limit"], pool.get("pool_max", 0))
    yield connections
    yield GaugeMetricFamily(
        "spectron_database_waiting",
        "Requests that wait for a connection.",
        value=pool.get("requests_waiting", 0),
    )
    yield CounterMetricFamily(
        "spectron_database_requests",
        "Requests for a connection.",
        value=pool.get("requests_num", 0),
    )
    yield CounterMetricFamily(
        "spectron_database_waits",
        "Requests that had to wait for a connection.",
        value=pool.get("requests_queued", 0),
    )
    yield CounterMetricFamily(
        "spectron_database_wait_seconds",
        "How long requests waited for a connection, together.",
        value=pool.get("requests_wait_ms", 0) / 1_000,
    )
    yield CounterMetricFamily(
        "spectron_database_timeouts",
        "Requests that waited for a connection in vain.",
        value=pool.get("requests_errors", 0),
    )
    yield CounterMetricFamily(
        "spectron_database_connections_lost",
        "Connections that the database or the network broke.",
        value=pool.get("connections_lost", 0),
    )


def _model_metrics(reading: ModelReading) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "spectron_extraction_requests",
        "Requests to the model that extracts, by what became of the answer.",
        labels=["outcome"],
    )
    for outcome, number in reading.requests.items():
        requests.add_metric([outcome], number)
    yield requests
    tokens = CounterMetricFamily(
        "spectron_extraction_tokens",
        "Tokens that the model that extracts read and wrote.",
        labels=["kind"],
    )
    tokens.add_metric(["prompt"], reading.prompt_tokens)
    tokens.add_metric(["completion"], reading.completion_tokens)
    yield tokens
    yield CounterMetricFamily(
        "spectron_extraction_splits",
        "How often a window was divided because an answer was cut or full.",
        value=reading.splits,
    )
