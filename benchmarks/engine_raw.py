"""The bare client: an aiohttp loop that posts, reads and writes a line a row, and knows no more.

python benchmarks/engine_raw.py PROMPTS BASE_URL IN_FLIGHT OUT FOLDER
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import aiohttp


async def main(prompts: str, base_url: str, in_flight: str, out: str) -> None:
    """One worker a place; what was answered before a crash is asked again."""
    lines = iter(Path(prompts).read_text().splitlines())
    connector = aiohttp.TCPConnector(limit=0)
    with open(out, "w", encoding="utf-8") as file:
        async with aiohttp.ClientSession(connector=connector) as session:

            async def worker() -> None:
                for line in lines:
                    messages = json.loads(line)
                    body = {"model": "tiny", "max_tokens": 400, "messages": messages}
                    async with session.post(f"{base_url}/chat/completions", json=body) as answer:
                        text = (await answer.json())["choices"][0]["message"]["content"]
                    file.write(json.dumps({"messages": messages, "text": text}) + "\n")

            await asyncio.gather(*(worker() for _ in range(int(in_flight))))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
