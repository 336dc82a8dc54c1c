"""The metrics' own port: HTTP for Prometheus, apart from the port that callers use."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server


class MetricsPortError(Exception):
    """The metrics' address cannot be listened on."""


@contextmanager
def metrics_endpoint(listen: str, registry: CollectorRegistry) -> Iterator[int]:
    """Shows metrics on a port until the block is left; gives the port.

    Args:
        listen: HOST:PORT; port 0 takes any.
        registry: What to show.

    Raises:
        MetricsPortError: Another program listens there, or the address is not this machine's.
    """
    host, _, port = listen.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except OSError as error:
        raise MetricsPortError(
            f"Cannot show metrics on {listen}: {error.strerror or error}. The port is in use, or "
            "the address is not one of this machine. Choose another in SPECTRON_METRICS_LISTEN, "
            "or unset it."
        ) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
