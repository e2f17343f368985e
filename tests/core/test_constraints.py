"""The kinds of constraint as data."""

from __future__ import annotations

from itertools import combinations
from string import Formatter
from typing import Any

import pytest

from datawell.core.constraints import ARGUMENTS, clash, fault, kinds, worded

# The instruction ids of IFEval's registry (arXiv:2311.07911).
IFEVAL = {
    *("keywords:existence", "keywords:frequency", "keywords:forbidden_words"),
    *("keywords:letter_frequency", "language:response_language"),
    *("length_constraints:number_sentences", "length_constraints:number_paragraphs"),
    *("length_constraints:number_words", "length_constraints:nth_paragraph_first_word"),
    *("detectable_content:number_placeholders", "detectable_content:postscript"),
    *("detectable_format:number_bullet_lists", "detectable_format:constrained_response"),
    *("detectable_format:number_highlighted_sections", "detectable_format:multiple_sections"),
    *("detectable_format:json_format", "detectable_format:title"),
    *("combination:two_responses", "combination:repeat_prompt"),
    *("startend:end_checker", "startend:quotation", "punctuation:no_comma"),
    *("change_case:capital_word_frequency", "change_case:english_capital"),
    "change_case:english_lowercase",
}
GOOD: dict[str, Any] = {
    "count": 3,
    "nth": 2,
    "relation": "at most",
    "letter": "q",
    "tag": "answer",
    **{name: ["one", "two"] for name in ("words", "options", "marks", "keys")},
    **{
        name: f"some {name}"
        for name in (
            "word",
            "language",
            "script",
            "marker",
            "splitter",
            "request",
            "phrase",
            "label",
        )
    },
}
BAD: dict[str, list[Any]] = {
    "count": [0, -1, 1.5, True, "3", 100_001],
    "nth": [0, None],
    "relation": ["about", 3],
    "letter": ["qu", "", "1"],
    "tag": ["", "a b", "<a>"],
    **{name: [[], ["  "], "one", [1]] for name in ("words", "options", "marks", "keys")},
    **{
        name: ["", "  ", 3]
        for name in (
            "word",
            "language",
            "script",
            "marker",
            "splitter",
            "request",
            "phrase",
            "label",
        )
    },
}


def args_of(kind: str) -> dict[str, Any]:
    return {name: GOOD[name] for name in kinds()[kind].args}


def test_all_of_ifeval_and_some_of_our_own() -> None:
    theirs = [kind.ifeval for kind in kinds().values() if kind.ifeval]
    assert sorted(theirs) == sorted(IFEVAL)
    assert len(kinds()) >= 25 + 10


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_is_whole(kind: str) -> None:
    entry = kinds()[kind]
    assert entry.means
    assert set(entry.args) <= set(ARGUMENTS)
    assert entry.touches
    assert len(entry.say) >= 2
    for way in entry.say:
        assert {name for _, name, _, _ in Formatter().parse(way) if name} <= set(entry.args)


@pytest.mark.parametrize("kind", kinds())
def test_each_wording_says_every_argument_that_matters(kind: str) -> None:
    args = args_of(kind)
    for at in range(len(kinds()[kind].say)):
        said = worded(kind, args, at / len(kinds()[kind].say))
        for name in set(args) - {"request"}:
            values = args[name] if isinstance(args[name], list) else [args[name]]
            assert all(str(value) in said for value in values), (said, name)


@pytest.mark.parametrize("kind", kinds())
def test_faults(kind: str) -> None:
    good = args_of(kind)
    assert fault(kind, good) == ""
    assert fault(kind, {**good, "more": 1})
    assert fault(kind, None)
    for name in good:
        assert fault(kind, {k: v for k, v in good.items() if k != name})
        for bad in BAD[name]:
            assert name in fault(kind, {**good, name: bad})
    assert "no kind" in fault(f"{kind}s", good)


def test_clashes_are_mutual_and_the_known_ones_are_there() -> None:
    for one, other in combinations(kinds(), 2):
        assert clash(one, other) == clash(other, one)
    for one, other in (
        ("upper_case", "lower_case"),
        ("json", "bullets"),
        ("no_comma", "repeat_prompt"),
        ("ends_with", "postscript"),
        ("starts_with", "quotation"),
        ("words", "characters"),
    ):
        assert clash(one, other)
    assert not clash("no_comma", "bullets")
