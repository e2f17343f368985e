"""Problems as seeds: exact reading, random access, faults, and our own endless ones."""

from __future__ import annotations

import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from datawell.core.errors import SeedFault, UsageError
from datawell.core.numbers import find_numbers, parse_number
from datawell.core.randomness import stream
from datawell.seeds.arithmetic_problems import expressions as ex
from datawell.seeds.arithmetic_problems.equations import equations, scaled_letters
from datawell.seeds.arithmetic_problems.generator import FAMILIES, generate
from datawell.seeds.arithmetic_problems.problem import numbers_key
from datawell.seeds.arithmetic_problems.solutions import read_solution
from datawell.seeds.problems import ProblemSeeds

ROWS = [
    {
        "question": "Lea bakes 48 rolls and sells half as many cakes. How many things are there?",
        "answer": "There are 48/2 = <<48/2=24>>24 cakes.\n"
        "So 48+24 = <<48+24=72>>72 things in all.\n#### 72",
    },
    {
        "question": "A coat costs $1,200 and is 25% off. How much does it cost?",
        "answer": "The discount is .25*1,200 = $<<.25*1,200=300>>300.\n"
        "It costs 1200-300 = $<<1200-300=900>>900.\n#### 900",
    },
    {"question": "No final mark?", "answer": "2+2 = <<2+2=4>>4"},
    {"question": "A wrong mark?", "answer": "2+2 = <<2+2=5>>5\n#### 5"},
    {"question": "No text"},
    {"question": "Nothing is calculated?", "answer": "It is five.\n#### 5"},
    {"question": "Is it a word?", "answer": "2+2 = <<2+2=4>>4\n#### four of them"},
    {"question": "An open mark?", "answer": "2+2 = <<2+2=4\n#### 4"},
    {"question": "An unreadable mark?", "answer": "<<import os=4>>4\n#### 4"},
]


def source(path: Path | None = None, **fields: str) -> ProblemSeeds:
    with_fields = {"fields": fields} if fields else {}
    data = {"path": str(path) if path else None, **with_fields}
    return ProblemSeeds(ProblemSeeds.Params.model_validate(data), 7)


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    path = tmp_path / "problems.jsonl"
    lines = [json.dumps(row) for row in ROWS]
    path.write_text("\n".join([lines[0], "", *lines[1:], "{broken"]) + "\n\n", encoding="utf-8")
    return path


# --- expressions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("48/2", "24"),
        ("100-50-30-15", "5"),
        ("2+3*4", "14"),
        ("(2+3)*4", "20"),
        (".5*40", "20"),
        ("$1,200 + 3,5", None),
        ("$1,200+35", "1235"),
        ("20%*50", "10"),
        ("12 × 3 ÷ 4", "9"),
        ("-3+5", "2"),
        ("2*-3", "-6"),
        ("3/4-1/4", "1/2"),
        ("½*8", "4"),
        ("60/0", None),
        ("2**3", None),
        ("1e5", None),
        ("x+1", None),
        ("", None),
        ("(2", None),
        ("2 3", None),
        ("__import__('os')", None),
        ("1+" * 150 + "1", None),
        ("(" * 60 + "1" + ")" * 60, None),
    ],
)
def test_expressions_are_read_exactly_or_not_at_all(text: str, value: str | None) -> None:
    expression = ex.parse(text)
    found = None if expression is None else ex.evaluate(expression)
    assert found == (None if value is None else Fraction(value))


NUMBER = st.builds(ex.Number, st.fractions(0, 999, max_denominator=20))
TREE: st.SearchStrategy[ex.Expression] = st.recursive(
    NUMBER,
    lambda inner: st.one_of(
        st.builds(ex.Operation, st.sampled_from("+-*/"), inner, inner),
        st.builds(ex.Negative, inner),
    ),
    max_leaves=7,
)


@given(TREE)
def test_what_is_rendered_reads_back_with_the_same_value(tree: ex.Expression) -> None:
    text = ex.render(tree)
    back = ex.parse(text)
    if len(text) <= ex.MAX_LENGTH:
        assert back is not None
        assert ex.evaluate(back) == ex.evaluate(tree)


