"""MemoryService."""

from typing import Final

from spectron.v1 import memory_service_pb2 as pb
from spectron_extraction.protocol import EntityRef
from spectron_server.domain.access import KeyRole
from spectron_server.domain.scope import Scope
from spectron_server.rpc import convert, tokens, validation
from spectron_server.rpc.admission import Call, needs
from spectron_server.rpc.profile_answers import ProfileAnswers, Serialised
from spectron_server.service.directory import Directory
from spectron_server.service.facts import FactService
from spectron_server.service.forgetting import ForgettingService, Selection
from spectron_server.service.profiles import ProfileService
from spectron_server.service.retrieval import Foreseen, RetrievalService

MAX_LISTED: Final = 500
# Of longer questions it is not known yet whether they are taken.
_MAX_FORESEEN: Final = 2_000


class MemoryRpc:
    """Handlers of MemoryService."""

    SERVICE: Final = pb.DESCRIPTOR.services_by_name["MemoryService"]

    def __init__(
        self,
        *,
        profiles: ProfileService,
        retrieval: RetrievalService,
        forgetting: ForgettingService,
        facts: FactService,
        directory: Directory,
        answers: ProfileAnswers,
    ) -> None:
        self._profiles = profiles
        self._retrieval = retrieval
        self._forgetting = forgetting
        self._facts = facts
        self._directory = directory
        self._answers = answers

    @needs(KeyRole.READ, reads=True)
    async def get_profile(
        self, request: pb.GetProfileRequest, call: Call
    ) -> pb.GetProfileResponse | Serialised:
        """Returns what is known of a scope."""
        scope = call.reads or validation.scope(request.scope)
        max_tokens = validation.bounded(
            request.max_tokens, "max_tokens", default=400, minimum=16, maximum=8_000
        )
        as_of = validation.optional_moment(
            request.as_of, "as_of", present=request.HasField("as_of")
        )
        view = await self._profiles.view(
            call.caller,
            scope,
            min_turn=validation.selector(request.min_turn, "min_turn"),
            until=call.until,
        )
        if as_of is not None:
            profile = self._profiles.profile_of(
                view, as_of, max_tokens=max_tokens, max_attributes=MAX_LISTED, as_of=as_of
            )
            return pb.GetProfileResponse(profile=convert.profile(profile))
        moment = self._profiles.now()
        key = (call.caller.context_id, scope, max_tokens)
        kept = self._answers.get(key, view.stamp, moment, view.revision)
        if kept is not None:
            return kept
        profile = self._profiles.profile_of(
            view, moment, max_tokens=max_tokens, max_attributes=MAX_LISTED
        )
        return self._answers.put(key, view.stamp, moment, profile, [*view.scopes])

    def foresee(self, request: pb.GetContextRequest, scope: Scope | None) -> Foreseen | None:
        """Begins to embed the question of `GetContext`, before it is known who asks."""
        if not 0 < len(request.query) <= _MAX_FORESEEN:
            return None
        keys = scope.visible_keys(request.context_id) if scope and request.context_id else ()
        return self._retrieval.foresee(request.query, keys)

    @needs(KeyRole.READ, reads=True, ahead=foresee)
    async def get_context(self, request: pb.GetContextRequest, call: Call) -> pb.GetContextResponse:
        """Returns what bears on a query."""
        context = await self._retrieval.context(
            call.caller,
            await self._target(request, call),
            validation.content(request.query, "query"),
            top_k=validation.bounded(request.top_k, "top_k", default=10, minimum=1, maximum=50),
            max_tokens=validation.bounded(
                request.max_tokens, "max_tokens", default=1_000, minimum=16, maximum=16_000
            ),
            as_of=validation.optional_moment(
                request.as_of, "as_of", present=request.HasField("as_of")
            ),
            include_history=request.include_history,
            min_turn=validation.selector(request.min_turn, "min_turn"),
            until=call.until,
            foreseen=call.ahead,
        )
        return pb.GetContextResponse(
            items=[convert.context_item(item, context.scopes) for item in context.items],
            formatted=context.formatted,
            revision=context.revision,
        )

    async def _target(self, request: pb.GetContextRequest, call: Call) -> Scope:
        target = request.WhichOneof("target")
        if target is None:
            validation.refuse("target", "is required: set session_id or scope")
        if target == "scope":
            return call.reads or validation.scope(request.scope)
        session_id = validation.record_id(request.session_id, "session_id")
        return (await self._directory.session_place(call.caller, session_id)).scope

    @needs(KeyRole.WRITE)
    async def forget(self, request: pb.ForgetRequest, call: Call) -> pb.ForgetResponse:
        """Ends beliefs."""
        selection = Selection(
            entity_type=validation.selector(request.entity_type, "entity_type"),
            entity_name=validation.selector(request.entity_name, "entity_name"),
            attribute_key=validation.selector(request.attribute_key, "attribute_key"),
            category=validation.category(request.category, unknowns=True),
        )
        forgotten, scopes = await self._forgetting.forget(
            call.caller,
            validation.scope(request.scope),
            selection,
            dry_run=request.dry_run,
            once=call.once,
        )
        return pb.ForgetResponse(
            attributes=[convert.attribute(row, scopes) for row in forgotten.attributes],
            attribute_count=forgotten.attribute_count,
            unknown_count=forgotten.unknown_count,
            turn_count=forgotten.turn_count,
        )

    @needs(KeyRole.WRITE)
    async def record_fact(self, request: pb.RecordFactRequest, call: Call) -> pb.RecordFactResponse:
        """Records a fact."""
        scope = validation.scope(request.scope)
        diff = await self._facts.record(
            call.caller,
            scope,
            entity=(
                validation.new_entity(request.entity, scope.subject())
                if request.HasField("entity")
                else None
            ),
            category=validation.category(request.category, unknowns=False),
            key=validation.attribute_key(request.key),
            value=validation.fact(request.value, "value", key=request.key),
            confidence=(
                validation.confidence(request.confidence) if request.HasField("confidence") else 1.0
            ),
            valid_from=validation.optional_moment(
                request.valid_from, "valid_from", present=request.HasField("valid_from")
            ),
            once=call.once,
        )
        scopes = {scope.key(call.caller.context_id): scope}
        return pb.RecordFactResponse(diff=convert.diff(diff, scopes))

    @needs(KeyRole.READ)
    async def list_entities(
        self, request: pb.ListEntitiesRequest, call: Call
    ) -> pb.ListEntitiesResponse:
        """Lists what is known of."""
        entities = await self._profiles.entities(
            call.caller,
            validation.scope(request.scope),
            entity_type=validation.selector(request.type, "type"),
            as_of=validation.optional_moment(
                request.as_of, "as_of", present=request.HasField("as_of")
            ),
            min_turn=validation.selector(request.min_turn, "min_turn"),
            until=call.until,
            size=tokens.page_size(request.page_size),
            cursor=tokens.decode(request, request.page_token),
        )
        return pb.ListEntitiesResponse(
            entities=[convert.entity(row, entities.scopes) for row in entities.page.items],
            next_page_token=tokens.encode(request, entities.page.next_cursor),
        )

    @needs(KeyRole.READ)
    async def get_entity(self, request: pb.GetEntityRequest, call: Call) -> pb.GetEntityResponse:
        """Returns one entity."""
        entity, scopes = await self._profiles.entity(
            call.caller,
            validation.scope(request.scope),
            validation.entity(request.entity),
            as_of=validation.optional_moment(
                request.as_of, "as_of", present=request.HasField("as_of")
            ),
        )
        return pb.GetEntityResponse(entity=convert.entity(entity, scopes))

    @needs(KeyRole.READ)
    async def get_attribute_history(
        self, request: pb.GetAttributeHistoryRequest, call: Call
    ) -> pb.GetAttributeHistoryResponse:
        """Returns all values that an attribute ever had."""
        scope = validation.scope(request.scope)
        ref: EntityRef = (
            validation.entity(request.entity) if request.HasField("entity") else scope.subject()
        )
        history = await self._profiles.history(
            call.caller,
            scope,
            ref,
            validation.attribute_key(request.key),
            size=tokens.page_size(request.page_size),
            cursor=tokens.decode(request, request.page_token),
        )
        return pb.GetAttributeHistoryResponse(
            attributes=[convert.attribute(row, history.scopes) for row in history.page.items],
            next_page_token=tokens.encode(request, history.page.next_cursor),
        )

    @needs(KeyRole.READ)
    async def list_unknowns(
        self, request: pb.ListUnknownsRequest, call: Call
    ) -> pb.ListUnknownsResponse:
        """Lists the doubts that await review."""
        unknowns = await self._facts.unknowns(
            call.caller,
            validation.scope(request.scope),
            include_resolved=request.include_resolved,
            size=tokens.page_size(request.page_size),
            cursor=tokens.decode(request, request.page_token),
        )
        return pb.ListUnknownsResponse(
            unknowns=[convert.unknown(row, unknowns.scopes) for row in unknowns.page.items],
            next_page_token=tokens.encode(request, unknowns.page.next_cursor),
        )

    @needs(KeyRole.WRITE)
    async def resolve_unknown(
        self, request: pb.ResolveUnknownRequest, call: Call
    ) -> pb.ResolveUnknownResponse:
        """Settles a doubt."""
        unknown_id = validation.record_id(request.unknown_id, "unknown_id")
        match request.WhichOneof("resolution"):
            case "accept_value":
                accept: str | None = validation.fact(request.accept_value, "accept_value")
            case "dismiss":
                if not request.dismiss:
                    validation.refuse("dismiss", "must be true, or left out")
                accept = None
            case _:
                validation.refuse("resolution", "is required: set accept_value or dismiss")
        resolved, scopes = await self._facts.resolve(
            call.caller, unknown_id, accept=accept, once=call.once
        )
        return pb.ResolveUnknownResponse(
            unknown=convert.unknown(resolved.unknown, scopes),
            diff=convert.diff(resolved.diff, scopes),
        )
