from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import UsageError
from datawell.export.sample import TextSample, read_texts, sample_file


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(1, 60))
def test_a_sample_is_bounded_and_ignores_order(sizes: list[int], limit: int) -> None:
    texts = {f"id-{i}": " ".join([f"w{i}"] * size) for i, size in enumerate(sizes)}
    one, two = TextSample(limit), TextSample(limit)
    for key in texts:
        one.add(key, texts[key])
    for key in sorted(texts, reverse=True):
        two.add(key, texts[key])
    assert one.corpus().texts == two.corpus().texts
    words = 2 * sum(sizes)  # "w7" is a letter run and a digit run
    held = one.corpus().words
    assert min(words, limit) <= held < limit + 2 * 9
    assert one.seen == len(sizes)


def test_texts_are_read_from_three_kinds_of_files(tmp_path: Path) -> None:
    texts = ["One dog.\nIt ran.", "Two cats."]
    jsonl, plain, marked, parquet = (
        tmp_path / name for name in ("a.jsonl", "a.txt", "b.txt", "a.parquet")
    )
    jsonl.write_text("\n".join(json.dumps({"text": t}) for t in texts) + "\n\n")
    plain.write_text("\n\n".join(texts) + "\n")
    marked.write_text("One dog.\n\nStill one.\n<|endoftext|>\nTwo cats.\n")
    pl.DataFrame({"text": [*texts, None]}).write_parquet(parquet)
    assert list(read_texts(jsonl)) == texts
    assert list(read_texts(plain)) == texts
    assert list(read_texts(marked)) == ["One dog.\n\nStill one.", "Two cats."]
    assert list(read_texts(parquet)) == texts


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", b"text\nx", "unknown kind"),
        ("a.jsonl", b'{"text": 1}', ":1: no field"),
        ("a.jsonl", b'{"text": "x"}\n[1]', ":2: no field"),
        ("a.jsonl", b'{"text": "x"}\n{', ":2: not JSON"),
        ("a.parquet", b"nonsense", "not a Parquet file"),
        ("a.txt", b"\n\n", "holds no text"),
        ("a.txt", b"\xff\xfe", "not UTF-8"),
    ],
)
def test_bad_anchors_say_what_is_wrong(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError, match=problem):
        sample_file(path, 100)


def test_a_missing_anchor_and_a_missing_column_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        sample_file(tmp_path / "none.jsonl", 100)
    pl.DataFrame({"story": ["x"]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(UsageError, match="no text column"):
        sample_file(tmp_path / "a.parquet", 100)
