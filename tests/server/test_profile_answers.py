"""Answers kept as bytes: true for their state and time only, and within their bound."""

from datetime import UTC, datetime, timedelta

from spectron.v1 import memory_service_pb2 as pb
from spectron_server.domain.scope import Scope
from spectron_server.rpc.profile_answers import ProfileAnswers, Serialised
from spectron_server.service.profiles import Profile

NOW = datetime(2024, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def profile(summary: str, revision: int, changes_at: datetime | None = None) -> Profile:
    """Returns a profile without attributes."""
    return Profile(
        scope=Scope((("user", "alice"),)),
        summary=summary,
        attributes=(),
        unknowns=(),
        revision=revision,
        as_of=None,
        changes_at=changes_at,
        scopes={},
    )


def read(answer: Serialised | None) -> tuple[str, int, str]:
    """Returns what a client reads from an answer."""
    assert answer is not None
    message = pb.GetProfileResponse.FromString(answer.SerializeToString()).profile
    return message.summary, message.revision, message.scope.dimensions["user"]


def test_an_answer_is_read_with_the_revision_of_the_moment() -> None:
    answers = ProfileAnswers()
    assert read(answers.put("a", 1, NOW, profile("Tea.", 3), ["alice"])) == ("Tea.", 3, "alice")
    assert read(answers.get("a", 1, LATER, 300)) == ("Tea.", 300, "alice")


def test_another_state_or_question_is_not_answered() -> None:
    answers = ProfileAnswers()
    answers.put("a", 1, NOW, profile("Tea.", 3), ["alice"])
    assert answers.get("a", 2, NOW, 3) is None
    assert answers.get("b", 1, NOW, 3) is None


def test_an_answer_ends_when_a_belief_begins_or_ends_to_hold() -> None:
    answers = ProfileAnswers()
    answers.put("a", 1, NOW, profile("Tea.", 3, changes_at=LATER), ["alice"])
    assert answers.get("a", 1, LATER - timedelta(seconds=1), 3) is not None
    assert answers.get("a", 1, LATER, 3) is None
    # Nor is it true of a time before it was made, should the clock be set back.
    assert answers.get("a", 1, NOW - timedelta(seconds=1), 3) is None


def test_the_least_recently_used_make_room() -> None:
    answers = ProfileAnswers(max_bytes=1_000)
    for number in range(50):
        answers.put(number, 1, NOW, profile("x" * 100, 1), ["alice"])
        answers.put("kept", 1, NOW, profile("y" * 100, 1), ["alice"])
        assert answers.nbytes <= 1_000
    assert answers.get("kept", 1, NOW, 1) is not None
    assert answers.get(0, 1, NOW, 1) is None
    assert answers.evictions > 0


def test_what_tells_of_an_erased_scope_is_forgotten() -> None:
    answers = ProfileAnswers()
    answers.put("team", 1, NOW, profile("Tea.", 3), ["org", "alice"])
    answers.put("org", 1, NOW, profile("Chess.", 3), ["org"])
    answers.forget("alice")
    assert answers.get("team", 1, NOW, 3) is None
    assert read(answers.get("org", 1, NOW, 3)) == ("Chess.", 3, "alice")
    answers.forget("org")
    assert answers.nbytes == 0
