"""The model, its loss, its optimisers, and its folder."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from datawell.core.errors import UsageError
from datawell.student.model import (
    build_model,
    flops_per_token,
    load_model,
    parameter_count,
    save_model,
    training_loss,
)
from datawell.student.optim import Optimizer, orthogonalise, schedule
from datawell.student.tokenizer import encode, load_tokenizer


def _batch(size: int = 300, rows: int = 3, length: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(0, size, (rows, length + 1), generator=torch.Generator().manual_seed(1))
    return ids[:, :-1], ids[:, 1:].contiguous()


@pytest.mark.parametrize(
    ("preset", "low", "high"),
    [("300k", 0.25e6, 0.4e6), ("1m", 0.9e6, 1.3e6), ("3m", 2.6e6, 3.4e6), ("10m", 9e6, 11e6)],
)
def test_presets_have_about_their_size(preset: str, low: float, high: float) -> None:
    assert low < parameter_count(build_model(preset, 2048, 256, seed=0)) < high


def test_the_same_seed_gives_the_same_weights() -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    one, two, other = (build_model("300k", 300, 32, seed=s) for s in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(one.lm_head.weight, other.lm_head.weight)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_and_its_gradients_are_those_of_cross_entropy(weighted: bool) -> None:
    model = build_model("300k", 300, 32, seed=1)
    inputs, targets = _batch()
    weights = torch.rand(targets.shape, generator=torch.Generator().manual_seed(2)) + 0.5
    loss, unweighted = training_loss(model, inputs, targets, weights if weighted else None)
    (2 * loss).backward()  # type: ignore[no-untyped-call]
    found = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    logits = model(input_ids=inputs).logits
    each = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), reduction="none"
    )
    counts = weights.flatten() if weighted else torch.ones_like(each)
    expected = (each * counts).sum() / counts.sum()
    (2 * expected).backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert unweighted.item() == pytest.approx(each.mean().item(), rel=1e-5)
    assert not unweighted.requires_grad
    for name, p in model.named_parameters():
        assert p.grad is not None
        torch.testing.assert_close(found[name], p.grad, rtol=1e-4, atol=1e-6)


def test_fresh_attention_copies_what_it_looks_at() -> None:
    """Words of the window are likelier than others before any training."""
    model = build_model("1m", 300, 64, seed=1, copying=1.5)
    ids = torch.randint(1, 300, (4, 64), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        logits = model(input_ids=ids).logits[:, -1]
    told = torch.zeros_like(logits, dtype=torch.bool).scatter_(1, ids[:, :-1], True)
    told.scatter_(1, ids[:, -1:], False)
    rest = ~told.scatter(1, ids[:, -1:], True)
    assert float(logits[told].mean() - logits[rest].mean()) > 2 * float(
        logits[rest].std() / logits[rest].numel() ** 0.5
    )


def test_half_precision_learns_the_same_thing() -> None:
    model = build_model("300k", 300, 32, seed=1)
    inputs, targets = _batch()
    exact, _ = training_loss(model, inputs, targets)
    with torch.autocast("cpu", torch.bfloat16):
        rough, _ = training_loss(model, inputs, targets)
    rough.backward()  # type: ignore[no-untyped-call]
    assert rough.item() == pytest.approx(exact.item(), rel=2e-2)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_half_precision_does_not_see_the_future() -> None:
    model = build_model("300k", 300, 32, seed=1)
    inputs, _ = _batch(rows=1)
    changed = inputs.clone()
    changed[0, 20:] = 7
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        one, two = (model.model(input_ids=x).last_hidden_state for x in (inputs, changed))
    assert torch.equal(one[0, :20], two[0, :20])
    assert not torch.equal(one[0, 20:], two[0, 20:])


def test_the_arithmetic_counts_products_twice_forward_and_four_times_backward() -> None:
    config = build_model("300k", 400, 32, seed=0).config
    weights = 4 * (4 * 64 * 64 + 3 * 64 * 192) + 400 * 64
    assert flops_per_token(config) == 6 * weights + 6 * 4 * 64 * 32


def test_orthogonalised_matrices_have_singular_values_near_one() -> None:
    random = torch.Generator().manual_seed(0)
    found = orthogonalise(torch.randn(3, 16, 40, generator=random))
    values = torch.linalg.svdvals(found)
    assert found.shape == (3, 16, 40)
    assert 0.5 < values.min() < values.max() < 1.5


def test_the_schedule_rises_stays_and_falls() -> None:
    assert schedule(0.0, 0) == pytest.approx(1 / 30)
    assert schedule(0.1, 100) == schedule(0.29, 900) == 1.0
    falling = [schedule(s / 100, 1000) for s in range(30, 101)]
    assert all(a > b for a, b in pairwise(falling))
    assert falling[-1] == schedule(1.2, 1000) == pytest.approx(0.05)


@pytest.mark.parametrize("kind", ["muon", "adamw"])
def test_an_optimiser_learns_and_continues_from_its_state(kind: str) -> None:
    inputs, targets = _batch()

    def fresh(seed: int) -> tuple[torch.nn.Module, Optimizer]:
        model = build_model("300k", 300, 32, seed=seed)
        chosen = Optimizer(
            model, kind=kind, learning_rate=4e-3, matrix_learning_rate=0.02, weight_decay=0.05
        )
        return model, chosen

    def steps(model: torch.nn.Module, optimizer: Optimizer, count: int) -> float:
        for _ in range(count):
            loss, _ = training_loss(model, inputs, targets)  # type: ignore[arg-type]
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step(1.0)
        return loss.item()

    model, optimizer = fresh(1)
    first = steps(model, optimizer, 1)
    steps(model, optimizer, 7)
    weights = {k: v.clone() for k, v in model.state_dict().items()}
    state = {k: v.clone() for k, v in optimizer.state().items()}
    last = steps(model, optimizer, 4)
    assert last < 0.8 * first
    other, again = fresh(2)
    other.load_state_dict(weights)
    again.restore(state)
    steps(other, again, 4)
    for a, b in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_folder_loads_as_any_llama(trained: Path) -> None:
    ours = load_model(trained)
    theirs = AutoModelForCausalLM.from_pretrained(trained)
    reader = AutoTokenizer.from_pretrained(trained)
    text = "Once there was a girl named Lily."
    assert reader(text).input_ids == encode(load_tokenizer(trained), text)
    ids = torch.tensor([[0, *encode(load_tokenizer(trained), text)]])
    with torch.no_grad():
        assert torch.equal(ours(input_ids=ids).logits, theirs(input_ids=ids).logits)
    assert not ours.training


def test_saving_keeps_every_weight(tmp_path: Path) -> None:
    model = build_model("300k", 300, 32, seed=4)
    save_model(model, tmp_path)
    for a, b in zip(model.parameters(), load_model(tmp_path).parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no trained student"):
        load_model(tmp_path)
