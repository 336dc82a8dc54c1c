"""Finds out whether an endpoint can be trusted with extraction, before it is.

It is asked for one word by the prompt and held to another one by the schema. An endpoint that
ignores the schema, or does not get as far as writing text, does not give the right one. The
request has the length and the options of the real ones, so that whatever else the endpoint does
not take comes to light here as well. But for one thing: an engine takes a request for a longer
answer than it has room for, and cuts the answer. So it is asked how much room there is.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from spectron_extraction.model_endpoint import (
    Completion,
    EndpointError,
    ModelEndpoint,
    PromptTooLongError,
    RequestRefusedError,
)
from spectron_extraction.vllm.schema import MAX_TOKENS, response_format

_WORD: Final = "enforced"
_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"word": {"type": "string", "enum": [_WORD]}},
    "required": ["word"],
    "additionalProperties": False,
}
# What is advised is rounded up to a multiple of this.
_CONTEXT_STEP: Final = 1_024
_CONTRADICTION: Final = "This is a test of the connection. Answer with one word and no JSON: hello"


class EnforcementError(EndpointError):
    """The endpoint answers, but cannot be used for extraction; the message says what to change."""


async def probe(
    endpoint: ModelEndpoint, request: Callable[[str, dict[str, Any], int], dict[str, Any]]
) -> Completion:
    """Asks the endpoint a question whose only legal answer the prompt contradicts.

    Args:
        endpoint: The endpoint.
        request: Makes a request of a message, a response format and a bound of tokens.

    Returns:
        The answer, which is the right one.

    Raises:
        EnforcementError: The endpoint cannot be used as it is.
        EndpointError: It did not answer.
    """
    answer = await _obedient_answer(endpoint, request)
    await _check_room(endpoint, answer.prompt_tokens)
    return answer


async def _obedient_answer(
    endpoint: ModelEndpoint, request: Callable[[str, dict[str, Any], int], dict[str, Any]]
) -> Completion:
    try:
        answer = await endpoint.complete(
            request(_CONTRADICTION, response_format("probe", _SCHEMA), MAX_TOKENS)
        )
    except PromptTooLongError as error:
        raise EnforcementError(
            "The model's context is too short for extraction: serve it with --max-model-len 8192 "
            f"or more. The endpoint says: {error.detail}"
        ) from error
    except RequestRefusedError as error:
        # Nothing of a user is in this request, so that the endpoint may be quoted.
        raise EnforcementError(
            f"The model endpoint does not take requests for extraction: {error.detail}"
        ) from error
    if answer.content is None:
        raise EnforcementError(
            "The model endpoint gave no text where the schema demands it. If the model thinks "
            'before it answers, serve it with --default-chat-template-kwargs \'{"enable_thinking":'
            "false}', or serve one that does not."
        )
    if not _obeyed(answer.content):
        raise EnforcementError(
            "The model endpoint does not enforce JSON schemas (response_format json_schema), so "
            "that its answers could not be trusted. With vLLM, serve the model with "
            '--structured-outputs-config \'{"backend":"guidance","disable_any_whitespace":true}\'.'
        )
    return answer


async def _check_room(endpoint: ModelEndpoint, prompt_tokens: int) -> None:
    """Makes sure that the longest answer fits behind the prompt, if the endpoint tells its room."""
    room = await endpoint.context_tokens()
    needed = prompt_tokens + MAX_TOKENS
    if room is not None and room < needed:
        advised = -(-needed // _CONTEXT_STEP) * _CONTEXT_STEP
        raise EnforcementError(
            f"The model's context of {room} tokens is too short for extraction: its prompt takes "
            f"{prompt_tokens} and its longest answer {MAX_TOKENS}, and what does not fit would be "
            f"cut. Serve the model with --max-model-len {advised} or more."
        )


def _obeyed(content: str) -> bool:
    try:
        return bool(json.loads(content) == {"word": _WORD})
    except (ValueError, RecursionError):
        return False
