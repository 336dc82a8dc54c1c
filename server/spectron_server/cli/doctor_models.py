"""What `spectron doctor` asks the models that the settings name."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.model_endpoint import EndpointConfigurationError, EndpointError
from spectron_extraction.ontology import Ontology
from spectron_extraction.vllm import EnforcementError
from spectron_server.agent.chat_model import ChatMessage, ChatModelError
from spectron_server.cli.finding import Check, fail, good
from spectron_server.settings import Settings

_PATIENCE_S: Final = 30.0


def model_checks(settings: Settings) -> Iterator[Check]:
    """Checks the models that are named, with a request to each; yields nothing if none is."""
    if settings.extractor != "builtin":
        yield asyncio.run(_extraction_model(settings))
    if settings.chat_url is not None:
        yield asyncio.run(_chat_model(settings))


async def _extraction_model(settings: Settings) -> Check:
    # It builds what a server would, and so loads the whole server.
    from spectron_server.main import open_extractor  # noqa: PLC0415

    name = "extraction model"
    patient = {"vllm_timeout_s": min(settings.vllm_timeout_s, _PATIENCE_S)}
    extractor = open_extractor(settings.model_copy(update=patient), Ontology.load())
    assert not isinstance(extractor, BuiltinExtractor)
    where = f"{settings.vllm_model} at {settings.vllm_url}"
    try:
        await extractor.verify()
    except EnforcementError as error:
        why = "Answers of any other form cannot be trusted: a server refuses to start."
        return fail(name, f"{where}: {error}", "Serve the model as it says.", why=why)
    except EndpointConfigurationError as error:
        advice = "Correct SPECTRON_VLLM_URL, SPECTRON_VLLM_MODEL and SPECTRON_VLLM_API_KEY."
        return fail(name, f"{where}: {error}", advice, why="A server refuses to start.")
    except EndpointError as error:
        advice = "Start the model's server, or check SPECTRON_VLLM_URL."
        why = "Turns are kept, and wait until the model is back."
        return fail(name, f"{where}: {error}", advice, why=why)
    finally:
        await extractor.aclose()
    return good(name, f"{where} answers, and keeps to the form it is given")


async def _chat_model(settings: Settings) -> Check:
    from spectron_server.main import open_chat_model  # noqa: PLC0415

    name = "chat model"
    patient = {"chat_timeout_s": min(settings.chat_timeout_s, _PATIENCE_S)}
    model = open_chat_model(settings.model_copy(update=patient))
    assert model is not None
    where = f"{settings.chat_model} at {settings.chat_url}"
    try:
        question = [ChatMessage(role="user", content="Answer with one word: hello")]
        async with (
            asyncio.timeout(_PATIENCE_S),
            contextlib.aclosing(model.reply(system_prompt="", messages=question)) as reply,
        ):
            await anext(reply)
    except (ChatModelError, TimeoutError) as error:
        told = str(error) or f"no word of an answer within {_PATIENCE_S:g} s"
        advice = (
            "Start the model's server, or correct SPECTRON_CHAT_URL, SPECTRON_CHAT_MODEL and "
            "SPECTRON_CHAT_API_KEY."
        )
        why = "Messages of sessions without an agent of their own fail."
        return fail(name, f"{where}: {told}", advice, why=why)
    finally:
        await model.aclose()
    return good(name, f"{where} answers")
