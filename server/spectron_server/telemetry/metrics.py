"""The server's metrics, in a registry of their own. `docs/operations.md` tells what each means.

Counts and times that nobody else keeps are kept here, whether or not somebody looks: one costs
a microsecond or two. What the parts count by themselves is read when somebody looks.
"""

from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from spectron_server.telemetry.reader import Reader

# From what a warm read takes to the longest that a caller usually waits.
_CALL_BUCKETS: Final = tuple(
    step * scale for scale in (0.0001, 0.001, 0.01, 0.1, 1, 10) for step in (1, 2.5, 5)
)
# From one embedding to the longest that a model may take.
_WORK_BUCKETS: Final = tuple(
    step * scale for scale in (0.001, 0.01, 0.1, 1, 10, 100) for step in (1, 2.5, 5)
)
_UNKNOWN: Final = float("nan")


class Metrics:
    """All metrics of one server.

    Attributes:
        registry: What an endpoint shows.
        reader: Reads what the parts count by themselves; each part is added to it.
        rpc_seconds: Calls, by `rpc` and `status`; a stream counts when it ends.
        extraction_seconds: Windows of turns, by `outcome`: `done`, `failed` or `unavailable`.
        turns_extracted: Turns, by `outcome`: `done`, `failed` (given up) or `retried`.
        facts: Facts and retractions that the extractor proposed, and proved.
        facts_dropped: Those that it did not prove, by `reason`.
        embedding_seconds: Calls of the embedder, with their wait for a thread.
        model_seconds: Requests to a model, by `purpose` and `outcome`.
        jobs_rescued: Jobs of dead workers that were put back.
        worker_restarts: How often the worker within this process ended by itself.
    """

    def __init__(self) -> None:
        """Makes all metrics, at nought."""
        registry = CollectorRegistry()
        self.registry = registry
        self.reader = Reader()
        self.rpc_seconds = Histogram(
            "spectron_rpc_seconds",
            "How long calls took, by RPC and status.",
            ["rpc", "status"],
            buckets=_CALL_BUCKETS,
            registry=registry,
        )
        self.extraction_seconds = Histogram(
            "spectron_extraction_seconds",
            "How long windows of turns took to extract, by outcome.",
            ["outcome"],
            buckets=_WORK_BUCKETS,
            registry=registry,
        )
        self.turns_extracted = Counter(
            "spectron_turns_extracted",
            "Turns whose extraction was done, failed for good, or is to be tried again.",
            ["outcome"],
            registry=registry,
        )
        self.facts = Counter(
            "spectron_facts",
            "Facts and retractions that the extractor proposed, and proved.",
            registry=registry,
        )
        self.facts_dropped = Counter(
            "spectron_facts_dropped",
            "Facts and retractions that were proposed and not taken, by reason.",
            ["reason"],
            registry=registry,
        )
        self.embedding_seconds = Histogram(
            "spectron_embedding_seconds",
            "How long callers waited for the vectors of their texts.",
            buckets=_WORK_BUCKETS,
            registry=registry,
        )
        self.model_seconds = Histogram(
            "spectron_model_request_seconds",
            "How long requests to a model took, by purpose and outcome.",
            ["purpose", "outcome"],
            buckets=_WORK_BUCKETS,
            registry=registry,
        )
        self.jobs_rescued = Counter(
            "spectron_jobs_rescued",
            "Jobs of dead workers that were put back into the queue.",
            registry=registry,
        )
        self.worker_restarts = Counter(
            "spectron_worker_restarts",
            "How often the worker in this process ended by itself and was started again.",
            registry=registry,
        )
        self._turns_waiting = Gauge(
            "spectron_turns",
            "Turns that wait for their extraction, or whose extraction failed for good.",
            ["extraction"],
            registry=registry,
        )
        self._oldest_s = Gauge(
            "spectron_oldest_pending_turn_seconds",
            "How long ago the turn was recorded that waits longest; 0 if none waits.",
            registry=registry,
        )
        self._jobs = Gauge(
            "spectron_jobs",
            "Jobs in the queue: waiting, running, or stalled with a dead worker.",
            ["state"],
            registry=registry,
        )
        Gauge(
            "spectron_server_info", "The version of the server.", ["version"], registry=registry
        ).labels(version("spectron")).set(1)
        ProcessCollector(registry=registry)
        registry.register(self.reader)

    def show_backlog(
        self,
        *,
        pending: int,
        failed: int,
        oldest_s: float,
        waiting: int,
        running: int,
        stalled: int,
    ) -> None:
        """Shows what waits in the database.

        Args:
            pending: Turns that wait for their extraction.
            failed: Turns whose extraction failed for good.
            oldest_s: How long the oldest of the pending has waited.
            waiting: Jobs that wait.
            running: Jobs under way.
            stalled: Those of them whose worker is dead.
        """
        self._turns_waiting.labels("pending").set(pending)
        self._turns_waiting.labels("failed").set(failed)
        self._oldest_s.set(oldest_s)
        self._jobs.labels("waiting").set(waiting)
        self._jobs.labels("running").set(running)
        self._jobs.labels("stalled").set(stalled)

    def hide_backlog(self) -> None:
        """Shows that nobody knows what waits: the database does not answer."""
        for state in ("pending", "failed"):
            self._turns_waiting.labels(state).set(_UNKNOWN)
        self._oldest_s.set(_UNKNOWN)
        for state in ("waiting", "running", "stalled"):
            self._jobs.labels(state).set(_UNKNOWN)
