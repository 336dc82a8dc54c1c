"""An extractor that asks a language model behind an OpenAI-compatible endpoint such as vLLM."""

from spectron_extraction.vllm.extractor import VllmExtractor
from spectron_extraction.vllm.probe import EnforcementError

__all__ = ["EnforcementError", "VllmExtractor"]
