"""The extractor that asks a model.

A window is read in batches. What happens to a batch:

* the answer is of the right form: its facts are proposed;
* it is of another form, or empty: it is asked for once more, with what was wrong; then the window
  has failed;
* it was cut, is full, or the prompt is too long: the batch is divided, and its halves are read;
* the endpoint cannot be reached, is overloaded, takes too long or is not set up as it should be:
  no turn is at fault, and all of them wait;
* it refuses the request or fails over it: the window has failed.

None of this is ever "nothing found".
"""

import asyncio
import hashlib
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

import structlog

from spectron_extraction.model_endpoint import (
    BrokenAnswerError,
    Completion,
    EndpointConfigurationError,
    EndpointError,
    EndpointOverloadedError,
    EndpointUnavailableError,
    ModelEndpoint,
    PromptTooLongError,
    RequestRefusedError,
)
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import (
    ExtractionError,
    ExtractorUnavailableError,
    Proposals,
    Window,
)
from spectron_extraction.vllm.answers import AnswerError, Note, parse, proposals
from spectron_extraction.vllm.probe import probe
from spectron_extraction.vllm.prompt import (
    VERSION,
    correction,
    messages,
    system_prompt,
    window_prompt,
)
from spectron_extraction.vllm.schema import MAX_FACTS, MAX_TOKENS, answer_schema, response_format
from spectron_extraction.vllm.statistics import ModelStatistics, RequestOutcome
from spectron_extraction.vllm.window import Batch, batches, halves

_TRIES: Final = 2
_SEED: Final = 1
# vLLM serves the smaller number first; replies of a chat model come with none, which is 0.
_LIVE_PRIORITY: Final = 1
_BACKFILL_PRIORITY: Final = 2
_OUTCOMES: Final[dict[type[EndpointError], RequestOutcome]] = {
    PromptTooLongError: RequestOutcome.TOO_LONG,
    RequestRefusedError: RequestOutcome.REFUSED,
    BrokenAnswerError: RequestOutcome.BROKEN,
    EndpointConfigurationError: RequestOutcome.MISCONFIGURED,
    EndpointOverloadedError: RequestOutcome.OVERLOADED,
    EndpointUnavailableError: RequestOutcome.UNAVAILABLE,
}

_log = structlog.get_logger(__name__)


