"""A model's endpoint whose requests are timed and traced."""

import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any, Final, Literal

from spectron_extraction.model_endpoint import (
    BrokenAnswerError,
    Completion,
    EndpointConfigurationError,
    EndpointError,
    EndpointUnavailableError,
    ModelEndpoint,
    Piece,
    PromptTooLongError,
    RequestRefusedError,
)
from spectron_server.telemetry.telemetry import Telemetry
from spectron_server.telemetry.traces import Span

_OUTCOMES: Final[dict[type[EndpointError], str]] = {
    BrokenAnswerError: "broken",
    EndpointConfigurationError: "misconfigured",
    EndpointUnavailableError: "unavailable",
    PromptTooLongError: "too_long",
    RequestRefusedError: "refused",
}


class WatchedEndpoint(ModelEndpoint):
    """Tells how long each request took, how it ended and what it cost."""

    def __init__(
        self,
        *,
        url: str,
        model: str,
        api_key: str | None,
        timeout_s: float,
        connections: int,
        purpose: Literal["extraction", "chat"],
        telemetry: Telemetry,
    ) -> None:
        """As a plain endpoint.

        Args:
            url: The endpoint's address.
            model: The served model's name.
            api_key: Sent as a bearer token.
            timeout_s: How long a whole answer, or a silence in a streamed one, may take.
            connections: At most this many at once.
            purpose: What the model is asked for.
            telemetry: Where to report.
        """
        super().__init__(
            url=url, model=model, api_key=api_key, timeout_s=timeout_s, connections=connections
        )
        self._purpose = purpose
        self._telemetry = telemetry

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Returns the answer to a request; see `ModelEndpoint.complete`."""
        with self._watched() as span:
            completion = await super().complete(body)
            span.tell("gen_ai.usage.input_tokens", completion.prompt_tokens)
            span.tell("gen_ai.usage.output_tokens", completion.completion_tokens)
            return completion

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[Piece, None]:
        """Gives the answer to a request as it comes; see `ModelEndpoint.stream`."""
        with self._watched():
            async with aclosing(super().stream(body)) as pieces:
                async for piece in pieces:
                    yield piece

    @contextmanager
    def _watched(self) -> Iterator[Span]:
        started = time.monotonic()
        outcome = "cancelled"
        with self._telemetry.traces.span(
            "model request",
            leaf=True,
            purpose=self._purpose,
            **{"gen_ai.request.model": self.model},
        ) as span:
            try:
                yield span
                outcome = "answered"
            except EndpointError as error:
                outcome = _OUTCOMES.get(type(error), "failed")
                raise
            finally:
                took_s = time.monotonic() - started
                times = self._telemetry.metrics.model_seconds
                times.labels(self._purpose, outcome).observe(took_s)
