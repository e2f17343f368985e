"""Rows with NVIDIA's data-designer, in its own environment.

python benchmarks/engine_data_designer.py PROMPTS BASE_URL IN_FLIGHT OUT FOLDER

One text column over a seed table of prompts; a restart continues where the program can
(``ResumeMode.IF_POSSIBLE``, which is not its default: by default it begins anew).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import data_designer.config as dd  # type: ignore[import-not-found,unused-ignore]
import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]
from data_designer.interface import (  # type: ignore[import-not-found,unused-ignore]
    DataDesigner,
)


def main(prompts: str, base_url: str, in_flight: str, out: str, folder: str) -> None:
    """Ask all, write all."""
    asked = [json.loads(line) for line in Path(prompts).read_text().splitlines()]
    systems = {message["content"] for each in asked for message in each[:-1]}
    (system,) = systems or {None}  # one for all: a template knows no other kind
    provider = dd.ModelProvider(
        name="loopback", endpoint=base_url, provider_type="openai", api_key="none"
    )
    model = dd.ModelConfig(
        alias="writer",
        model="tiny",
        provider="loopback",
        skip_health_check=True,
        inference_parameters=dd.ChatCompletionInferenceParams(
            max_tokens=400, max_parallel_requests=int(in_flight)
        ),
    )
    work = dd.DataDesignerConfigBuilder(model_configs=[model])
    table = pd.DataFrame({"prompt": [messages[-1]["content"] for messages in asked]})
    work.with_seed_dataset(dd.DataFrameSeedSource(df=table))
    work.add_column(
        dd.LLMTextColumnConfig(
            name="text", model_alias="writer", system_prompt=system, prompt="{{ prompt }}"
        )
    )
    designer = DataDesigner(artifact_path=folder, model_providers=[provider])
    designer.set_run_config(dd.RunConfig(otel_metrics_port=None))
    made = designer.create(
        work, num_records=len(asked), dataset_name="rows", resume=dd.ResumeMode.IF_POSSIBLE
    )
    made.load_dataset().to_json(out, orient="records", lines=True)


if __name__ == "__main__":
    main(*sys.argv[1:6])
