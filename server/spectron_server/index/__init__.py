"""Finding what bears on a question: the embedder, and the index of one scope.

Knows no database and no gRPC: items come in as values, hits go out as values.
"""

import os

# onnxruntime, imported by the modules below this one, reports to its maker unless told not to, and
# looks for the word only when it is imported. What users said stays on the machine, and so does
# that it was said.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