class VllmExtractor:
    """Finds what turns say with a model. Reads several windows at once."""

    def __init__(self, endpoint: ModelEndpoint, ontology: Ontology, *, concurrency: int) -> None:
        """Takes over the endpoint, and closes it in the end.

        Args:
            endpoint: What serves the model.
            ontology: The keys that the model is told.
            concurrency: How many requests may be under way; further ones wait for their turn.
        """
        self._endpoint = endpoint
        self._ontology = ontology
        self._system = system_prompt(ontology)
        self._slots = asyncio.Semaphore(concurrency)
        self._probing = asyncio.Lock()
        self._trusted = False
        self._statistics = ModelStatistics()

    @property
    def name(self) -> str:
        """The extractor, the version of its prompt, and the model."""
        return f"vllm-{VERSION}:{self._endpoint.model}"

    @property
    def statistics(self) -> ModelStatistics:
        """What was asked so far, and what it cost."""
        return self._statistics

    async def extract(self, window: Window) -> Proposals:
        """Returns what the turns of a window say.

        Args:
            window: The turns, what came before them and what is known.

        Raises:
            ExtractorUnavailableError: The model cannot be asked at present.
            ExtractionError: It gave no usable answer about this window.
        """
        return await self.extract_turns(window, {turn.id for turn in window.turns})

    async def extract_turns(self, window: Window, wanted: Collection[str]) -> Proposals:
        """Returns what some turns of a window say; the others help to understand them.

        Args:
            window: The turns, what came before them and what is known.
            wanted: The ids of the turns to extract from.

        Raises:
            ExtractorUnavailableError: The model cannot be asked at present.
            ExtractionError: It gave no usable answer about this window.
        """
        found = Proposals()
        for batch in batches(window, wanted):
            found = _joined(found, await self._read(window, batch))
        self._count(windows=1, turns=len(wanted), facts=len(found.facts) + len(found.retractions))
        return found

    async def verify(self) -> None:
        """Makes sure that the endpoint can be trusted, unless that is known.

        Raises:
            EnforcementError: It answers, and cannot be used as it is.
            EndpointError: It did not answer.
        """
        if not self._trusted:
            await self._probe()

    async def problem(self) -> str | None:
        """Returns why the model cannot be asked at present; None if it can."""
        try:
            if not self._trusted:
                await self.verify()
            elif not await self._endpoint.healthy():
                self._trusted = False
                return "The model endpoint cannot be reached, or calls itself unhealthy."
        except EndpointError as error:
            return str(error)
        return None

    async def aclose(self) -> None:
        """Closes the connections to the model."""
        await self._endpoint.aclose()

    async def _read(self, window: Window, batch: Batch) -> Proposals:
        """Returns what a batch says, dividing it where that helps."""
        notes: Sequence[Note] | None = None
        try:
            notes = await self._notes(window, batch)
            reason = "The model's answer was cut, even about a few words."
        except PromptTooLongError as error:
            reason = str(error)
        parts = halves(batch) if notes is None or len(notes) >= MAX_FACTS else None
        if parts is not None:
            self._count(splits=1)
            first = await self._read(window, parts[0])
            return _joined(first, await self._read(window, parts[1]))
        if notes is None:
            raise ExtractionError(reason)
        return proposals(notes, batch, window, self._ontology)

    async def _notes(self, window: Window, batch: Batch) -> Sequence[Note] | None:
        """Returns what the model notes of a batch; None if its answer was cut.

        Raises:
            PromptTooLongError: The batch must be divided.
            ExtractorUnavailableError, ExtractionError: As of `extract`.
        """
        form = response_format("facts", answer_schema(len(batch)))
        request = self._request(window_prompt(window, batch), form, MAX_TOKENS)
        request["priority"] = _BACKFILL_PRIORITY if window.backfill else _LIVE_PRIORITY
        if window.tenant:
            request["cache_salt"] = hashlib.sha256(window.tenant.encode()).hexdigest()[:32]
        problem = ""
        for _ in range(_TRIES):
            completion = await self._complete(request)
            if completion.finish_reason == "length":
                self._outcome(RequestOutcome.CUT)
                return None
            try:
                notes = parse(completion.content, len(batch))
            except AnswerError as error:
                self._outcome(RequestOutcome.UNUSABLE)
                problem = str(error)
                retry = correction(completion.content or "", problem)
                request = {**request, "messages": [*request["messages"], *retry]}
            else:
                self._outcome(RequestOutcome.ANSWERED)
                return notes
        raise ExtractionError(f"The model's answer cannot be used: {problem}.")

    async def _complete(self, request: dict[str, Any]) -> Completion:
        """Returns an answer of an endpoint that is known to enforce schemas."""
        try:
            await self.verify()
        except EndpointError as error:
            # No turn was in that request, so none is at fault.
            raise ExtractorUnavailableError(str(error)) from error
        try:
            return await self._ask(request)
        except PromptTooLongError:
            raise
        except EndpointOverloadedError as error:
            raise ExtractorUnavailableError(str(error)) from error
        except (EndpointUnavailableError, EndpointConfigurationError) as error:
            # Whatever answers next may be another engine.
            self._trusted = False
            raise ExtractorUnavailableError(str(error)) from error
        except EndpointError as error:
            raise ExtractionError(str(error)) from error

    async def _ask(self, request: dict[str, Any]) -> Completion:
        async with self._slots:
            started = time.monotonic()
            try:
                completion = await self._endpoint.complete(request)
            except EndpointError as error:
                self._outcome(_OUTCOMES[type(error)])
                raise
            finally:
                self._count(request_s=time.monotonic() - started)
        self._count(
            prompt_tokens=completion.prompt_tokens, completion_tokens=completion.completion_tokens
        )
        _log.debug(
            "extraction_model_answered",
            duration_ms=round((time.monotonic() - started) * 1000, 1),
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            finish_reason=completion.finish_reason,
        )
        return completion

    async def _probe(self) -> None:
        """Makes sure, once after every absence of the endpoint, that it can be trusted."""
        async with self._probing:
            if not self._trusted:
                await probe(self._endpoint, self._request)
                self._trusted = True
                _log.info("extraction_model_ready", model=self._endpoint.model)

    def _request(self, text: str, form: dict[str, Any], max_tokens: int) -> dict[str, Any]:
        return {
            "messages": messages(self._system, text),
            "response_format": form,
            "max_tokens": max_tokens,
            "temperature": 0,
            "seed": _SEED,
            "priority": _LIVE_PRIORITY,
            "chat_template_kwargs": {"enable_thinking": False},
        }

    def _outcome(self, outcome: RequestOutcome) -> None:
        requests = dict(self._statistics.requests)
        requests[outcome] = requests.get(outcome, 0) + 1
        self._statistics = replace(self._statistics, requests=requests)

    def _count(self, **amounts: float) -> None:
        totals = {
            name: getattr(self._statistics, name) + amount for name, amount in amounts.items()
        }
        self._statistics = replace(self._statistics, **totals)


def _joined(first: Proposals, second: Proposals) -> Proposals:
    return Proposals(
        facts=first.facts + second.facts, retractions=first.retractions + second.retractions
    )
