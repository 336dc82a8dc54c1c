"""An endpoint that serves a chat model by the OpenAI-compatible protocol, such as vLLM.

Requests have a deadline, which is kept by closing the connection: the engine then gives the
request up. Answers are bounded and checked. Nothing is tried again here, since only the caller
knows what that would mean. Error messages hold neither secrets nor text of a request or answer:
an engine's own message may quote its input, and is kept apart in `detail`.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import httpx2
from pydantic import BaseModel, Field, ValidationError

_MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
_MAX_DETAIL: Final = 500
_CONNECT_S: Final = 5.0
_HEALTH_S: Final = 5.0
# Below the 5 s after which vLLM's server closes an idle connection, so that none is reused while
# it is being closed.
_KEEP_ALIVE_S: Final = 3.0
# How engines say that a prompt does not fit; there is no common code for it.
_TOO_LONG: Final = re.compile(
    r"context_length_exceeded|(?:context|model) length|max_model_len|too long|maximum input length",
    re.IGNORECASE,
)


class EndpointError(Exception):
    """A request to the endpoint did not give an answer.

    Attributes:
        detail: What the endpoint said. It may quote the request, so it is no text for logs.
    """

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class EndpointUnavailableError(EndpointError):
    """It cannot be reached, is overloaded, took too long, or went away; later it may answer."""


class EndpointOverloadedError(EndpointUnavailableError):
    """It is there, and has no room for the request."""


class EndpointConfigurationError(EndpointError):
    """It does not know the model, does not take the key, or is no such endpoint."""


class RequestRefusedError(EndpointError):
    """It takes requests, but not this one."""


class PromptTooLongError(RequestRefusedError):
    """The prompt and the room for the answer do not fit into the model's context."""


class BrokenAnswerError(EndpointError):
    """It answered something that cannot be used, or failed over this request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """A whole answer.

    Attributes:
        content: The text; None if the model gave none, as when all it wrote was reasoning.
        finish_reason: Why it ended: `stop`, or `length` if it was cut.
        prompt_tokens: How many tokens were read.
        completion_tokens: How many were written.
    """

    content: str | None
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of a streamed answer; the last one has a reason for the end."""

    text: str
    finish_reason: str | None


