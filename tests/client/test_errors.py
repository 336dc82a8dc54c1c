import copy
import pickle

import grpc
import pytest

from spectron import ErrorReason, Spectron, SpectronError, errors
from spectron.v1 import error_reason_pb2
from tests.client.conftest import API_KEY
from tests.client.scripted import Failure, ScriptedServer

Code = grpc.StatusCode


async def failed_profile(client: Spectron) -> SpectronError:
    with pytest.raises(SpectronError) as caught:
        await client.memory("c").profile({"user": "alice"})
    assert API_KEY not in str(caught.value)
    return caught.value


def test_the_reasons_are_those_of_the_api() -> None:
    names = error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    assert [each.value for each in ErrorReason] == [
        name.removeprefix("ERROR_REASON_") for name in names
    ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (Code.INVALID_ARGUMENT, errors.InvalidArgument),
        (Code.NOT_FOUND, errors.NotFound),
        (Code.ALREADY_EXISTS, errors.AlreadyExists),
        (Code.ABORTED, errors.Aborted),
        (Code.PERMISSION_DENIED, errors.PermissionDenied),
        (Code.UNAUTHENTICATED, errors.Unauthenticated),
        (Code.FAILED_PRECONDITION, errors.FailedPrecondition),
        (Code.RESOURCE_EXHAUSTED, errors.ResourceExhausted),
        (Code.DEADLINE_EXCEEDED, errors.DeadlineExceeded),
        (Code.UNAVAILABLE, errors.Unavailable),
        (Code.CANCELLED, errors.Cancelled),
        (Code.INTERNAL, errors.Internal),
        (Code.UNIMPLEMENTED, SpectronError),
    ],
)
async def test_each_status_has_its_class(
    client: Spectron, scripted: ScriptedServer, code: Code, kind: type[SpectronError]
) -> None:
    scripted.answer("GetProfile", Failure(code=code))
    error = await failed_profile(client)
    assert type(error) is kind
    assert error.code is code
    assert error.reason == ErrorReason.UNSPECIFIED


async def test_reason_metadata_and_message_are_the_servers(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted.answer(
        "GetProfile",
        Failure(
            code=Code.PERMISSION_DENIED,
            message="this needs a key of role write",
            reason="ROLE_NOT_ALLOWED",
            metadata={"role": "read", "required_role": "write"},
        ),
    )
    error = await failed_profile(client)
    assert isinstance(error, errors.PermissionDenied)
    assert error.reason == "ROLE_NOT_ALLOWED"
    assert error.metadata == {"role": "read", "required_role": "write"}
    assert error.message == str(error) == "this needs a key of role write"


async def test_violations_name_the_fields(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.answer(
        "GetProfile",
        Failure(
            code=Code.INVALID_ARGUMENT,
            reason="INVALID_FIELD",
            violations={"scope.user": "is empty", "max_tokens": "is above 8000"},
        ),
    )
    error = await failed_profile(client)
    assert isinstance(error, errors.InvalidArgument)
    assert [(each.field, each.description) for each in error.violations] == [
        ("scope.user", "is empty"),
        ("max_tokens", "is above 8000"),
    ]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("SESSION_CLOSED", errors.SessionClosed),
        ("EXTRACTION_FAILED", errors.ExtractionFailed),
        ("CONTEXT_NOT_EMPTY", errors.FailedPrecondition),
    ],
)
async def test_some_reasons_have_a_class_of_their_own(
    client: Spectron, scripted: ScriptedServer, reason: str, kind: type[SpectronError]
) -> None:
    scripted.answer("GetProfile", Failure(code=Code.FAILED_PRECONDITION, reason=reason))
    assert type(await failed_profile(client)) is kind


async def test_an_unknown_reason_is_unspecified(client: Spectron, scripted: ScriptedServer) -> None:
    scripted.answer("GetProfile", Failure(code=Code.NOT_FOUND, reason="LOST_IN_THE_FUTURE"))
    error = await failed_profile(client)
    assert isinstance(error, errors.NotFound)
    assert error.reason == ErrorReason.UNSPECIFIED


async def test_a_reason_of_another_domain_is_not_ours(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted.answer(
        "GetProfile",
        Failure(code=Code.FAILED_PRECONDITION, reason="SESSION_CLOSED", domain="proxy"),
    )
    assert type(await failed_profile(client)) is errors.FailedPrecondition


async def test_details_that_cannot_be_read_do_not_hide_the_failure(
    client: Spectron, scripted: ScriptedServer
) -> None:
    class Garbled(Failure):
        async def abort(self, context: "grpc.aio.ServicerContext[object, object]") -> None:
            await context.abort(
                self.code,
                "torn",
                trailing_metadata=(("grpc-status-details-bin", b"\xff\xff\xff"),),
            )

    scripted.answer("GetProfile", Garbled(code=Code.NOT_FOUND))
    error = await failed_profile(client)
    assert isinstance(error, errors.NotFound)
    assert "torn" in error.message


def test_errors_survive_copying_and_pickling() -> None:
    error = errors.InvalidArgument(
        "wrong",
        reason=ErrorReason.INVALID_FIELD,
        metadata={"a": "b"},
        violations=[errors.FieldViolation(field="f", description="d")],
    )
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert isinstance(twin, errors.InvalidArgument)
        assert (str(twin), twin.reason, twin.metadata, twin.violations, twin.code) == (
            "wrong",
            error.reason,
            error.metadata,
            error.violations,
            Code.INVALID_ARGUMENT,
        )


async def test_an_unavailable_database_is_the_servers_word(
    client: Spectron, scripted: ScriptedServer
) -> None:
    scripted.answer(
        "GetProfile",
        Failure(
            code=Code.UNAVAILABLE,
            message="the database cannot be reached",
            reason="DATABASE_UNAVAILABLE",
        ),
    )
    error = await failed_profile(client)
    assert isinstance(error, errors.Unavailable)
    assert error.reason == "DATABASE_UNAVAILABLE"
    # The server was reached, so the message must not tell to start one.
    assert error.message == "the database cannot be reached"


async def test_text_that_is_no_unicode_is_refused_before_it_is_sent(
    client: Spectron, scripted: ScriptedServer
) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        await client.memory("c").sessions.open("session:1").turn("user", "\ud800")
    assert scripted.received == []
