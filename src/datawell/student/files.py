"""Writing a report so that readers see the old file or the new one, whole."""

from __future__ import annotations

import json
from pathlib import Path

from datawell.core.errors import storage_boundary
from datawell.core.records import Json


def write_text(path: Path, text: str) -> None:
    """Write a file in one piece.

    Raises:
        StorageError: the disk is full; the old file is untouched.
    """
    tmp = path.with_name(path.name + ".tmp")
    with storage_boundary("student", path):
        tmp.write_text(text, encoding="utf-8")
        tmp.replace(path)


def write_json(path: Path, value: Json) -> None:
    """Write a value as indented JSON, in one piece.

    Raises:
        StorageError: the disk is full; the old file is untouched.
    """
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")
