"""What is known of a scope: the profile, its entities, and the history of an attribute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import EntityRef
from spectron_server.domain.belief import Attribute, Unknown
from spectron_server.domain.errors import AttributeNotFoundError, EntityNotFoundError
from spectron_server.domain.ids import entity_id
from spectron_server.domain.profile import order_attributes, summarise
from spectron_server.domain.scope import Scope
from spectron_server.service.caller import Caller
from spectron_server.service.knowledge import Knowledge, View
from spectron_server.service.pages import Page, cut


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """Everything known of a scope; `scopes` tells, by key, which scope each row is of.

    It stays as it is until the beliefs change, or until `changes_at` if that is a time.
    """

    scope: Scope
    summary: str
    attributes: Sequence[Attribute]
    unknowns: Sequence[Unknown]
    revision: int
    as_of: datetime | None
    changes_at: datetime | None
    scopes: Mapping[str, Scope]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entity:
    """Something known of, with what is believed of it."""

    ref: EntityRef
    attributes: Sequence[Attribute]

    @property
    def id(self) -> str:
        """Its id: type and name."""
        return entity_id(self.ref.type, self.ref.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entities:
    """A page of entities; `scopes` as in `Profile`."""

    page: Page[Entity]
    scopes: Mapping[str, Scope]


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """A page of the values that an attribute ever had; `scopes` as in `Profile`."""

    page: Page[Attribute]
    scopes: Mapping[str, Scope]


class ProfileService:
    """Reads what is known."""

    def __init__(self, *, knowledge: Knowledge, ontology: Ontology) -> None:
        self._knowledge = knowledge
        self._ontology = ontology

    async def profile(
        self,
        caller: Caller,
        scope: Scope,
        *,
        max_tokens: int,
        max_attributes: int,
        as_of: datetime | None,
        min_turn: str,
        until: datetime,
    ) -> Profile:
        """Returns the profile of a scope."""
        view = await self.view(caller, scope, min_turn=min_turn, until=until)
        return self.profile_of(
            view,
            self._knowledge.moment(as_of),
            max_tokens=max_tokens,
            max_attributes=max_attributes,
            as_of=as_of,
        )

    async def view(self, caller: Caller, scope: Scope, *, min_turn: str, until: datetime) -> View:
        """Returns what a scope sees, after waiting for a turn to be extracted if asked to."""
        return await self._knowledge.view(caller, scope, min_turn=min_turn, until=until)

    def now(self) -> datetime:
        """Returns the moment that a profile of the present tells of."""
        return self._knowledge.moment(None)

    def profile_of(
        self,
        view: View,
        moment: datetime,
        *,
        max_tokens: int,
        max_attributes: int,
        as_of: datetime | None = None,
    ) -> Profile:
        """Returns the profile that a view shows at a moment."""
        scope = view.scope
        attributes = order_attributes(view.held(moment, self._ontology), self._ontology)
        unknowns = view.doubts(moment)
        return Profile(
            scope=scope,
            summary=summarise(
                attributes=attributes,
                unknowns=unknowns,
                subject=scope.subject(),
                ontology=self._ontology,
                max_tokens=max_tokens,
            ),
            attributes=attributes[:max_attributes],
            unknowns=unknowns[: max(0, max_attributes - len(attributes))],
            revision=view.revision,
            as_of=as_of,
            changes_at=None if as_of else view.changes_at(moment),
            scopes=view.scopes,
        )

    async def entities(
        self,
        caller: Caller,
        scope: Scope,
        *,
        entity_type: str,
        as_of: datetime | None,
        min_turn: str,
        until: datetime,
        size: int,
        cursor: str | None,
    ) -> Entities:
        """Returns the entities that a scope knows of: the user first, then by type and name.

        A type is compared without regard to letter case, as in what is to be forgotten.
        """
        view = await self._knowledge.view(caller, scope, min_turn=min_turn, until=until)
        subject = scope.subject()
        held = view.held(self._knowledge.moment(as_of), self._ontology)
        found = self._by_entity(held)
        wanted = entity_type.casefold()
        chosen = sorted(
            (ref for ref in found if wanted in {"", ref.type.casefold()}),
            key=lambda ref: _entity_cursor(ref, subject),
        )
        entities = [
            Entity(ref=ref, attributes=order_attributes(found[ref], self._ontology))
            for ref in chosen
            if cursor is None or _entity_cursor(ref, subject) > cursor
        ][: size + 1]
        page = cut(entities, size, lambda entity: _entity_cursor(entity.ref, subject))
        return Entities(page=page, scopes=view.scopes)

    async def entity(
        self, caller: Caller, scope: Scope, ref: EntityRef, *, as_of: datetime | None
    ) -> tuple[Entity, Mapping[str, Scope]]:
        """Returns one entity.

        Raises:
            EntityNotFoundError: Nothing is believed of it.
        """
        view = await self._knowledge.view(caller, scope)
        held = view.held(self._knowledge.moment(as_of), self._ontology)
        attributes = self._by_entity(held).get(ref)
        if not attributes:
            raise EntityNotFoundError(
                "Nothing is known of this entity in the scope. ListEntities shows what is."
            )
        ordered = order_attributes(attributes, self._ontology)
        return Entity(ref=ref, attributes=ordered), view.scopes

    async def history(
        self,
        caller: Caller,
        scope: Scope,
        ref: EntityRef,
        key: str,
        *,
        size: int,
        cursor: str | None,
    ) -> History:
        """Returns every value that an attribute ever had, by the time from which it held.

        Raises:
            AttributeNotFoundError: It never had any.
        """
        view = await self._knowledge.view(caller, scope)
        canonical = self._ontology.canonical(key)
        rows = sorted(
            (row for row in view.attributes() if row.entity == ref and row.key == canonical),
            key=_history_cursor,
        )
        if not rows:
            raise AttributeNotFoundError(
                "The entity never had such an attribute in this scope. GetEntity shows those it "
                "has."
            )
        rest = [row for row in rows if cursor is None or _history_cursor(row) > cursor]
        return History(page=cut(rest[: size + 1], size, _history_cursor), scopes=view.scopes)

    @staticmethod
    def _by_entity(attributes: Sequence[Attribute]) -> dict[EntityRef, list[Attribute]]:
        found: dict[EntityRef, list[Attribute]] = {}
        for attribute in attributes:
            found.setdefault(attribute.entity, []).append(attribute)
        return found


def _entity_cursor(ref: EntityRef, subject: EntityRef) -> str:
    return f"{int(ref != subject)}{ref.type}\x1f{ref.name}"


def _history_cursor(row: Attribute) -> str:
    return f"{row.valid_from.astimezone().timestamp():020.6f}{row.recorded_at.isoformat()}{row.id}"
