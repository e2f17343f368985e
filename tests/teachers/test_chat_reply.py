import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import BadReply, RequestRejected
from datawell.teachers.base import Reply
from datawell.teachers.chat_reply import read_chat


def chat(content: Any = "Hello.", finish: Any = "stop", usage: Any = None, **message: Any) -> str:
    choice = {"message": {"content": content, **message}, "finish_reason": finish}
    return json.dumps({"choices": [choice], "usage": usage})


def test_an_ordinary_answer() -> None:
    body = chat(usage={"prompt_tokens": 12, "completion_tokens": 3})
    assert read_chat(body) == Reply("Hello.", "stop", 12, 3)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "an empty body"),
        ('{"choices": [{"mess', "not JSON"),
        ("<!doctype html>", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"n": ' + "9" * 5000 + "}", "not JSON"),
        ("null", "no list of choices"),
        ("[]", "no list of choices"),
        ('{"choices": {}}', "no list of choices"),
        ('{"error": {"message": "down"}}', "down"),
        ('{"choices": []}', "is empty"),
        ('{"choices": [7]}', "no message"),
        ('{"choices": [{"message": "hi"}]}', "no message"),
        (chat(None), "null"),
        (chat(7), "wrong type"),
        (chat([]), "null"),
        (chat([{"type": "image"}, 5]), "null"),
    ],
)
def test_what_is_no_answer_says_why(body: str, says: str) -> None:
    with pytest.raises(BadReply, match=says):
        read_chat(body)


def test_a_refusal_is_about_the_one_request() -> None:
    with pytest.raises(RequestRejected, match="cannot help"):
        read_chat(chat(None, refusal="I cannot help"))


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_a_cut_answer_is_a_reply_that_says_so(finish: str) -> None:
    assert read_chat(chat("Once", finish)) == Reply("Once", finish)
    assert read_chat(chat(None, finish)) == Reply("", finish)


@pytest.mark.parametrize("finish", [None, 3, "", []])
def test_an_unknown_end_is_called_unknown(finish: Any) -> None:
    assert read_chat(chat(finish=finish)).finish_reason == "unknown"


@pytest.mark.parametrize("count", [None, -1, 1.5, "12", True, [], 10**12, float("nan")])
def test_a_lying_count_is_no_count(count: Any) -> None:
    reply = read_chat(chat(usage={"prompt_tokens": count, "completion_tokens": 4}))
    assert (reply.input_tokens, reply.output_tokens) == (None, 4)


@pytest.mark.parametrize("usage", [None, 5, "many", []])
def test_a_missing_usage_is_no_count(usage: Any) -> None:
    assert read_chat(chat(usage=usage)).output_tokens is None


def test_parts_of_text_are_joined() -> None:
    parts = [{"type": "text", "text": "One "}, {"type": "text", "text": "day"}]
    assert read_chat(chat(parts)).text == "One day"


def test_half_an_emoji_can_be_stored() -> None:
    assert read_chat(chat("a \ud83d b \U0001f600")).text == "a \ufffd b \U0001f600"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "usage", "prompt_tokens", "error"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values.map(json.dumps) | st.text())
def test_any_body_gives_a_storable_reply_or_one_of_our_errors(body: str) -> None:
    try:
        reply = read_chat(body)
    except (BadReply, RequestRejected):
        return
    assert reply.text.encode("utf-8").decode("utf-8") == reply.text
