"""Finding what bears on a question: the embedder, and the index of one scope.

Knows no database and no gRPC: items come in as values, hits go out as values.
"""
