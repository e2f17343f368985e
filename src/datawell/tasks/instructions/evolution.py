"""Evol-Instruct: operators that make an instruction harder or make another one.

After WizardLM (Xu et al. 2023, arXiv:2304.12244). The operators are data (``operators.yaml``).
Where an evolution fails, the paper's elimination applies: the instruction stays as it was, and the
plan says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import yaml

from datawell.core.errors import VoiceFault

Operator = Literal[
    "add_constraints",
    "deepen",
    "concretize",
    "increase_reasoning",
    "complicate_input",
    "breadth",
]
# What a language model is asked to do; constraints are added by the program.
ASKED: tuple[str, ...] = tuple(name for name in get_args(Operator) if name != "add_constraints")

_MOST_WORDS = 400
_LABEL = re.compile(
    r"\s*(?:#+\s*|\*\*\s*)?(?:(?:new|rewritten|created)\s+)?(?:request|task|instruction|prompt)"
    r"\s*(?:\*\*)?\s*:\s*(?:\*\*)?\s*",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "“": "”", "«": "»"}
# Words of our prompts and of the paper's, which a model copies when it misunderstands them.
_LEAKS = re.compile(
    r"<<\/?\w+ [0-9a-f]{8}>>|\b(?:given|rewritten|created|new) (?:prompt|request)\b"
    r"|#(?:given|rewritten|created) prompt#",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evolution:
    """One operator as ``operators.yaml`` describes it."""

    name: str
    direction: Literal["depth", "breadth"]
    asks: str


@cache
def operators() -> dict[str, Evolution]:
    """Every operator by name."""
    table = yaml.safe_load(Path(__file__).with_name("operators.yaml").read_text(encoding="utf-8"))
    return {
        name: Evolution(name, entry["direction"], entry["asks"] or "")
        for name, entry in table.items()
    }


def cleaned(answer: str) -> str:
    """The instruction in a writer's answer, without a label or quotation marks around it."""
    text = answer.strip()
    label = _LABEL.match(text)
    if label:
        text = text[label.end() :].strip()
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def unusable(instruction: str) -> str:
    """Why a text is no instruction, as a code; empty when it can be one."""
    words = instruction.split()
    if len(words) < 3:
        return "instruction_too_short"
    if len(words) > _MOST_WORDS:
        return "instruction_too_long"
    return "instruction_leaks_prompt" if _LEAKS.search(instruction) else ""


def new_instruction(answer: str) -> str:
    """The instruction in a writer's answer to the first request.

    Raises:
        VoiceFault: there is none (``instruction_too_short``, ``instruction_too_long``), or it
            speaks of the request for it (``instruction_leaks_prompt``).
    """
    text = cleaned(answer)
    wrong = unusable(text)
    if wrong:
        raise VoiceFault(wrong, detail=text[:200])
    return text


def evolved(before: str, answer: str) -> tuple[str, str]:
    """The instruction after an evolution, and why it was not taken (then it is ``before``)."""
    text = cleaned(answer)
    if " ".join(text.split()).casefold() == " ".join(before.split()).casefold():
        return before, "unchanged"
    wrong = unusable(text)
    return (before, wrong) if wrong else (text, "")
