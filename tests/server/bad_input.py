"""What the tests of bad input share."""

from spectron.v1 import (
    scope_pb2,
    turn_pb2,
    turn_service_pb2,
)

CONTEXT = "bad-input"
INVALID = "INVALID_ARGUMENT/INVALID_FIELD"


def scope(**dimensions: str) -> scope_pb2.Scope:
    return scope_pb2.Scope(dimensions=dimensions)


def a_turn(session_id: str, **fields: object) -> turn_service_pb2.RecordTurnRequest:
    turn = {"role": turn_pb2.ROLE_USER, "content": "Hello.", **fields}
    return turn_service_pb2.RecordTurnRequest(
        context_id=CONTEXT,
        session_id=session_id,
        turn=turn_pb2.NewTurn(**turn),  # type: ignore[arg-type]
    )
