"""`spectron keys`: make, list and revoke API keys, over the API or on the database itself."""

from datetime import timedelta
from typing import Annotated, Final

import typer

from spectron import ErrorReason, Key, KeyRole, NewKey
from spectron.errors import NotFound, PermissionDenied
from spectron.sync import Spectron
from spectron_server.cli import views
from spectron_server.cli.connection import Connection
from spectron_server.cli.options import EndpointOption, JsonOption, PlaintextOption, duration
from spectron_server.cli.output import count, minute, note, one_line, show, show_json
from spectron_server.domain.access import ALL_CONTEXTS
from spectron_server.system import SystemClock

keys = typer.Typer(no_args_is_help=True, help="API keys: make, list and revoke them.")

_ROLES: Final = [each.value for each in KeyRole if each is not KeyRole.UNSPECIFIED]

KeyContextOption = Annotated[
    str | None,
    typer.Option(
        "--context",
        "-c",
        metavar="NAME",
        envvar="SPECTRON_CONTEXT",
        help="The context that the key is bound to.",
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help="Keys that are bound to all contexts.")]
LocalOption = Annotated[
    bool,
    typer.Option(
        "--local",
        help="Work on the database itself, without a server or a key: the one in "
        "SPECTRON_DATABASE_URL, or else the embedded one in SPECTRON_DATA_DIR while no server "
        "runs on it.",
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.add_typer(keys, name="keys")


def role(text: str) -> KeyRole:
    """Reads a role.

    Raises:
        typer.BadParameter: There is none of that name.
    """
    if text.lower() not in _ROLES:
        raise typer.BadParameter(f"not one of {', '.join(_ROLES)}")
    return KeyRole(text.lower())


@keys.command()
def create(
    command: typer.Context,
    *,
    context: KeyContextOption = None,
    everywhere: AllOption = False,
    of_role: Annotated[
        KeyRole,
        typer.Option(
            "--role",
            parser=role,
            metavar="|".join(_ROLES),
            help="What it may do: read; read and record; or everything, keys too.",
        ),
    ] = KeyRole.WRITE,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    expires_in: Annotated[
        timedelta | None,
        typer.Option(
            parser=duration, metavar="TIME", help="It stops working after this long, such as 30d."
        ),
    ] = None,
    local: LocalOption = False,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a key, and its context if there is none of that name. The key is shown this once."""
    bound = _bound(command, context, everywhere=everywhere)
    if bound is None:
        raise typer.BadParameter("say what the key is for: --context NAME, or --all contexts")
    expires_at = SystemClock().now() + expires_in if expires_in else None
    if local:
        from spectron_server.cli import local_keys  # noqa: PLC0415 - loads the whole server

        made, new_context = local_keys.create(
            context_id=bound, role=of_role, label=label, expires_at=expires_at
        )
    else:
        with Connection(endpoint=endpoint, plaintext=plaintext).client() as client:

            def create_key() -> NewKey:
                return client.admin.keys.create(
                    context_id=bound, role=of_role, label=label, expires_at=expires_at
                )

            new_context = False
            try:
                made = create_key()
            except NotFound as error:
                if error.reason != ErrorReason.CONTEXT_NOT_FOUND or not _make(client, bound):
                    raise
                new_context = True
                made = create_key()
    if as_json:
        show_json({"key": made.key, "secret": made.secret, "context_created": new_context})
        return
    if new_context:
        show(f"Made the context {bound}.")
    _tell(made)


def _tell(made: NewKey) -> None:
    key = made.key
    show(f"Made a key for {_reach(key)}:")
    for name, told in (
        ("id", key.id),
        ("role", key.role.value),
        ("label", key.label),
        ("until", minute(key.expires_at) if key.expires_at else ""),
        ("secret", made.secret),
    ):
        if told:
            show(f"  {name:<8}{one_line(told)}")
    show("The secret is shown this once: keep it in SPECTRON_API_KEY.")


@keys.command("list")
def list_keys(
    command: typer.Context,
    *,
    context: KeyContextOption = None,
    everywhere: AllOption = False,
    local: LocalOption = False,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """List keys, without their secrets: those of a context, or all that your key may see."""
    bound = _bound(command, context, everywhere=everywhere)
    if local:
        from spectron_server.cli import local_keys  # noqa: PLC0415 - loads the whole server

        found, everywhere_bound = local_keys.list_keys(bound)
    else:
        with Connection(endpoint=endpoint, plaintext=plaintext).client() as client:
            found, everywhere_bound = _listed(client, bound), _wider(client, bound)
    if as_json:
        show_json({"keys": found})
    else:
        wider = sum(map(_works, everywhere_bound))
        show(views.keys_view(found, bound))
        if wider:
            reach, them = ("reaches", "it") if wider == 1 else ("reach", "them")
            note(
                f"{count(wider, 'other key')}, bound to all contexts, {reach} {bound} too: "
                f"`spectron keys list {'--local ' if local else ''}--all` shows {them}."
            )


@keys.command()
def revoke(
    *,
    key_id: Annotated[str, typer.Argument(help="The key's id, `key:...`; not the secret.")],
    local: LocalOption = False,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Revoke a key: it stops working at once."""
    if key_id.startswith("sk-"):
        raise typer.BadParameter(
            "that is a secret, which does not belong on a command line: give the key's id, which "
            "`spectron keys list` shows, and take the secret out of the shell's history"
        )
    if local:
        from spectron_server.cli import local_keys  # noqa: PLC0415 - loads the whole server

        revoked = local_keys.revoke(key_id)
    else:
        with Connection(endpoint=endpoint, plaintext=plaintext).client() as client:
            revoked = client.admin.keys.revoke(key_id)
    if as_json:
        show_json({"key": revoked})
    else:
        show(f"Revoked {revoked.id}: {revoked.role.value}, {_reach(revoked)}.")


def _bound(command: typer.Context, context: str | None, *, everywhere: bool) -> str | None:
    # A context in the environment is a default, which --all overrides.
    source = command.get_parameter_source("context")
    if everywhere and source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter("--all is for all contexts: leave it out, or --context")
    return ALL_CONTEXTS if everywhere else context or None


def _reach(key: Key) -> str:
    return "all contexts" if key.context_id == ALL_CONTEXTS else f"context {key.context_id}"


def _make(client: Spectron, context_id: str) -> bool:
    """Makes a context; False if the key may not."""
    try:
        client.admin.contexts.create(context_id)
    except PermissionDenied:
        return False
    return True


def _wider(client: Spectron, bound: str | None) -> list[Key]:
    """Returns the keys for all contexts that a list of one context's keys leaves out."""
    if bound in {None, ALL_CONTEXTS}:
        return []
    try:
        return client.admin.keys.list(context_id=ALL_CONTEXTS)
    except (PermissionDenied, NotFound):
        # They are none of the business of one context's administrator.
        return []


def _works(key: Key) -> bool:
    expired = key.expires_at is not None and key.expires_at <= SystemClock().now()
    return key.revoked_at is None and not expired


def _listed(client: Spectron, bound: str | None) -> list[Key]:
    if bound is not None:
        return client.admin.keys.list(context_id=bound)
    try:
        contexts = client.admin.contexts.list()
    except PermissionDenied as error:
        if error.metadata.get("role") != KeyRole.ADMIN.value:
            raise
        # An administrator of one context: it sees the keys of that one.
        return client.admin.keys.list()
    found = client.admin.keys.list(context_id=ALL_CONTEXTS)
    for each in contexts:
        found += client.admin.keys.list(context_id=each.id)
    return found