@given(TREE, NUMBER)
def test_replacing_a_part_changes_just_that_part(tree: ex.Expression, new: ex.Number) -> None:
    places = [path for path, _ in ex.parts(tree)]
    changed = dict(ex.parts(ex.replace(tree, {places[0]: new})))
    assert changed[places[0]] == new
    assert ex.replace(tree, {}) == tree


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    ex.parse(text)
    equations(text)
    scaled_letters(text)
    numbers_key(text)


# --- equations in prose -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("She pays $43 - $18 = $25 there.", [("43-18", "25")]),
        ("4 boxes x 3 pens = 12 pens", [("4*3", "12")]),
        ("5 plus 2 equals 7, and 7 - 1 = 6.", [("5+2", "7"), ("7-1", "6")]),
        ("12+8(26) = 220", [("12+8*26", "220")]),
        ("$5400/week * 4 weeks = $21600", [("5400*4", "21600")]),
        ("2 + 3 = 4 + 1 = 5", [("2+3", "4+1"), ("4+1", "5")]),
        ("so 2x = 60", []),
        ("x = 7", []),
        ("nothing here", []),
    ],
)
def test_equations_are_found_in_prose(text: str, found: list[tuple[str, str]]) -> None:
    read = [(ex.render(e.left), ex.render(e.right)) for e in equations(text)]
    assert read == found


def test_letters_with_a_factor_are_found() -> None:
    found = [(int(a), x, int(c)) for a, x, c in scaled_letters("so 9m = 27 and then 4 * x = 8")]
    assert found == [(9, "m", 27), (4, "x", 8)]
    assert scaled_letters("we get 8m + m = 27") == []


# --- worked solutions -------------------------------------------------------------------


def lefts(answer: str, question: str = "How many?") -> list[tuple[str, str]]:
    return [(s.left, str(s.value)) for s in read_solution(question, answer).steps]


def test_marks_become_exact_steps_with_what_follows_them() -> None:
    problem = read_solution(ROWS[0]["question"], ROWS[0]["answer"])
    assert [(s.left, int(s.value), s.tail) for s in problem.steps] == [
        ("48/2", 24, "cakes"),
        ("48+24", 72, "things in all"),
    ]
    assert problem.unit == "things"
    assert problem.steps[0].text == "There are 48/2 = 24 cakes."


@pytest.mark.parametrize(
    ("answer", "steps"),
    [
        ("3*4 = <<3*4=12>>12\nShe keeps 12-5 = 7 of them.\n#### 7", [("3*4", "12"), ("12-5", "7")]),
        ("It is 20*2 = <<40=40>>40\n#### 40", [("20*2", "40")]),
        ("<<30//3=10>>10\n#### 10", [("30/3", "10")]),
        ("8m + m = 27\nso 9m = 27, m = 3\n#### 3", [("27/9", "3")]),
        ("60% * 40% = 24%\n#### 24", [("60*40/100", "24")]),
        ("100% - 30% = 70%\n70% * 50% = 35%\n#### 35", [("100-30", "70"), ("70*50/100", "35")]),
        ("3/25 * 100% = 12%\n#### 12", [("3/25*100", "12")]),
    ],
)
def test_prose_fills_in_where_the_marks_stop_short(
    answer: str, steps: list[tuple[str, str]]
) -> None:
    assert lefts(answer) == steps


def test_a_tail_never_changes_the_number_before_it() -> None:
    problem = read_solution("How many?", "100-40 = <<100-40=60>>60 percent of all.\n#### 60")
    assert problem.steps[0].tail == ""


# --- seeds from a file ------------------------------------------------------------------


def test_any_row_can_be_read_alone(problem_file: Path) -> None:
    seeds = source(problem_file)
    assert seeds.size == len(ROWS) + 1
    backwards = [seeds.seed(i).data["answer"] for i in (1, 0)]
    assert backwards == ["900", "72"]
    assert seeds.seed(0).source == "problems.jsonl"
    assert (
        seeds.seed(1).data["numbers_key"] == "a coat costs # and is # off. how much does it cost?"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (2, "no_final_answer"),
        (3, "calculator_mark_wrong"),
        (4, "field_missing"),
        (5, "no_calculation"),
        (6, "final_answer_not_a_number"),
        (7, "calculator_mark_open"),
        (8, "calculator_mark_unreadable"),
        (9, "not_json"),
    ],
)
def test_a_bad_row_is_a_fault_with_its_reason(problem_file: Path, row: int, reason: str) -> None:
    with pytest.raises(SeedFault) as fault:
        source(problem_file).seed(row)
    assert fault.value.reason == reason


