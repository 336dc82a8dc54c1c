"""What Prometheus would see."""

import asyncio
import socket
import urllib.request
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True, kw_only=True)
class Scraped:
    """The metrics of one look."""

    text: str
    families: dict[str, Metric]

    def value(self, sample: str, **labels: str) -> float:
        """Returns the sum of the samples of a name that have some labels; 0 if there is none."""
        return sum(
            each.value
            for family in self.families.values()
            for each in family.samples
            if each.name == sample and labels.items() <= each.labels.items()
        )

    def labels(self, name: str) -> set[str]:
        """Returns every value that a label has."""
        return {
            each.labels[name]
            for family in self.families.values()
            for each in family.samples
            if name in each.labels
        }

    def label_names(self) -> set[str]:
        """Returns every label."""
        return {
            name
            for family in self.families.values()
            for each in family.samples
            for name in each.labels
        }


def free_port() -> int:
    """Returns a port on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def scrape(port: int) -> Scraped:
    """Asks for the metrics, as Prometheus does."""

    def ask() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            content: bytes = answer.read()
        return content.decode()

    text = await asyncio.to_thread(ask)
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return Scraped(text=text, families=families)
