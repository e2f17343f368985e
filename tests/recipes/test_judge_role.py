"""The judge is a role like another, where a check asks one; another judge makes no row anew."""

from __future__ import annotations

import pytest

from datawell.core.errors import RecipeError
from datawell.pipeline.plan import blueprint, read_recipe
from datawell.recipes.fingerprint import Fingerprint
from datawell.recipes.load import load_recipe

JUDGED = "checks=[length, story_grades]"


def prints(*overrides: str, teacher: str | None = None) -> Fingerprint:
    found = read_recipe("stories", overrides=["student=null", *overrides], teacher=teacher)
    return blueprint(found).fingerprint


def test_a_recipe_with_a_judge_check_has_a_judge() -> None:
    assert load_recipe("stories", [JUDGED]).teachers == {"writer": "builtin", "judge": "builtin"}
    assert load_recipe("stories").teachers == {"writer": "builtin"}


def test_a_judge_nobody_asks_is_a_mistake() -> None:
    with pytest.raises(RecipeError, match="no check here asks a judge"):
        load_recipe("stories", ["teachers.judge=builtin"])


def test_an_unknown_check_is_named_and_the_judge_is_not_blamed() -> None:
    with pytest.raises(RecipeError, match="storygrades") as caught:
        load_recipe("stories", ["teachers.judge=builtin", "checks=[storygrades]"])
    assert "asks a judge" not in str(caught.value)


def test_a_mistyped_judge_is_told_so() -> None:
    with pytest.raises(RecipeError, match="did you mean 'judge'"):
        load_recipe(
            "stories", ["teachers={writer: builtin, jugde: builtin, judge: builtin}", JUDGED]
        )


def test_another_judge_changes_the_checks_and_not_the_rows() -> None:
    plain, judged = prints("checks=[length]"), prints(JUDGED)
    other = prints(JUDGED, teacher="judge=http://127.0.0.1:9/v1#m")
    assert plain.generation == judged.generation == other.generation
    assert len({plain.checks, judged.checks, other.checks}) == 3


def test_another_writer_changes_the_rows_and_not_the_checks() -> None:
    one, two = prints(JUDGED), prints(JUDGED, teacher="writer=http://127.0.0.1:9/v1#m")
    assert one.generation != two.generation
    assert one.checks == two.checks


def test_one_teacher_for_every_role_is_the_judge_too() -> None:
    found = blueprint(
        read_recipe(
            "stories", overrides=["student=null", JUDGED], teacher="http://127.0.0.1:9/v1#m"
        )
    )
    assert found.teachers["judge"] == found.teachers["writer"]
