"""Documents as seeds: exact places, random access, faults, and the shipped sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from datawell.core.errors import SeedFault, UsageError
from datawell.seeds.documents import DocumentSeeds
from datawell.seeds.documents.passages import Cut, passages, title
from datawell.seeds.documents.source import SAMPLE

LINE = "The old mill stands at the river and grinds the corn of 12 farms in the valley."
SHORT = {"min_words": 5, "max_words": 20}


def source(path: Path | None = None, **params: Any) -> DocumentSeeds:
    given_path = None if path is None else str(path)
    return DocumentSeeds(DocumentSeeds.Params.model_validate({"path": given_path, **params}), 0)


def texts(seeds: DocumentSeeds) -> list[str]:
    return [str(seeds.seed(i).data["text"]) for i in range(seeds.size or 0)]


def test_the_sample_is_there_and_every_passage_is_exact() -> None:
    seeds = source()
    assert seeds.size is not None
    assert seeds.size >= 30
    for index in reversed(range(seeds.size)):
        seed = seeds.seed(index)
        whole = (SAMPLE / seed.data["document"]).read_bytes().decode()
        assert whole[seed.data["start"] : seed.data["end"]] == seed.data["text"]
        assert seed.data["title"]
        assert 25 <= len(seed.data["text"].split()) <= 175


def test_a_seed_stands_alone() -> None:
    seeds = source()
    assert [source().seed(i) for i in (7, 3)] == [seeds.seed(7), seeds.seed(3)]


def test_passages_of_a_document_stay_together_unless_asked() -> None:
    together, apart = source(), source(split_by="passage")
    documents = {together.seed(i).data["document"] for i in range(together.size or 0)}
    assert len({together.seed(i).id for i in range(together.size or 0)}) == len(documents)
    assert len({apart.seed(i).id for i in range(apart.size or 0)}) == apart.size


def test_every_kind_of_file(tmp_path: Path) -> None:
    rows = [{"text": f"{LINE} One. {LINE}", "title": "Mill"}, {"text": f"{LINE} Two."}]
    (tmp_path / "a.txt").write_text(f"The mill\n\n{LINE} Three.\r\n", encoding="utf-8")
    (tmp_path / "b.md").write_text(f"# The mill\n{LINE} Four.\n", encoding="utf-8")
    (tmp_path / "c.jsonl").write_text("\n\n".join(map(json.dumps, rows)), encoding="utf-8")
    pl.DataFrame({"text": [f"{LINE} Five."], "title": ["Mill"]}).write_parquet(
        tmp_path / "d.parquet"
    )
    (tmp_path / ".hidden.txt").write_text(LINE, encoding="utf-8")
    (tmp_path / "e.csv").write_text("text\nno", encoding="utf-8")
    seeds = source(tmp_path, min_words=5, max_words=40)
    found = [seeds.seed(i) for i in range(seeds.size or 0)]
    assert [seed.data["document"].split("@")[0] for seed in found] == [
        "a.txt",
        "b.md",
        "c.jsonl",
        "c.jsonl",
        "d.parquet",
    ]
    assert [seed.data["title"] for seed in found] == ["The mill", "The mill", "Mill", "", "Mill"]
    assert [seed.data["text"].split()[-1] for seed in found] == [
        "Three.",
        "Four.",
        "valley.",
        "Two.",
        "Five.",
    ]


def test_what_cannot_be_read_is_a_seed_with_its_fault(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"Not \xff UTF-8.")
    (tmp_path / "b.txt").write_text("Too short.", encoding="utf-8")
    lines = [
        "{broken",
        "[1]",
        '{"body": "x"}',
        '{"text": "half \\ud83d"}',
        json.dumps({"text": LINE}),
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(lines), encoding="utf-8")
    seeds = source(tmp_path, **SHORT)
    reasons = []
    for index in range(seeds.size or 0):
        try:
            seeds.seed(index)
            reasons.append("")
        except SeedFault as fault:
            reasons.append(fault.reason)
    assert reasons == [
        "not_utf8",
        "too_short",
        "not_json",
        "field_missing",
        "field_missing",
        "not_unicode",
        "",
    ]


def test_many_rows_of_a_parquet_file(tmp_path: Path) -> None:
    many = [f"{LINE} Number {i}." for i in range(600)]
    pl.DataFrame({"body": many}).write_parquet(tmp_path / "d.parquet")
    seeds = source(tmp_path / "d.parquet", text_field="body", **SHORT)
    assert seeds.size == 600
    assert [str(seeds.seed(i).data["text"]) for i in (599, 0, 256)] == [
        many[599],
        many[0],
        many[256],
    ]


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        source(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="nothing to read"):
        source(tmp_path)
    pl.DataFrame({"body": [LINE]}).write_parquet(tmp_path / "d.parquet")
    with pytest.raises(UsageError, match="no column 'text'"):
        source(tmp_path)
    (tmp_path / "e.parquet").write_bytes(b"no parquet")
    with pytest.raises(UsageError, match="no Parquet file"):
        source(tmp_path / "e.parquet", text_field="body")


def test_room_between_least_and_most() -> None:
    with pytest.raises(ValidationError, match="at least twice"):
        source(min_words=30, max_words=40)


def test_the_digest_follows_contents_names_and_cuts(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(LINE, encoding="utf-8")
    digests = {source(path, **SHORT).digest(), source(path, min_words=4, max_words=20).digest()}
    path.write_text(f"{LINE} ", encoding="utf-8")
    digests.add(source(path, **SHORT).digest())
    path.rename(tmp_path / "b.txt")
    digests.add(source(tmp_path / "b.txt", **SHORT).digest())
    assert len(digests) == 4


def test_markdown_that_is_no_prose_is_in_no_passage() -> None:
    text = (
        f"# Mill\n\n{LINE}\n\n```\ncode here. It is not prose.\n\nMore code. Not prose.\n```\n\n"
        f"| a | b |\n|---|---|\n\n## Next\n{LINE} End.\n\n![image](a.png)\n"
    )
    found = [text[a:b] for a, b in passages(text, Cut(5, 40), markdown=True)]
    assert found == [LINE, f"{LINE} End."]
    assert title(text, markdown=True) == "Mill"


@given(st.text(alphabet='ab. \n\rA!?"#`|é', max_size=200), st.booleans())
def test_passages_are_stretches_in_order(text: str, markdown: bool) -> None:
    last = 0
    for start, end in passages(text, Cut(2, 6), markdown):
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert len(text[start:end].split()) >= 2
        last = end


def test_long_paragraphs_are_cut_between_sentences() -> None:
    text = " ".join(f"Here is sentence number {i} of the text." for i in range(20))
    found = [text[a:b] for a, b in passages(text, Cut(8, 24))]
    assert " ".join(found) == text
    assert all(piece.endswith("text.") for piece in found)
