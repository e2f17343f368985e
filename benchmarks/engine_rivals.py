"""Programs that make rows with a language model: how each is installed and started.

A rival lives in a virtual environment of its own, made once in a folder the user may name; it is
given the same prompts, the same endpoint, the same number in flight, and asked for JSONL. Telemetry
and look-ups on the network are switched off, so that only the work is measured.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
QUIET = {
    "TELEMETRY_ENABLED": "0",
    "NEMO_TELEMETRY_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "CURATOR_DISABLE_RICH_DISPLAY": "1",
    "OPENAI_API_KEY": "none",
}


class NotInstalled(Exception):
    """A rival cannot be had here; says why."""


@dataclass(frozen=True)
class Rival:
    """``requirements`` are what pip installs, ``module`` what must then be found; ``script`` does
    the work. In ``places`` a variable is told a folder of the environment's site-packages."""

    script: str
    requirements: tuple[str, ...]
    distribution: str
    places: Mapping[str, str] = field(default_factory=dict)


RIVALS = {
    "curator": Rival(
        "engine_curator.py",
        ("bespokelabs-curator==0.1.31",),
        "bespokelabs-curator",
        # It counts tokens with a table it would download; litellm, which it brings, has the table.
        {"TIKTOKEN_CACHE_DIR": "litellm/litellm_core_utils/tokenizers"},
    ),
    "data-designer": Rival("engine_data_designer.py", ("data-designer==0.9.6",), "data-designer"),
    "distilabel": Rival(
        "engine_distilabel.py",
        ("distilabel[openai]==1.5.3", "requests"),  # imported and not declared
        "distilabel",
    ),
}


def _run(*command: str) -> str:
    """What a command printed.

    Raises:
        NotInstalled: it failed; its last words.
    """
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no words"]
        raise NotInstalled(f"{' '.join(command[-3:])}: {lines[-1][:300]}")
    return done.stdout


def install(name: str, cache: Path) -> tuple[Path, str, dict[str, str]]:
    """(interpreter, version, environment variables) of a rival, installed when it is not there.

    Raises:
        NotInstalled: it cannot be.
    """
    rival, home = RIVALS[name], cache / name
    python = home / "bin" / "python"
    ask = (
        "import importlib.metadata as m, sysconfig as s;"
        f"print(m.version({rival.distribution!r}), s.get_path('purelib'))"
    )
    try:
        found = _run(str(python), "-c", ask)
    except (NotInstalled, FileNotFoundError):
        _run(sys.executable, "-m", "venv", "--clear", str(home))
        _run(str(python), "-m", "pip", "install", "--quiet", *rival.requirements)
        found = _run(str(python), "-c", ask)
    version, packages = found.split(maxsplit=1)
    places = {key: str(Path(packages.strip(), path)) for key, path in rival.places.items()}
    return python, version, QUIET | places
