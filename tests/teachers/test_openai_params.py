from typing import Any

import pytest
from pydantic import ValidationError

from datawell.core.errors import PluginError
from datawell.core.plugins import Component, build
from datawell.teachers.base import Price
from datawell.teachers.openai_chat import OpenAIChat

CANARY = "sk-canary-1234567890abcdef"


def test_facts_come_from_the_endpoint_s_entry() -> None:
    chat = build("teachers", Component("openai", {"model": "gpt-4.1-mini"}))
    assert chat.model == "openai:gpt-4.1-mini"
    assert chat.base_url == "https://api.openai.com/v1"
    assert chat.key_env == "OPENAI_API_KEY"
    assert chat.price == Price(0.40, 1.60)
    assert chat.settings == {"max_completion_tokens": 1024}
    assert not chat.recomputable


def test_what_is_called_operational_is_a_parameter_and_decides_no_text() -> None:
    named = OpenAIChat.Params.operational
    assert named <= set(OpenAIChat.Params.model_fields)
    decide = {"model", "endpoint", "base_url", "temperature", "top_p", "max_output_tokens", "seed"}
    assert not named & decide


def test_an_unknown_price_is_unknown_and_a_given_one_wins() -> None:
    params = {"endpoint": "ollama", "model": "llama3.2"}
    assert build("teachers", Component("openai", params)).price is None
    params |= {"price": {"input": 0, "output": 0}}  # type: ignore[dict-item]
    assert build("teachers", Component("openai", params)).price == Price(0, 0)


def test_an_endpoint_s_usual_key_is_not_sent_to_another_address() -> None:
    params = OpenAIChat.Params(model="m", endpoint="openai", base_url="http://127.0.0.1:9/v1")
    assert OpenAIChat(params).key_env == ""


def test_an_unknown_endpoint_has_a_hint() -> None:
    with pytest.raises(PluginError, match="did you mean 'ollama'"):
        build("teachers", Component("openai", {"endpoint": "olama", "model": "m"}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", ""),
        ("base_url", "127.0.0.1:8000/v1"),
        ("base_url", "ftp://host/v1"),
        ("base_url", "http:///v1"),
        ("base_url", "http://host:port/v1"),
        ("base_url", f"https://me:{CANARY}@host/v1"),
        ("base_url", f"https://host/v1?key={CANARY}"),
        ("base_url", f"https://host/v1#{CANARY}"),
        ("key_env", CANARY),
        ("key_env", CANARY.replace("-", "_")),
        ("headers", {"Authorization": f"Bearer {CANARY}"}),
        ("headers", {"X-Api-Key": CANARY}),
        ("headers", {"X-Line": f"a\r\nEvil: {CANARY}"}),
        ("headers", {"Bad Name": "x"}),
        ("temperature", 2.5),
        ("temperature", "hot"),
        ("top_p", 0),
        ("max_output_tokens", 0),
        ("concurrency", 0),
        ("total_timeout", 0),
        ("first_byte_timeout", -1),
        ("retries", -1),
        ("price", {"input": -1, "output": 1}),
        ("price", {"input": 1}),
        ("unknown", 1),
    ],
)
def test_every_wrong_parameter_is_refused_without_showing_it(field: str, value: Any) -> None:
    component = Component("openai", {"model": "m", field: value})
    with pytest.raises(PluginError) as caught:
        build("teachers", component)
    assert field in caught.value.message
    assert CANARY not in str(caught.value)
    with pytest.raises(ValidationError):
        OpenAIChat.Params.model_validate(dict(component.params))
