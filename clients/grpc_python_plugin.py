"""A plugin for buf and protoc that writes Python's gRPC stubs, as grpcio-tools does.

grpcio-tools holds its generator inside a protoc of its own, which buf cannot call as a plugin. This
one hands it what buf asks for. Files without a service get no stubs.
"""

# A program, not a module of a package.
# ruff: noqa: INP001

import sys
import tempfile
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc  # type: ignore[import-untyped]


def generate(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    """Returns the stubs for the services of the files that are asked for."""
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    wanted = set(request.file_to_generate)
    names = [each.name for each in request.proto_file if each.service and each.name in wanted]
    if not names:
        return response
    with tempfile.TemporaryDirectory() as path:
        descriptors = Path(path) / "descriptors.binpb"
        descriptors.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
        out = Path(path) / "out"
        out.mkdir()
        arguments = [f"--descriptor_set_in={descriptors}", f"--grpc_python_out={out}", *names]
        if status := protoc.main(["protoc", *arguments]):
            response.error = f"grpcio-tools ended with status {status}"
        for file in sorted(out.rglob("*.py")):
            response.file.add(name=file.relative_to(out).as_posix(), content=file.read_text())
    return response


if __name__ == "__main__":
    answer = generate(CodeGeneratorRequest.FromString(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(answer.SerializeToString())
