"""A model in this process: tiny checkpoints of known families, made here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from datawell.core.errors import PluginError, ProviderFault, RequestRejected, UsageError
from datawell.core.plugins import Component, build
from datawell.core.records import Message
from datawell.teachers import hf_model
from datawell.teachers.base import Reply, Request
from datawell.teachers.hf import HFTeacher
from datawell.teachers.hf_model import _Draws, _nucleus
from datawell.teachers.spec import parse_spec

END = 256
CONTEXT = 64


def checkpoint(folder: Path, kind: str = "llama") -> Path:
    """A model of a few thousand random weights over bytes, one token a byte."""
    torch.manual_seed(5)
    common: dict[str, Any] = {"vocab_size": 257, "bos_token_id": END, "eos_token_id": END}
    model: Any
    if kind == "llama":
        size: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
        config = LlamaConfig(
            **common, **size, num_attention_heads=2, max_position_embeddings=CONTEXT
        )
        model = LlamaForCausalLM(config)
    else:
        model = GPT2LMHeadModel(
            GPT2Config(**common, n_embd=32, n_layer=1, n_head=2, n_positions=CONTEXT)
        )
    model.save_pretrained(folder)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: at for at, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|end|>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    facts = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|end|>",
        "eos_token": "<|end|>",
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(facts))
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("models") / "tiny")


def request(text: str, sample: str = "0") -> Request:
    return Request(({"role": "user", "content": text},), sample)


def ask(folder: Path, requests: Sequence[Request], **params: Any) -> list[Reply | BaseException]:
    given = {"path": str(folder), "max_output_tokens": 24, "device": "cpu"} | params
    teacher: HFTeacher = build("teachers", Component("hf", given))

    async def one(request: Request) -> Reply:
        return teacher.parse(await teacher.send(request))

    async def work() -> list[Reply | BaseException]:
        try:
            return await asyncio.gather(*map(one, requests), return_exceptions=True)
        finally:
            await teacher.close()

    return asyncio.run(work())


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_company_changes_no_answer(tmp_path: Path, kind: str) -> None:
    """Prompts of many lengths, some of which leave little room, alone and in batches."""
    folder = checkpoint(tmp_path / kind, kind)
    asked = [request("a" * n, str(n)) for n in (1, 5, 9, 30, 45, 45, 58)]
    alone = ask(folder, asked, batch_size=1)
    assert ask(folder, asked, batch_size=4) == alone
    assert ask(folder, asked, batch_size=16) == alone
    replies = [reply for reply in alone if isinstance(reply, Reply)]
    assert len(replies) == len(asked)
    for text, reply in zip(asked, replies, strict=True):
        read = len(text.messages[0]["content"]) + 3  # the opening token and two line ends
        assert reply.input_tokens == read
        assert reply.output_tokens is not None
        assert read + reply.output_tokens <= CONTEXT
        assert reply.output_tokens <= 24
        assert reply.finish_reason in ("stop", "length")


def test_each_sample_draws_from_its_own_stream(tiny: Path) -> None:
    first, second, again = ask(tiny, [request("hi", "0"), request("hi", "1"), request("hi", "0")])
    assert first == again != second
    assert ask(tiny, [request("hi", "0")], seed=1)[0] != first


def test_temperature_zero_takes_the_likeliest(tiny: Path) -> None:
    one, two = ask(tiny, [request("hi", "0"), request("hi", "1")], temperature=0)
    assert one == two
    assert ask(tiny, [request("hi", "5")], temperature=1, top_p=1e-9)[0] == one


def test_a_prompt_that_fills_the_context_is_refused_alone(tiny: Path) -> None:
    long, short = ask(tiny, [request("a" * 200), request("a")])
    assert isinstance(long, RequestRejected)
    assert "203 tokens" in long.message
    assert isinstance(short, Reply)


def test_a_chat_template_is_used_where_there_is_one(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "chat")
    template = (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}"
        "{% endif %}<{{ m.content }}>{% endfor %}{% if add_generation_prompt %}:{% endif %}"
    )
    (folder / "chat_template.jinja").write_text(template)
    system: Message = {"role": "system", "content": "x"}
    fine, refused = ask(folder, [request("hi"), Request((system,), "0")])
    assert isinstance(fine, Reply)
    assert fine.input_tokens == len("<hi>:")
    assert isinstance(refused, RequestRejected)
    assert "no system" in refused.message
    plain = ask(folder, [request("hi")], template="plain")[0]
    assert isinstance(plain, Reply)
    assert plain.input_tokens == 5


def test_out_of_memory_halves_the_batch(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [request("hello", str(n)) for n in range(8)]
    before = ask(tiny, asked)
    sizes: list[int] = []
    write = hf_model.Model._write

    def tight(self: Any, prompts: Any, *rest: Any) -> Any:
        sizes.append(len(prompts))
        if len(prompts) > 2:
            raise torch.OutOfMemoryError("no room")
        return write(self, prompts, *rest)

    monkeypatch.setattr(hf_model.Model, "_write", tight)
    assert ask(tiny, asked) == before
    assert sizes == [8, 4, 2, 2, 2, 2]


def test_a_model_that_fails_is_a_provider_s_fault(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*rest: Any) -> Any:
        raise RuntimeError("device lost")

    monkeypatch.setattr(hf_model.Model, "_write", broken)
    (error,) = ask(tiny, [request("hi")])
    assert isinstance(error, ProviderFault)
    assert "device lost" in error.message


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "old")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UsageError, match=r"pytorch_model\.bin, which may run code"):
        build("teachers", parse_spec(f"hf:{folder}"))


def test_code_in_the_folder_is_not_run(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "evil")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoModelForCausalLM": "evil.Evil"}}
    config |= {"architectures": ["Evil"]}
    config["auto_map"]["AutoConfig"] = "evil.Config"
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (error,) = ask(folder, [request("hi")])
    assert isinstance(error, UsageError)
    assert "cannot be loaded" in error.message
    assert not (tmp_path / "ran").exists()


def test_what_is_no_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        build("teachers", parse_spec(f"hf:{tmp_path}/none"))
    with pytest.raises(UsageError, match="holds no safetensors weights"):
        build("teachers", parse_spec(f"hf:{tmp_path}"))
    (tmp_path / "a.safetensors").write_text("")
    with pytest.raises(UsageError, match=r"no config\.json"):
        build("teachers", parse_spec(f"hf:{tmp_path}"))
    (tmp_path / "config.json").write_text("{")
    (error,) = ask(tmp_path, [request("hi")])
    assert isinstance(error, UsageError)


def test_a_model_is_named_by_its_contents(tiny: Path, tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "tiny")
    name = build("teachers", parse_spec(f"hf:{tiny}")).model
    assert name.startswith("hf:tiny@")
    assert build("teachers", parse_spec(f"hf:{folder}")).model == name
    (folder / "README.md").write_text("about")
    assert build("teachers", parse_spec(f"hf:{folder}")).model == name
    params = HFTeacher.Params(path=str(folder))
    before = params.model_dump()["content"]
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    assert build("teachers", parse_spec(f"hf:{folder}")).model != name
    assert params.model_dump()["content"] != before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", -1),
        ("top_p", 0),
        ("max_output_tokens", 0),
        ("batch_size", 0),
        ("device", "tpu"),
        ("dtype", "int4"),
        ("template", "xml"),
    ],
)
def test_every_wrong_parameter_is_refused(tiny: Path, field: str, value: Any) -> None:
    with pytest.raises(PluginError, match=field):
        build("teachers", Component("hf", {"path": str(tiny), field: value}))


def test_draws_follow_the_shares() -> None:
    scores = torch.log(torch.tensor([[0.5, 0.0, 0.3, 0.2]])).expand(4000, 4)
    draws = _Draws([Random(n) for n in range(4000)], 1.0, 1.0)
    counts = torch.bincount(draws(None, scores).argmax(-1), minlength=4)
    expected = torch.tensor([2000.0, 0.0, 1200.0, 800.0])
    assert counts[1] == 0
    assert ((counts - expected).abs() < 140).all()


def test_the_nucleus_keeps_what_holds_the_share() -> None:
    shares = torch.tensor([[0.1, 0.5, 0.3, 0.1]])
    assert _nucleus(shares, 0.6)[0].tolist() == pytest.approx([0, 0.5, 0.3, 0])
    assert _nucleus(shares, 0.5).count_nonzero() == 1
