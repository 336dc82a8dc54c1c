"""A collector of traces: OTLP over HTTP, on a real port, kept in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A span that arrived; ids in hexadecimal digits."""

    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    failed: str
    resource: dict[str, Any]


@dataclass(kw_only=True)
class Collector:
    """What arrived."""

    endpoint: str = ""
    requests: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Seen]:
        """Every span, in order of arrival."""
        found = []
        for content in self.requests:
            for group in ExportTraceServiceRequest.FromString(content).resource_spans:
                resource = _told(group.resource.attributes)
                found += [
                    Seen(
                        name=span.name,
                        trace=span.trace_id.hex(),
                        id=span.span_id.hex(),
                        parent=span.parent_span_id.hex(),
                        attributes=_told(span.attributes),
                        failed=span.status.message,
                        resource=resource,
                    )
                    for scope in group.scope_spans
                    for span in scope.spans
                ]
        return found

    def named(self, name: str) -> list[Seen]:
        """Returns the spans of a name."""
        return [span for span in self.spans if span.name == name]

    def path(self, span: Seen) -> list[str]:
        """Returns the names of a span and of those that it is part of, from the outermost."""
        by_id = {each.id: each for each in self.spans}
        names = [span.name]
        while span.parent in by_id:
            span = by_id[span.parent]
            names.insert(0, span.name)
        return names


def _told(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Runs a collector until the block is left."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            assert self.headers["Content-Type"] == "application/x-protobuf"
            collector.requests.append(content)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
