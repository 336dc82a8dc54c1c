"""Spans sent to an OpenTelemetry collector, by OTLP over HTTP. The only importer of its packages.

What OpenTelemetry's own variables set applies too: OTEL_TRACES_SAMPLER for a share of the traces,
OTEL_EXPORTER_OTLP_HEADERS for a collector that wants a key.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind, Status, StatusCode, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from spectron_server.telemetry.traces import Metadata, Span, Told

_PATH: Final = "/v1/traces"
_TIMEOUT_S: Final = 5.0
_CARRIED: Final = frozenset({"traceparent", "tracestate"})


class _Span:
    """A span that is sent."""

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    def tell(self, name: str, value: Told) -> None:
        """Adds something that is known only now."""
        self._span.set_attribute(name, value)

    def fail(self, kind: str) -> None:
        """Marks it as failed, with the kind of the failure."""
        self._span.set_status(Status(StatusCode.ERROR, kind))


class OtlpTraces:
    """Sends spans from a thread of its own, in batches; what does not fit its queue is dropped."""

    def __init__(self, endpoint: str) -> None:
        """Prepares to send; nothing is sent yet.

        Args:
            endpoint: The collector's address, with or without the path for traces.
        """
        base = endpoint.rstrip("/").removesuffix(_PATH)
        release = version("spectron")
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "spectron", "service.version": release}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=base + _PATH, timeout=_TIMEOUT_S))
        )
        self._tracer = self._provider.get_tracer("spectron_server", release)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def call(self, name: str, metadata: Metadata, attributes: dict[str, Told]) -> Iterator[Span]:
        """Begins the span of a call, within the caller's trace if it names one."""
        carried = {key: str(value) for key, value in metadata if key in _CARRIED}
        # The empty context keeps a trace of this process from being taken for the caller's.
        parent = self._propagator.extract(carried, Context())
        span = self._tracer.start_span(
            name, context=parent, kind=SpanKind.SERVER, attributes=attributes
        )
        with (
            use_span(span, record_exception=False, set_status_on_exception=False),
            _held(span) as told,
        ):
            yield told

    @contextmanager
    def span(self, name: str, *, leaf: bool = False, **attributes: Told) -> Iterator[Span]:
        """Begins a span within the one that is current."""
        span = self._tracer.start_span(name, attributes=attributes)
        with ExitStack() as stack:
            if not leaf:
                stack.enter_context(
                    use_span(span, record_exception=False, set_status_on_exception=False)
                )
            yield stack.enter_context(_held(span))

    def close(self) -> None:
        """Sends what is left, and ends the thread."""
        self._provider.shutdown()


@contextmanager
def _held(span: OtelSpan) -> Iterator[_Span]:
    """Ends a span after the block, and says if the block failed."""
    told = _Span(span)
    try:
        yield told
    except Exception as error:
        # Only its type: the message may quote what a user said.
        told.fail(type(error).__name__)
        raise
    finally:
        span.end()
