"""Tests against a real engine. They are collected only where one is installed: `make test-vllm`."""

import os

from tests.vllm.engine import COMMAND

collect_ignore_glob = [] if os.environ.get(COMMAND) else ["test_*.py"]
