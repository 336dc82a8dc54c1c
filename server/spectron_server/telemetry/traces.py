"""Traces: spans that tell which part of a call took how long.

A span tells names, counts and outcomes of this program, never what a user said: an error is told
by its type, since its message may quote the user.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from importlib.util import find_spec
from types import TracebackType
from typing import Final, Protocol, Self, TypeAlias

Told: TypeAlias = str | int | float | bool

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]


class TracesUnavailableError(Exception):
    """Traces are wanted, and what sends them is not installed."""


class Span(Protocol):
    """A part of the work, under way."""

    def tell(self, name: str, value: Told) -> None:
        """Adds something that is known only now."""

    def fail(self, kind: str) -> None:
        """Marks it as failed, with the kind of the failure."""


class Traces(Protocol):
    """Takes note of spans."""

    def call(
        self, name: str, metadata: Metadata, attributes: dict[str, Told]
    ) -> AbstractContextManager[Span]:
        """Begins the span of a call; it continues the caller's trace, if the metadata name one.

        Args:
            name: The RPC.
            metadata: What came with the call.
            attributes: What is known of it.
        """

    def span(
        self, name: str, *, leaf: bool = False, **attributes: Told
    ) -> AbstractContextManager[Span]:
        """Begins a span within the one that is current.

        Args:
            name: The part of the work.
            leaf: Nothing begins within it. An asynchronous generator may only hold such a span:
                its steps run in the contexts of whoever asks for them.
            **attributes: What is known of it.
        """

    def close(self) -> None:
        """Sends what is left. It may wait for the collector for some seconds."""


class _NoSpan:
    """A span that nobody looks at; one for all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def tell(self, name: str, value: Told) -> None:
        """Does nothing."""

    def fail(self, kind: str) -> None:
        """Does nothing."""


_NO_SPAN: Final = _NoSpan()


class NoTraces:
    """Traces that are off."""

    def call(self, name: str, metadata: Metadata, attributes: dict[str, Told]) -> _NoSpan:
        """Returns a span that does nothing."""
        del name, metadata, attributes
        return _NO_SPAN

    def span(self, name: str, *, leaf: bool = False, **attributes: Told) -> _NoSpan:
        """Returns a span that does nothing."""
        del name, leaf, attributes
        return _NO_SPAN

    def close(self) -> None:
        """Does nothing."""


NO_TRACES: Final = NoTraces()


def open_traces(endpoint: str | None) -> Traces:
    """Returns what sends spans to a collector; without one, what drops them.

    Args:
        endpoint: The collector's address for OTLP over HTTP, such as `http://127.0.0.1:4318`.

    Raises:
        TracesUnavailableError: What sends them is not installed.
    """
    if endpoint is None:
        return NO_TRACES
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        raise TracesUnavailableError(
            "SPECTRON_OTLP_ENDPOINT is set, and what sends traces is not installed. Install it "
            "with `pip install '.[otel]'` in the checkout, or unset the variable."
        )
    # Loading it takes a tenth of a second and some megabytes, for which only those pay who want it.
    from spectron_server.telemetry.otlp import OtlpTraces  # noqa: PLC0415

    return OtlpTraces(endpoint)
