import asyncio
import time

import grpc
import pytest

from spectron import ErrorReason, RetryPolicy, Spectron, SpectronError, errors
from spectron.retry import is_retryable
from spectron.v1.memory_service_pb2 import GetProfileResponse
from spectron.v1.session_service_pb2 import CreateSessionResponse
from spectron.v1.transfer_service_pb2 import ExportContextResponse
from tests.client.conftest import API_KEY, QUICK_RETRY
from tests.client.scripted import Failure, ScriptedServer, never

UNAVAILABLE = Failure(code=grpc.StatusCode.UNAVAILABLE)
OVERLOADED = Failure(code=grpc.StatusCode.RESOURCE_EXHAUSTED, reason="OVERLOADED")


def test_backoff_doubles_up_to_its_bound_and_is_fully_jittered() -> None:
    policy = RetryPolicy(initial_backoff_s=0.5, multiplier=2, max_backoff_s=3)
    bounds = [policy.backoff_s(attempt, 1.0) for attempt in (1, 2, 3, 4, 50)]
    assert bounds == [0.5, 1.0, 2.0, 3.0, 3.0]
    assert policy.backoff_s(3, 0.0) == 0
    assert policy.backoff_s(3, 0.25) == 0.5


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_attempts": 0},
        {"initial_backoff_s": 0},
        {"initial_backoff_s": 2, "max_backoff_s": 1},
        {"multiplier": 0.5},
    ],
)
def test_policies_that_make_no_sense_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        RetryPolicy(**arguments)  # type: ignore[arg-type]


def test_only_failures_that_pass_are_retried() -> None:
    assert is_retryable(errors.Unavailable("x"))
    assert is_retryable(errors.ResourceExhausted("x", reason=ErrorReason.OVERLOADED))
    assert not is_retryable(errors.ResourceExhausted("x", reason=ErrorReason.STORAGE_FULL))
    assert is_retryable(errors.Cancelled("x"))
    assert not is_retryable(errors.Cancelled("x", reason=ErrorReason.MESSAGE_CANCELLED))
    assert not is_retryable(errors.DeadlineExceeded("x"))
    assert not is_retryable(errors.Internal("x"))


@pytest.mark.parametrize("failure", [UNAVAILABLE, OVERLOADED])
async def test_reads_are_retried(
    client: Spectron, scripted: ScriptedServer, failure: Failure
) -> None:
    scripted.answer("GetProfile", failure, failure, GetProfileResponse())
    profile = await client.memory("c").profile({"user": "alice"})
    assert profile.summary == ""
    assert len(scripted.calls("GetProfile")) == 3


async def test_a_retried_change_keeps_its_request_id(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted.answer("CreateSession", UNAVAILABLE, CreateSessionResponse())
    await client.memory("c").sessions.create(scope={})
    await client.memory("c").sessions.create(scope={})
    first, again, second = (call.requests[0].request_id for call in scripted.calls("CreateSession"))
    assert first == again
    assert first != second
    assert len(first) == 32


async def test_a_given_request_id_is_used(client: Spectron, scripted: ScriptedServer) -> None:
    await client.memory("c").sessions.create(scope={}, request_id="mine")
    assert scripted.calls("CreateSession")[0].requests[0].request_id == "mine"


async def test_attempts_are_bounded(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.answer("GetProfile", UNAVAILABLE)
    with pytest.raises(errors.Unavailable):
        await client.memory("c").profile({})
    assert len(scripted.calls("GetProfile")) == QUICK_RETRY.max_attempts


@pytest.mark.parametrize(
    "failure",
    [
        Failure(code=grpc.StatusCode.INTERNAL),
        Failure(code=grpc.StatusCode.ABORTED),
        Failure(code=grpc.StatusCode.RESOURCE_EXHAUSTED, reason="STORAGE_FULL"),
        Failure(code=grpc.StatusCode.FAILED_PRECONDITION, reason="SESSION_CLOSED"),
    ],
)
async def test_other_failures_are_not_retried(
    client: Spectron, scripted: ScriptedServer, failure: Failure
) -> None:
    scripted.answer("RecordTurn", failure)
    with pytest.raises(SpectronError):
        await client.memory("c").sessions.open("session:1").turn("user", "hello")
    assert len(scripted.calls("RecordTurn")) == 1


async def test_a_key_is_not_made_twice(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.answer("CreateKey", UNAVAILABLE)
    with pytest.raises(errors.Unavailable):
        await client.admin.keys.create(role="read")
    assert len(scripted.calls("CreateKey")) == 1


async def test_the_deadline_bounds_all_attempts_together(scripted: ScriptedServer) -> None:
    scripted.answer("GetProfile", UNAVAILABLE)
    patient = RetryPolicy(max_attempts=1_000, initial_backoff_s=0.05, max_backoff_s=0.05)
    started = time.monotonic()
    async with Spectron(API_KEY, endpoint=scripted.endpoint, retry=patient) as client:
        with pytest.raises((errors.Unavailable, errors.DeadlineExceeded)):
            await client.memory("c").profile({}, timeout_s=0.3)
    assert time.monotonic() - started < 5
    assert 2 <= len(scripted.calls("GetProfile")) < 1_000


async def test_a_silent_server_meets_the_deadline(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted.answer("GetProfile", never)
    with pytest.raises(errors.DeadlineExceeded, match="timeout_s"):
        await client.memory("c").profile({}, timeout_s=0.2)
    assert len(scripted.calls("GetProfile")) == 1


async def test_the_default_deadline_is_the_clients(scripted: ScriptedServer) -> None:
    scripted.answer("GetProfile", never)
    async with Spectron(API_KEY, endpoint=scripted.endpoint, timeout_s=0.2) as client:
        with pytest.raises(errors.DeadlineExceeded):
            await client.memory("c").profile({})


async def test_an_export_is_retried_only_until_its_first_record(
    client: Spectron, scripted: ScriptedServer
) -> None:
    record = ExportContextResponse()
    record.record.session.id = "session:1"
    scripted.answer("ExportContext", [UNAVAILABLE], [record, UNAVAILABLE])
    records = client.memory("c").export()
    first = await anext(records)
    assert first.fields["id"] == "session:1"
    with pytest.raises(errors.Unavailable):
        await anext(records)
    assert len(scripted.calls("ExportContext")) == 2


async def test_calls_outlive_a_restart_of_the_server(scripted: ScriptedServer) -> None:
    persistent = RetryPolicy(max_attempts=200, initial_backoff_s=0.05, max_backoff_s=0.05)
    port = int(scripted.endpoint.rpartition(":")[2])
    async with Spectron(API_KEY, endpoint=scripted.endpoint, retry=persistent) as client:
        memory = client.memory("c")
        await memory.profile({})
        await scripted.stop()
        waiting = asyncio.create_task(memory.profile({}))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
        await scripted.start(port)
        await waiting
    assert len(scripted.calls("GetProfile")) == 2
