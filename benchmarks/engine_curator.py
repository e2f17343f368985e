"""Rows with curator (bespokelabs-curator), in its own environment.

python benchmarks/engine_curator.py PROMPTS BASE_URL IN_FLIGHT OUT FOLDER

The ``openai`` backend, curator's fastest; request and token limits out of the way. Its cache, which
a second run of the same work reads, lies in FOLDER.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bespokelabs import curator  # type: ignore[import-not-found,unused-ignore]


class Writer(curator.LLM):  # type: ignore[misc,unused-ignore]
    """A prompt a row, an answer a row."""

    def prompt(self, row: dict[str, Any]) -> Any:
        """The messages as they are."""
        return json.loads(row["line"])

    def parse(self, row: dict[str, Any], response: str) -> dict[str, Any]:
        """The answer beside its messages."""
        return {"messages": row["line"], "text": response}


def main(prompts: str, base_url: str, in_flight: str, out: str, folder: str) -> None:
    """Ask all, write all."""
    limits = {
        "base_url": base_url,
        "api_key": "none",
        "max_requests_per_minute": 10_000_000,
        "max_tokens_per_minute": 10_000_000_000,
        "max_concurrent_requests": int(in_flight),
    }
    writer = Writer(
        model_name="tiny",
        backend="openai",
        backend_params=limits,
        generation_params={"max_tokens": 400},
    )
    rows = [{"line": line} for line in Path(prompts).read_text().splitlines()]
    made = writer(rows, working_dir=folder)
    getattr(made, "dataset", made).to_json(out)


if __name__ == "__main__":
    main(*sys.argv[1:6])
