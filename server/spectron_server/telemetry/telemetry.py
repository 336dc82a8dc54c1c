"""What every part that reports is given."""

from dataclasses import dataclass, field

from spectron_server.telemetry.metrics import Metrics
from spectron_server.telemetry.traces import NO_TRACES, Traces


@dataclass(frozen=True, kw_only=True, slots=True)
class Telemetry:
    """The metrics and the traces of one server.

    Attributes:
        metrics: What is counted.
        traces: What takes note of spans; off unless a collector is named.
    """

    metrics: Metrics = field(default_factory=Metrics)
    traces: Traces = NO_TRACES
