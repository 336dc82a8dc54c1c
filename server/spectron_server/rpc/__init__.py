"""The gRPC surface: protobuf to domain and back, validation, authentication, statuses."""