# What is read of the protocol's messages; they hold more.
class _Text(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Text
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class _Model(BaseModel):
    id: str
    # vLLM's own field; other endpoints may not tell.
    max_model_len: int | None = None


class _Models(BaseModel):
    data: list[_Model]


class _Change(BaseModel):
    delta: _Text
    finish_reason: str | None = None


class _Chunk(BaseModel):
    choices: list[_Change]


class ModelEndpoint:
    """A chat model behind HTTP."""

    def __init__(
        self,
        *,
        url: str,
        model: str,
        api_key: str | None,
        timeout_s: float,
        connections: int,
    ) -> None:
        """Prepares requests; nothing is sent.

        Args:
            url: The endpoint's address, such as `http://127.0.0.1:8000/v1`.
            model: The served model's name.
            api_key: Sent as a bearer token.
            timeout_s: How long a whole answer, or a silence in a streamed one, may take.
            connections: At most this many at once; further requests wait within their time.
        """
        self.model = model
        self._timeout_s = timeout_s
        self._base = url.rstrip("/").removesuffix("/v1")
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            # Proxies and secrets of the environment are not for this endpoint.
            trust_env=False,
            timeout=httpx2.Timeout(timeout_s, connect=_CONNECT_S),
            limits=httpx2.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=_KEEP_ALIVE_S,
            ),
        )

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Returns the answer to a request.

        Args:
            body: The request's fields, without the model.

        Raises:
            EndpointUnavailableError: It could not be had now.
            EndpointConfigurationError: Key, model or address are wrong.
            RequestRefusedError, PromptTooLongError: This request is not taken.
            BrokenAnswerError: What came is no answer.
        """
        async with self._translated():
            try:
                async with (
                    asyncio.timeout(self._timeout_s),
                    self._client.stream(
                        "POST",
                        f"{self._base}/v1/chat/completions",
                        json={**body, "model": self.model},
                        timeout=httpx2.Timeout(None, connect=_CONNECT_S),
                    ) as response,
                ):
                    content = await _read(response)
            except TimeoutError:
                raise _unavailable(f"did not answer within {self._timeout_s:g} s") from None
            if response.status_code != httpx2.codes.OK:
                raise await self._refusal(response.status_code, content)
        try:
            answer = _Completion.model_validate_json(content)
        except ValidationError:
            raise _broken("answered something that is no chat completion") from None
        choice, usage = answer.choices[0], answer.usage or _Usage()
        return Completion(
            content=choice.message.content,
            finish_reason=choice.finish_reason or "",
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
        )

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[Piece, None]:
        """Gives the answer to a request as it comes. Closing the generator aborts the request.

        The last piece has a `finish_reason`; an answer that ends without one has broken off.

        Args:
            body: The request's fields, without the model.

        Raises:
            EndpointUnavailableError: It could not be had, was silent for too long, or broke off.
            EndpointConfigurationError: Key, model or address are wrong.
            RequestRefusedError, PromptTooLongError: This request is not taken.
            BrokenAnswerError: What came is no answer.
        """
        async with (
            self._translated(),
            self._client.sse(
                f"{self._base}/v1/chat/completions",
                method="POST",
                json={**body, "model": self.model, "stream": True},
            ) as source,
        ):
            if source.response.status_code != httpx2.codes.OK:
                raise await self._refusal(source.response.status_code, await _read(source.response))
            # It is a generator, though declared as an iterator.
            events = cast("AsyncGenerator[httpx2.ServerSentEvent, None]", aiter(source))
            async with contextlib.aclosing(events):
                async for event in events:
                    if event.data.strip() == "[DONE]":
                        return
                    for change in _changes(event.data):
                        text = change.delta.content or ""
                        yield Piece(text=text, finish_reason=change.finish_reason)

    async def context_tokens(self) -> int | None:
        """Returns how many tokens a prompt and its answer may have together; None if not told.

        Raises:
            EndpointUnavailableError: The endpoint could not be asked.
            BrokenAnswerError: Its answer is too large.
        """
        async with self._translated():
            try:
                async with (
                    asyncio.timeout(_HEALTH_S),
                    self._client.stream("GET", f"{self._base}/v1/models") as response,
                ):
                    content = await _read(response)
            except TimeoutError:
                raise _unavailable(f"did not list its models within {_HEALTH_S:g} s") from None
        try:
            served = _Models.model_validate_json(content).data
        except ValidationError:
            # Endpoints other than vLLM may have no such address.
            return None
        return next((each.max_model_len for each in served if each.id == self.model), None)

    async def healthy(self) -> bool:
        """Tells whether the endpoint answers and does not call itself unhealthy."""
        try:
            async with asyncio.timeout(_HEALTH_S):
                response = await self._client.get(f"{self._base}/health")
        except (httpx2.HTTPError, TimeoutError):
            return False
        # Endpoints other than vLLM may have no such address.
        return response.status_code < httpx2.codes.INTERNAL_SERVER_ERROR

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def _refusal(self, status: int, content: bytes) -> EndpointError:
        """Returns what a status other than OK means."""
        detail = _detail(content)
        kind, what = _meaning(status, detail)
        if kind is BrokenAnswerError and not await self.healthy():
            kind = EndpointUnavailableError
        return kind(f"The model endpoint {what} (HTTP {status}).", detail=detail)

    @contextlib.asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        """Turns the HTTP client's errors into those of this module."""
        try:
            yield
        except httpx2.TimeoutException:
            raise _unavailable("did not answer in time") from None
        except httpx2.SSEError:
            raise _broken("does not stream its answer") from None
        except httpx2.TransportError as error:
            raise _unavailable(f"cannot be reached ({type(error).__name__})") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _broken(f"cannot be understood ({type(error).__name__})") from None


def _unavailable(what: str) -> EndpointUnavailableError:
    return EndpointUnavailableError(f"The model endpoint {what}.")


def _broken(what: str) -> BrokenAnswerError:
    return BrokenAnswerError(f"The model endpoint {what}.")


def _meaning(status: int, detail: str) -> tuple[type[EndpointError], str]:
    match status:
        case 429 | 502 | 503 | 504:
            return EndpointOverloadedError, "has no room for the request"
        case 401 | 403:
            return EndpointConfigurationError, "does not take the API key"
        case 404 | 405:
            return EndpointConfigurationError, "does not serve this model, or has another address"
        case 400 | 413 | 422 if status == 413 or _TOO_LONG.search(detail):
            return PromptTooLongError, "has no room for so long a prompt"
        case _ if status < 500:
            return RequestRefusedError, "refuses the request"
        case _:
            return BrokenAnswerError, "failed over the request"


def _changes(data: str) -> list[_Change]:
    try:
        return _Chunk.model_validate_json(data).choices
    except ValidationError:
        # Also what engines send when they fail in the middle of an answer.
        raise _broken("sent something that is no part of an answer") from None


async def _read(response: httpx2.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > _MAX_ANSWER_BYTES:
            raise BrokenAnswerError("The model endpoint's answer is too large.")
    return bytes(content)


def _detail(content: bytes) -> str:
    """Returns an error's message: `{"error": {"message": ...}}`, as the protocol has it."""
    try:
        document = json.loads(content)
        error = document.get("error", document)
        parts = [str(error.get(name)) for name in ("code", "message") if error.get(name)]
    except (ValueError, AttributeError):
        return content[:_MAX_DETAIL].decode("utf-8", "replace")
    return " ".join(parts)[:_MAX_DETAIL]
