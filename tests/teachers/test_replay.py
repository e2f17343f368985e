import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import BadReply, PluginError, RequestRejected, StorageError, UsageError
from datawell.core.plugins import Component, build
from datawell.core.records import Message
from datawell.teachers.base import Price, Reply, Request
from datawell.teachers.replay import ReplayTeacher, replay_key, write_replay

HI: list[Message] = [{"role": "user", "content": "hi é"}]


def teacher(path: Path) -> ReplayTeacher:
    made: ReplayTeacher = build("teachers", Component("replay", {"path": str(path)}))
    return made


def ask(path: Path, sample: str = "0", messages: list[Message] | None = None) -> Reply:
    async def work() -> Reply:
        one = teacher(path)
        try:
            return one.parse(await one.send(Request(tuple(messages or HI), sample)))
        finally:
            await one.close()

    return asyncio.run(work())


def write(path: Path, *entries: Any) -> Path:
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def chat(text: str) -> str:
    choice = {"message": {"content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 5}
    return json.dumps({"choices": [choice], "usage": usage})


def test_a_ledger_s_answers_come_back(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    calls: list[dict[str, Any]] = [
        {"request": {"messages": HI, "sample": "0", "settings": {}}, "answer": chat("one")},
        {"request": json.dumps({"messages": HI, "sample": "1"}), "answer": chat("two")},
        {"request": {"messages": HI, "sample": "2"}, "answer": None},
        {"request": {"messages": HI, "sample": "0"}, "answer": chat("later")},
    ]
    assert write_replay(calls, path) == 2
    assert ask(path, "0") == Reply("one", "stop", 3, 5)
    assert ask(path, "1").text == "two"


def test_texts_and_keys_can_be_written_by_hand(tmp_path: Path) -> None:
    path = write(
        tmp_path / "calls.jsonl",
        {"messages": HI, "sample": "0", "text": "Hello.", "output_tokens": 2},
        "",
        {"key": replay_key(HI, "k"), "text": "By key.", "finish_reason": "length"},
    )
    assert ask(path, "0") == Reply("Hello.", "stop", None, 2)
    assert ask(path, "k") == Reply("By key.", "length")


def test_it_is_free_and_named_after_its_content(tmp_path: Path) -> None:
    one = write(tmp_path / "a.jsonl", {"messages": HI, "sample": "0", "text": "x"})
    first = teacher(one)
    assert (first.recomputable, first.price, first.max_output_tokens) == (True, Price(0, 0), 0)
    assert first.model.startswith("replay:a.jsonl@")
    write(one, {"messages": HI, "sample": "0", "text": "y"})
    assert teacher(one).model != first.model


def test_another_content_is_another_fingerprint_and_another_place_is_not(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    entry = {"messages": HI, "sample": "0", "text": "x"}
    kept = [identity(write(one, entry)), identity(write(two, entry))]
    assert kept[0] == kept[1]
    assert identity(write(one, entry | {"text": "y"})) != kept[0]
    with pytest.raises(UsageError, match="does not exist"):
        identity(tmp_path / "none.jsonl")


def identity(path: Path) -> dict[str, Any]:
    """What a recipe's fingerprint sees of the parameters."""
    params = ReplayTeacher.Params(path=str(path))
    return params.model_dump(exclude=set(ReplayTeacher.Params.operational))


def test_a_call_that_was_not_recorded_names_the_file_and_the_request(tmp_path: Path) -> None:
    path = write(tmp_path / "calls.jsonl", {"messages": HI, "sample": "0", "text": "x"})
    with pytest.raises(RequestRejected, match=r"not_in_replay: .*calls\.jsonl .*'9' .*hi é"):
        ask(path, "9")
    with pytest.raises(RequestRejected, match="not_in_replay"):
        ask(path, "0", [{"role": "system", "content": "hi é"}])


def test_a_bad_reply_stays_one(tmp_path: Path) -> None:
    path = write(tmp_path / "calls.jsonl", {"messages": HI, "sample": "0", "body": '{"cho'})
    with pytest.raises(BadReply, match="not JSON"):
        ask(path)


def test_equal_lines_are_one_call_and_unequal_ones_an_error(tmp_path: Path) -> None:
    entry = {"messages": HI, "sample": "0", "text": "x"}
    assert ask(write(tmp_path / "a.jsonl", entry, entry)).text == "x"
    with pytest.raises(UsageError, match=r"b\.jsonl:3: a second, different answer"):
        ask(write(tmp_path / "b.jsonl", entry, entry, entry | {"text": "y"}))


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "7",
        "[]",
        '{"messages": [], "sample": "0"}',
        '{"sample": "0", "text": "x"}',
        '{"messages": [], "text": "x"}',
        '{"messages": [3], "sample": "0", "text": "x"}',
        '{"messages": 3, "sample": "0", "text": "x"}',
        '{"messages": [], "sample": "0", "text": 5}',
        '{"messages": [], "sample": "0", "body": {}}',
        '{"messages": [], "sample": "0", "text": "x", "output_tokens": "5"}',
        "[" * 100_000,
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError, match=r"bad\.jsonl:2: not a recorded call"):
        teacher(write(tmp_path / "bad.jsonl", {"key": "k", "text": "x"}, line))


def test_a_missing_file_and_a_missing_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        teacher(tmp_path / "none.jsonl")
    with pytest.raises(PluginError, match="path"):
        build("teachers", Component("replay"))
    with pytest.raises((UsageError, StorageError), match="none"):
        write_replay([], tmp_path / "none" / "calls.jsonl")


@given(
    st.dictionaries(
        st.tuples(st.text(max_size=8), st.text(max_size=3)), st.text(max_size=20), max_size=8
    )
)
def test_whatever_is_recorded_is_replayed(
    tmp_path_factory: pytest.TempPathFactory, calls: dict[tuple[str, str], str]
) -> None:
    path = tmp_path_factory.mktemp("replay") / "calls.jsonl"
    rows: list[dict[str, Any]] = []
    for (said, sample), text in calls.items():
        message: Message = {"role": "user", "content": said}
        request = {"messages": [message], "sample": sample}
        rows.append({"request": json.dumps(request), "answer": chat(text)})
    assert write_replay(rows, path) == len(calls)
    for (said, sample), text in calls.items():
        assert ask(path, sample, [{"role": "user", "content": said}]).text == text


def test_a_message_is_replayed_in_the_form_of_its_wire(tmp_path: Path) -> None:
    said = {"type": "message", "content": [{"type": "text", "text": "Hi."}], "stop_reason": "x"}
    call = {"request": {"messages": HI, "sample": "0"}, "answer": json.dumps(said)}
    assert write_replay([call], tmp_path / "calls.jsonl") == 1
    assert ask(tmp_path / "calls.jsonl").text == "Hi."
