"""The settings: environment variables `SPECTRON_*`, read here and nowhere else in the server."""

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import platformdirs
import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX: Final = "SPECTRON_"
_LAST_PORT: Final = 65_535


def _data_directory() -> Path:
    # A service's place for root, whose home the embedded PostgreSQL, another user, cannot enter.
    if os.geteuid() == 0:
        return Path("/var/lib/spectron")
    return platformdirs.user_data_path("spectron")


def _is_port(text: str) -> bool:
    return text.isdecimal() and int(text) <= _LAST_PORT


class Settings(BaseSettings):
    """What can be set. Every field is the variable `SPECTRON_` and its name in upper case."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    listen: str = Field(
        default="127.0.0.1:50051", description="Where to listen, as HOST:PORT; port 0 takes any."
    )
    data_dir: Path = Field(
        default_factory=_data_directory,
        description="Where the embedded database and the embedder's cache are kept.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="A PostgreSQL to use, 15 or later; without it, the embedded one.",
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1, description="How many processes serve the port together."
    )
    replica: int | None = Field(
        default=None,
        description="The number of a process among those of `workers`; they are told by the "
        "first process, nobody else sets it.",
    )
    database_connections: Annotated[int, Field(ge=4, le=500)] = Field(
        default=16, description="At most this many connections to the database."
    )
    first_key: SecretStr | None = Field(
        default=None,
        description="The secret of the first key, for deployments that bring their own; used "
        "only while there is no key.",
    )
    tls_certificate: Path | None = Field(
        default=None, description="The certificate chain, a PEM file; with tls_key."
    )
    tls_key: Path | None = Field(default=None, description="The private key, a PEM file.")
    allow_plaintext: bool = Field(
        default=False,
        description="Serve without TLS on addresses beyond this machine, behind a proxy that "
        "ends TLS. Keys and memories travel in clear otherwise.",
    )
    worker: bool = Field(
        default=True, description="Whether `serve` also extracts; off when workers run apart."
    )
    worker_concurrency: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="How many scopes to extract at once."
    )
    extractor: Literal["builtin", "vllm", "cascade"] = Field(
        default="builtin",
        description="What finds facts in turns: the built-in rules, a model, or the rules first "
        "and the model where they are unsure.",
    )
    vllm_url: str | None = Field(
        default=None,
        description="The OpenAI-compatible endpoint of the model that extracts, such as "
        "http://127.0.0.1:8000/v1.",
    )
    vllm_model: str | None = Field(default=None, description="The name of that model.")
    vllm_api_key: SecretStr | None = Field(
        default=None, description="What that endpoint wants as a bearer token."
    )
    vllm_timeout_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=120.0, description="How long one request to it may take."
    )
    vllm_concurrency: Annotated[int, Field(ge=1, le=4096)] = Field(
        default=64, description="How many requests to it may be under way."
    )
    chat_url: str | None = Field(
        default=None,
        description="The OpenAI-compatible endpoint, such as http://127.0.0.1:8000/v1, whose model "
        "answers sessions that bring no agent; with chat_model.",
    )
    chat_model: str | None = Field(default=None, description="The name of the model that answers.")
    chat_api_key: SecretStr | None = Field(
        default=None, description="What the endpoint wants as a bearer token."
    )
    chat_system_prompt: str | None = Field(
        default=None,
        description="What the model is told before what is known of the user; without it, how to "
        "use that.",
    )
    chat_concurrency: Annotated[int, Field(ge=1, le=4096)] = Field(
        default=64, description="How many replies the model may be writing at once."
    )
    chat_timeout_s: Annotated[float, Field(gt=0, le=600)] = Field(
        default=60.0, description="How long the model may be silent before its reply is given up."
    )
    embedding_threads: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="How many threads compute vectors."
    )
    index_memory_mb: Annotated[int, Field(ge=16)] = Field(
        default=512,
        description="How much memory the search indexes and the beliefs beside them may take.",
    )
    drain_s: Annotated[float, Field(ge=0, le=600)] = Field(
        default=20.0, description="How long calls may take to finish after SIGTERM."
    )
    metrics_listen: str | None = Field(
        default=None,
        description="Where to show metrics to Prometheus, as HOST:PORT, or a port of this "
        "machine only; without it, nowhere.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="The collector that traces are sent to, by OTLP over HTTP, such as "
        "http://127.0.0.1:4318; without it, there are none.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = Field(
        default="console", description="Lines for people or for machines."
    )

    @model_validator(mode="after")
    def _tls_is_whole(self) -> "Settings":
        if (self.tls_certificate is None) != (self.tls_key is None):
            message = (
                "SPECTRON_TLS_CERTIFICATE and SPECTRON_TLS_KEY go together: set both or neither"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _chat_is_whole(self) -> "Settings":
        if (self.chat_url is None) != (self.chat_model is None):
            message = "SPECTRON_CHAT_URL and SPECTRON_CHAT_MODEL go together: set both or neither"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _extractor_is_whole(self) -> "Settings":
        if self.extractor != "builtin" and (self.vllm_url is None or self.vllm_model is None):
            message = (
                f"SPECTRON_EXTRACTOR={self.extractor} needs SPECTRON_VLLM_URL and "
                "SPECTRON_VLLM_MODEL: set both"
            )
            raise ValueError(message)
        return self

    @field_validator("metrics_listen")
    @classmethod
    def _metrics_have_a_port(cls, listen: str | None) -> str | None:
        if listen is None:
            return None
        host, _, port = listen.rpartition(":")
        if not _is_port(port):
            message = "must be HOST:PORT, such as 127.0.0.1:9464, or a port"
            raise ValueError(message)
        return f"{host or '127.0.0.1'}:{port}"

    @field_validator("chat_url", "vllm_url", "otlp_endpoint")
    @classmethod
    def _endpoints_are_addresses(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "http://unset")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            message = "must be an address such as http://127.0.0.1:8000"
            raise ValueError(message)
        return url

    @field_validator("listen")
    @classmethod
    def _listen_is_an_address(cls, listen: str) -> str:
        host, _, port = listen.rpartition(":")
        if not host or not _is_port(port):
            message = "must be HOST:PORT, such as 127.0.0.1:50051"
            raise ValueError(message)
        return listen

    @field_validator("database_url")
    @classmethod
    def _database_has_an_address(cls, url: SecretStr | None) -> SecretStr | None:
        # What psycopg says of a malformed one may hold the password.
        message = (
            "must be an address such as postgresql://user:password@host:5432/database, with the "
            "marks in a password percent-encoded"
        )
        try:
            parts = conninfo_to_dict(url.get_secret_value()) if url else {}
        except psycopg.Error:
            raise ValueError(message) from None
        ports = str(parts.get("port") or "").split(",")
        if not all(_is_port(port) for port in ports if port):
            raise ValueError(message)
        return url

    @field_validator("first_key")
    @classmethod
    def _first_key_can_be_sent(cls, key: SecretStr | None) -> SecretStr | None:
        secret = key.get_secret_value() if key else ""
        if not secret.isascii() or not secret.isprintable() or secret != secret.strip():
            message = (
                "must be letters, digits and marks of ASCII, without white space around them: no "
                "call could carry it"
            )
            raise ValueError(message)
        return key

    def environment(self, **changes: object) -> dict[str, str]:
        """Returns the environment in which another process reads these settings, with changes."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(_PREFIX)}
        for name in type(self).model_fields:
            value = changes.get(name, getattr(self, name))
            if isinstance(value, SecretStr):
                value = value.get_secret_value()
            if value is not None:
                kept[f"{_PREFIX}{name.upper()}"] = str(value)
        return kept

    @property
    def embedded(self) -> bool:
        """Whether the server runs its own database."""
        return self.database_url is None

    @property
    def loopback(self) -> bool:
        """Whether the server listens to this machine only."""
        host = self.listen.rpartition(":")[0].strip("[]")
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False
