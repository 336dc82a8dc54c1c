"""Scopes and what they see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_extraction.protocol import EntityRef
from spectron_server.domain.errors import InvalidFieldError
from spectron_server.domain.scope import KEY_LENGTH, MAX_DIMENSIONS, MAX_VALUE_LENGTH, Scope

_SCOPES = st.dictionaries(
    st.sampled_from(["org", "team", "user", "app"]), st.sampled_from(["a", "b"]), max_size=4
).map(Scope.of)


def test_a_scope_does_not_depend_on_the_order_of_its_dimensions() -> None:
    assert Scope.of({"user": "alice", "org": "acme"}) == Scope.of({"org": "acme", "user": "alice"})


@given(_SCOPES, _SCOPES)
def test_a_scope_sees_exactly_its_subsets(query: Scope, record: Scope) -> None:
    visible = list(query.visible())
    assert query.sees(record) is (record.as_dict().items() <= query.as_dict().items())
    assert query.sees(record) is (record in visible)
    assert len(visible) == 2 ** len(query.dimensions)
    assert len(set(visible)) == len(visible)


def test_an_org_does_not_see_its_users() -> None:
    org, user = Scope.of({"org": "acme"}), Scope.of({"org": "acme", "user": "alice"})
    assert user.sees(org)
    assert not org.sees(user)
    assert org.sees(Scope())


@given(_SCOPES, _SCOPES)
def test_keys_tell_scopes_and_contexts_apart(one: Scope, other: Scope) -> None:
    assert (one.key("app") == other.key("app")) is (one == other)
    assert one.key("app") != one.key("app2")
    assert len(one.key("app")) == KEY_LENGTH
    assert one.visible_keys("app") == tuple(each.key("app") for each in one.visible())


def test_keys_do_not_change_from_release_to_release() -> None:
    # Data on disk is found under this key.
    assert Scope.of({"user": "alice"}).key("assistant") == "fpt38cmjydscmjq9"


def test_dimensions_do_not_run_into_each_other() -> None:
    assert Scope.of({"a": "b,c"}).key("x") != Scope.of({"a": "b", "c": "c"}).key("x")


def test_the_subject_is_the_user() -> None:
    assert Scope.of({"org": "acme", "user": "alice"}).subject() == EntityRef(
        type="Person", name="alice"
    )
    assert Scope.of({"org": "acme"}).subject() == EntityRef(type="Person", name="user")


@pytest.mark.parametrize(
    ("dimensions", "field"),
    [
        ({"User": "alice"}, "scope"),
        ({"": "alice"}, "scope"),
        ({"1user": "alice"}, "scope"),
        ({"u" * 33: "alice"}, "scope"),
        ({"user": ""}, "scope.user"),
        ({"user": "a" * (MAX_VALUE_LENGTH + 1)}, "scope.user"),
        ({"user": "a\nb"}, "scope.user"),
        ({"user": "a\x00"}, "scope.user"),
        ({f"d{number}": "x" for number in range(MAX_DIMENSIONS + 1)}, "scope"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_its_field(
    dimensions: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        Scope.of(dimensions)
    assert [violation.field for violation in caught.value.violations] == [field]


def test_the_bounds_themselves_are_allowed() -> None:
    scope = Scope.of({f"d{number}": "x" * MAX_VALUE_LENGTH for number in range(MAX_DIMENSIONS)})
    assert len(list(scope.visible())) == 2**MAX_DIMENSIONS
    assert Scope.of({"u" * 32: "Zoë O'Neill <zoe@example.org>"}).dimensions
