"""Corpus checks: signatures on disk read as one array, decisions held to their promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from datawell.core.errors import StorageError, UsageError
from datawell.core.plugins import Component
from datawell.core.rundir import RunFolder
from datawell.generation import signatures as module
from datawell.generation.signatures import StoredSignatures, write_signatures
from tests.generation.kit import SAME, job, made

KIND = np.dtype([("hash", "<u8"), ("bands", "<u4", (6,)), ("grid", "<i2", (2, 3))])


def stored(folder: Path, pieces: list[NDArray[Any]]) -> tuple[StoredSignatures, NDArray[Any]]:
    files, start = [], 0
    for number, piece in enumerate(pieces):
        path = folder / f"{number:05d}.kit.npy"
        write_signatures(path, range(start, start + 2 * len(piece), 2), piece)
        start += 2 * len(piece) + 5
        files.append(path)
    return StoredSignatures(files, KIND, folder), np.concatenate([np.empty(0, KIND), *pieces])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_stored_signatures_read_as_one_array(tmp_path: Path, data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 40), max_size=4))
    fill = np.random.default_rng(data.draw(st.integers(0, 99)))
    pieces = [np.frombuffer(fill.bytes(n * KIND.itemsize), KIND) for n in sizes]
    seek, piece = data.draw(
        st.tuples(st.sampled_from([0, 9, 4096]), st.sampled_from([1, 70, 2**20]))
    )
    with mock.patch.multiple(module, SEEK=seek, PIECE=piece):
        start, stop = data.draw(st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted))
        last = max(sum(sizes) - 1, 0)
        some = npst.arrays(np.int64, st.integers(0, 60), elements=st.integers(0, last))
        positions = data.draw(some) if sum(sizes) else np.empty(0, np.int64)
        read_back(*stored(tmp_path, pieces), slice(start, stop), positions)


def read_back(
    signatures: StoredSignatures, whole: NDArray[Any], cut: slice, positions: NDArray[np.int64]
) -> None:
    with signatures:
        assert len(signatures) == len(whole)
        assert (np.diff(signatures.rows()) > 0).all()
        part = signatures.column("bands", cut.start, cut.stop)
        np.testing.assert_array_equal(part, whole["bands"][:, cut])
        for name in KIND.names or ():
            np.testing.assert_array_equal(signatures.column(name), whole[name])
            taken = signatures.take(name, positions)
            np.testing.assert_array_equal(taken, whole[name][positions])
            assert taken.dtype == whole[name].dtype


def test_a_damaged_signature_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "00000.kit.npy").write_bytes(b"no numpy here, but some bytes all the same")
    with pytest.raises(StorageError, match="damaged"):
        StoredSignatures([tmp_path / "00000.kit.npy"], KIND, tmp_path)
    write_signatures(tmp_path / "x.npy", range(9), np.zeros(9, KIND))
    whole = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(whole[:-40])
    with pytest.raises(StorageError, match="damaged"):
        StoredSignatures([tmp_path / "x.npy"], KIND, tmp_path)


def test_only_rows_kept_by_their_own_checks_are_signed(tmp_path: Path) -> None:
    folder = made(job(tmp_path))
    kept = [row.row for row in folder.rows() if row.stage != "checks"]
    files = [folder.signatures(shard, "kit_same") for shard in range(4)]
    dtype = np.dtype([("first", "<i8"), ("lengths", "<u2", (4,))])
    with StoredSignatures(files, dtype, tmp_path) as signatures:
        assert signatures.rows().tolist() == kept


def reasons(folder: RunFolder) -> dict[int, str]:
    return {row.row: row.reason for row in folder.rows() if row.stage == "corpus"}


def test_corpus_checks_decide_alone_and_the_recipes_first_names_the_reason(tmp_path: Path) -> None:
    family = Component("kit_family")
    same = reasons(made(job(tmp_path / "s", checks=(SAME,))))
    sevens = reasons(made(job(tmp_path / "f", checks=(family,))))
    assert set(same) & set(sevens)
    assert reasons(made(job(tmp_path / "sf", checks=(SAME, family)))) == {**sevens, **same}
    both = made(job(tmp_path / "fs", checks=(family, SAME)))
    assert reasons(both) == {**same, **sevens}
    counted = {reason: n for (_, reason), n in both.summary().dropped.items()}
    assert counted == {"sevens": len(sevens), "same": len(set(same) - set(sevens))}
    assert both.summary().kept == sum(1 for _ in both.kept())


def test_a_verdict_may_keep_and_note(tmp_path: Path) -> None:
    rows = list(made(job(tmp_path, checks=(Component("kit_family"),))).rows())
    assert [v.note for v in rows[5].verdicts] == ["a five"]
    assert rows[5].kept
    assert rows[1].verdicts == ()


@pytest.mark.parametrize(
    ("misdeed", "told"),
    [
        ("descending", "after row"),
        ("crash_sign", "crashed while signing.*ValueError: sign"),
        ("crash_decide", "crashed: ValueError: decide"),
        ("wrong_type", "not as its own type"),
    ],
)
def test_a_corpus_check_that_breaks_its_promise(tmp_path: Path, misdeed: str, told: str) -> None:
    check = Component("kit_same", {"words": 1, "misdeed": misdeed})
    with pytest.raises(UsageError, match=told) as caught:
        made(job(tmp_path, checks=(check,)))
    assert "check" in caught.value.hint
    assert made(job(tmp_path, checks=(SAME,))).summary().complete  # the same folder goes on


def test_one_corpus_check_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="named twice"):
        made(job(tmp_path, checks=(SAME, SAME)))


def test_nothing_kept_nothing_decided(tmp_path: Path) -> None:
    faults = dict.fromkeys(range(60), "plan")
    folder = made(job(tmp_path, task={"faults": faults}))
    assert folder.summary().dropped == {("plan", "no_plan"): 60}
