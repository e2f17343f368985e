"""Rows with distilabel, in its own environment.

python benchmarks/engine_distilabel.py PROMPTS BASE_URL IN_FLIGHT OUT FOLDER

A text generation step whose batch is as large as what may be in flight; its cache, on by default,
lies in FOLDER.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from distilabel.models import OpenAILLM  # type: ignore[import-not-found,unused-ignore]
from distilabel.pipeline import Pipeline  # type: ignore[import-not-found,unused-ignore]
from distilabel.steps import LoadDataFromDicts  # type: ignore[import-not-found,unused-ignore]
from distilabel.steps.tasks import (  # type: ignore[import-not-found,unused-ignore]
    ChatGeneration,
)


def main(prompts: str, base_url: str, in_flight: str, out: str, folder: str) -> None:
    """Ask all, write all."""
    asked = [{"messages": json.loads(line)} for line in Path(prompts).read_text().splitlines()]
    batch = int(in_flight)
    model = OpenAILLM(
        model="tiny",
        base_url=base_url,
        api_key="none",
        generation_kwargs={"max_new_tokens": 400},
    )
    with Pipeline(name="rows", cache_dir=folder) as pipeline:
        load = LoadDataFromDicts(name="load", batch_size=batch, data=asked)
        write = ChatGeneration(name="write", input_batch_size=batch, llm=model)
        load >> write
    made = pipeline.run()["default"]["train"]
    with open(out, "w", encoding="utf-8") as file:
        for row in made:
            if row["generation"] is not None:  # how it marks an answer that never came
                file.write(json.dumps([row["messages"], row["generation"]]) + "\n")


if __name__ == "__main__":  # its steps are processes that import this file
    main(*sys.argv[1:6])