def test_rows_that_are_no_objects_are_faults(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([ROWS[0], 5]), encoding="utf-8")
    seeds = source(path)
    assert seeds.size == 2
    assert seeds.seed(0).data["answer"] == "72"
    with pytest.raises(SeedFault, match="field_missing"):
        seeds.seed(1)


def test_a_missing_file_names_its_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.jsonl") as error:
        source(tmp_path / "gone.jsonl")
    assert "seeds.with.path" in error.value.hint


@pytest.mark.parametrize("content", ["{", '{"question": "a"}'])
def test_a_json_file_must_hold_a_list(tmp_path: Path, content: str) -> None:
    path = tmp_path / "problems.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"problems\.json"):
        source(path)


def test_fields_can_be_mapped(tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    row = {"task": ROWS[0]["question"], "solution": ROWS[0]["answer"]}
    path.write_text(json.dumps(row), encoding="utf-8")
    assert source(path, question="task", answer="solution").seed(0).data["answer"] == "72"


@pytest.mark.parametrize("data", [{"pathh": "x"}, {"path": 5}, {"fields": {"questions": "q"}}])
def test_unknown_or_wrong_parameters_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ProblemSeeds.Params.model_validate(data)


def test_the_same_problem_has_the_same_id_and_the_digest_follows_the_file(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_text("\n".join(map(json.dumps, ROWS[:2])), encoding="utf-8")
    two.write_text("\n".join(map(json.dumps, ROWS[1::-1])), encoding="utf-8")
    assert source(one).seed(0).id == source(two).seed(1).id
    assert source(one).seed(0).id != source(one).seed(1).id
    assert source(one).digest() == source(one).digest() != source(two).digest()
    assert source().digest() != source(one).digest()


# --- our own problems -------------------------------------------------------------------

CONSTANTS = frozenset(map(Fraction, (2, 60, 100, 1000)))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_family_solves_its_own_problems_exactly(family: object) -> None:
    assert callable(family)
    wordings = defaultdict(set)
    for i in range(60):
        problem = family(stream(i, "family"))
        known = {n.value for n in find_numbers(problem.question)} | CONSTANTS
        known |= {Fraction(d) for n in list(known) for d in (n.numerator, n.denominator)}
        known |= {Fraction(part) for part in _digits(problem.question)}
        for step in problem.steps:
            expression = ex.parse(step.left)
            assert expression is not None
            assert ex.evaluate(expression) == step.value
            assert set(ex.numbers(expression)) <= known, (step.left, problem.question)
            known.add(step.value)
        assert problem.answer == problem.steps[-1].value > 0
        assert problem.question[-1] in "?."
        assert "  " not in problem.question
        wordings[problem.family].add(problem.question.split()[0:2].__str__())
    assert len(wordings) == 1
    assert all(len(openings) >= 3 for openings in wordings.values())


def _digits(text: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in text).split()


def test_there_are_many_families_and_no_end() -> None:
    seeds = source()
    assert seeds.size is None
    drawn = [seeds.seed(i) for i in range(400)]
    assert len({seed.data["family"] for seed in drawn}) == len(FAMILIES) >= 12
    assert len({seed.id for seed in drawn}) > 390
    assert {len(seed.data["gold"]) for seed in drawn} >= {1, 2, 3, 4}


@settings(max_examples=50)
@given(st.integers(0, 10**9))
def test_a_generated_seed_depends_on_its_number_alone(index: int) -> None:
    first, second = source(), source()
    second.seed(index + 1)
    assert first.seed(index) == second.seed(index)
    assert parse_number(first.seed(index).data["answer"]) is not None


def test_problems_that_differ_only_in_numbers_share_a_key() -> None:
    assert numbers_key("Ann has 3 pens and 1,200 books.") == numbers_key(
        "Ann has 12 pens and  75% books."
    )
    assert generate(Random(1)) == generate(Random(1))
