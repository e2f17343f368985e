"""Reading datasets and text files, and saying what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from datawell.core.errors import UsageError
from datawell.student.texts import Example, is_held_out, open_source, read_file


def test_a_dataset_folder_is_read_by_split(dataset: Path) -> None:
    source = open_source(dataset)
    train, held = list(source.examples("train")), list(source.examples("validation"))
    assert (len(train), len(held)) == (180, 60)
    assert list(source.examples("test")) == held, "validation stands in for a missing test split"
    assert train[0].prompt.startswith("Words: ")
    assert train[0].whole == f"{train[0].prompt}\n\n{train[0].text}"
    assert train[1].whole == train[1].text
    assert train[1].plan is not None
    assert train[1].plan["characters"][0]["name"] in train[1].text


def test_a_run_folder_stands_for_its_dataset(dataset: Path) -> None:
    assert len(list(open_source(dataset.parent).examples("train"))) == 180


def test_a_source_without_splits_is_cut_by_its_texts(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    rows = [{"text": f"story number {i % 500}"} for i in range(1000)]
    file.write_text("".join(json.dumps(r) + "\n" for r in rows) + "\n")
    source = open_source(file)
    train = [e.text for e in source.examples("train")]
    held = [e.text for e in source.examples("test")]
    assert len(train) + len(held) == 1000
    assert 60 < len(held) < 140
    assert not set(train) & set(held), "copies of one document fall on one side"
    assert all(map(is_held_out, held))


def test_text_files_are_cut_at_markers_or_paragraphs(tmp_path: Path) -> None:
    marked = tmp_path / "marked.txt"
    marked.write_text("One.\nStill one.\n<|endoftext|>\nTwo.\n<|endoftext|>\n\nThree.")
    assert [e.text for e in read_file(marked)] == ["One.\nStill one.", "Two.", "Three."]
    plain = tmp_path / "plain.txt"
    plain.write_text("\n\n".join("word " * 80 for _ in range(9)))
    blocks = [e.text for e in read_file(plain)]
    assert 1 < len(blocks) < 9
    assert "\n\n".join(blocks).split() == ["word"] * 720


def test_files_of_a_folder_without_splits_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n')
    (tmp_path / "b.txt").write_text("b")
    source = open_source(tmp_path)
    found = [e.text for s in ("train", "test") for e in source.examples(s)]
    assert sorted(found) == ["a", "b"]


def test_equal_data_has_an_equal_key(tmp_path: Path) -> None:
    for name in ("x", "y", "z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jsonl").write_text(json.dumps({"text": "c" if name == "z" else "b"}))
    keys = [open_source(tmp_path / name).key() for name in ("x", "y", "z")]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"text": "a"}\n{"text": \n', ":2: not JSON"),
        ('{"words": "a"}\n', ":1: no string 'text'"),
        ('{"text": 3}\n', ":1: no string 'text'"),
        ("[1]\n", ":1: no string 'text'"),
        ('{"text": "a", "plan": "{"}\n', ":1: the plan is not JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(content)
    with pytest.raises(UsageError, match=said):
        list(read_file(file))


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        open_source(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds no data"):
        open_source(tmp_path)
    (tmp_path / "a.csv").write_text("text\n")
    with pytest.raises(UsageError, match=r"cannot read \.csv"):
        open_source(tmp_path / "a.csv")
    (tmp_path / "broken.parquet").write_bytes(b"no")
    with pytest.raises(UsageError, match="not a Parquet file"):
        list(read_file(tmp_path / "broken.parquet"))
    pl.DataFrame({"words": ["a"]}).write_parquet(tmp_path / "other.parquet")
    with pytest.raises(UsageError, match="no column 'text'") as caught:
        list(read_file(tmp_path / "other.parquet"))
    assert "words" in caught.value.hint


def test_empty_documents_are_left_out(tmp_path: Path) -> None:
    pl.DataFrame({"text": ["a", None, "  "]}).write_parquet(tmp_path / "a.parquet")
    assert list(read_file(tmp_path / "a.parquet")) == [Example("a")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("latin.txt", "caf\xe9".encode("latin-1"), "not UTF-8"),
        ("half.jsonl", b'{"text": "a \\ud800 b"}\n', "not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=says):
        list(read_file(tmp_path / name))


def test_a_column_of_numbers_is_no_text(tmp_path: Path) -> None:
    pl.DataFrame({"text": [1, 2]}).write_parquet(tmp_path / "n.parquet")
    with pytest.raises(UsageError, match="must be strings"):
        list(read_file(tmp_path / "n.parquet"))
