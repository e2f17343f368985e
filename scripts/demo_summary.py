"""The end of the demo: what was made, what it is worth, and where to look."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import datawell as dw


def student_lines(folder: Path) -> list[str]:
    """The student's figures, and two of its stories."""
    found: dict[str, Any] = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    held = found["bits_per_byte"]["held_out"]
    pairs = ", ".join(
        f"{kind} {figure['score']:.2f} (n={figure['n']})"
        for kind, figure in found["minimal_pairs"].items()
        if figure["score"] is not None
    )
    lines = [
        f"student: {found['parameters']:,} parameters, {held['value']:.3f} bits a byte on"
        " held-out stories",
        f"minimal pairs (strict): {pairs}",
    ]
    for sample in found["samples"][:2]:
        lines += ["", "the student writes:", f"  {sample['text']}".replace("\n", "\n  ")]
    return lines


def main(stories: str, tutoring: str) -> None:
    """Print the closing page of the demo."""
    runs = [dw.open_run(path) for path in (stories, tutoring)]
    lines = [str(run) for run in runs]
    lines += student_lines(runs[0].folder.student)
    lines += ["", f"open this in a browser: {runs[0].folder.report}"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
