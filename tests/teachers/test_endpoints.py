from pathlib import Path

import pytest

from datawell.core.errors import PluginError, UsageError
from datawell.teachers.endpoints import endpoint, load_endpoints
from datawell.teachers.remote import check_base_url


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own file, which does not exist yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("DATAWELL_ENDPOINTS", raising=False)
    (tmp_path / "datawell").mkdir()
    return tmp_path / "datawell" / "endpoints.yaml"


def test_the_shipped_facts_are_whole(own: Path) -> None:
    known = load_endpoints()
    assert {"openai", "ollama", "llama.cpp", "vllm", "groq", "together", "openrouter"} <= set(known)
    assert {"mistral", "deepseek"} <= set(known)
    assert list(known) == sorted(known)
    for facts in known.values():
        assert check_base_url(facts.base_url) == facts.base_url
        assert not facts.base_url.startswith("http://") or "127.0.0.1" in facts.base_url
        for model in facts.models.values():
            assert model.price is None or model.price.output > 0


def test_a_user_adds_endpoints_and_changes_single_facts(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.write_text(
        "house: {base_url: 'http://gpu:8000/v1/'}\n"
        "openai:\n  models:\n    new: {price: {input: 1, output: 2, as_of: 2026-11-01}}\n"
    )
    third = tmp_path / "third.yaml"
    third.write_text("house: {key_env: HOUSE_KEY}\n")
    monkeypatch.setenv("DATAWELL_ENDPOINTS", str(third))
    house, openai = endpoint("house"), endpoint("openai")
    assert (house.base_url, house.key_env) == ("http://gpu:8000/v1", "HOUSE_KEY")
    assert openai.models["new"].price is not None
    assert openai.models["gpt-4.1-mini"].price is not None
    assert openai.key_env == "OPENAI_API_KEY"


def test_an_empty_file_changes_nothing(own: Path) -> None:
    before = load_endpoints()
    own.write_text("# nothing yet\n")
    assert load_endpoints() == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: {base_url: 'http://h/v1'}\nb: [unclosed\n", r"endpoints\.yaml:3: not YAML"),
        ("a: 1\n", r"endpoints\.yaml:1: must be a mapping"),
        ("- a\n", r"endpoints\.yaml:1: must be a mapping"),
        ("1: {base_url: 'http://h/v1'}\n", r"endpoints\.yaml:1: must be a mapping"),
        ("a:\n  base_url: gopher://h\n", r"endpoints\.yaml:2: a\.base_url"),
        ("a:\n  base_url: 'http://me:pw@h/v1'\n", r"endpoints\.yaml:2: a\.base_url"),
        ("a:\n  base_url: http://h/v1\n  bas_url: x\n", r"endpoints\.yaml:3: a\.bas_url: Extra"),
        ("openai:\n\n  limit_key: tokens\n", r"endpoints\.yaml:3: openai\.limit_key"),
        (
            "openai:\n  models:\n    m:\n      price: {input: -1, output: 1, as_of: 2026-01-01}\n",
            r"endpoints\.yaml:4: openai\.models\.m\.price\.input",
        ),
        ("openai:\n  models:\n    m: {price: {input: 1, output: 1}}\n", r":3: .*as_of"),
        ("a: {base_url: 'http://h/v1'}\na: {base_url: 'http://i/v1'}\n", r":2: 'a' stands here tw"),
        ("a: &x {base_url: 'http://h/v1'}\nb: *x\n", r"aliases are not used"),
        ("a: !!python/object/apply:os.getcwd []\n", r"endpoints\.yaml:1: not YAML"),
        ("a: \x00\n", r"endpoints\.yaml: not YAML"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(own: Path, text: str, says: str) -> None:
    own.write_text(text)
    with pytest.raises(UsageError, match=says):
        load_endpoints()


def test_a_named_file_must_exist(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAWELL_ENDPOINTS", str(own))
    with pytest.raises(UsageError, match="does not exist"):
        load_endpoints()


def test_a_huge_file_is_not_read(own: Path) -> None:
    own.write_text("#" * 1_000_001)
    with pytest.raises(UsageError, match="larger than"):
        load_endpoints()


def test_an_unknown_name_has_a_hint(own: Path) -> None:
    with pytest.raises(PluginError, match="did you mean 'mistral'"):
        endpoint("mistrall")
