import asyncio

import pytest

from datawell.core.errors import UsageError
from datawell.core.plugins import Component, build
from datawell.core.randomness import stream
from datawell.teachers.base import Price, Request
from datawell.teachers.builtin import BuiltinTeacher


def request(**more: object) -> Request:
    voice = lambda random: f"{random.choice('abc')} {random.random()}"  # noqa: E731
    given: dict[str, object] = {
        "voice": voice,
        "random": lambda: stream(7, "voice", 3),
    }
    return Request(({"role": "user", "content": "hi"},), "0", **(given | more))  # type: ignore[arg-type]


def test_it_says_the_task_s_words_the_same_each_time() -> None:
    teacher = build("teachers", Component("builtin"))
    first = teacher.parse(asyncio.run(teacher.send(request())))
    again = teacher.parse(asyncio.run(teacher.send(request())))
    assert first == again
    assert first.text.split()[0] in "abc"
    assert (first.input_tokens, first.output_tokens) == (0, 0)


def test_it_is_free_recomputable_and_named_for_what_it_is() -> None:
    teacher = BuiltinTeacher()
    assert teacher.model == "builtin:procedural"
    assert teacher.recomputable
    assert teacher.price == Price(0, 0)
    asyncio.run(teacher.close())


@pytest.mark.parametrize("missing", ["voice", "random"])
def test_a_task_without_a_voice_is_a_wrong_call(missing: str) -> None:
    with pytest.raises(UsageError, match="no wording"):
        asyncio.run(BuiltinTeacher().send(request(**{missing: None})))
