"""The vocabulary check: closed, but it knows names and possessives."""

from datawell.checks.vocabulary import Vocabulary
from datawell.core.records import Lineage, Record

CHECK = Vocabulary(Vocabulary.Params())


def record(text: str, *names: str) -> Record:
    plan = {"characters": [{"name": name} for name in names]}
    return Record("1", text, plan, Lineage("f", "stories", 0, "s", "w"))


def test_a_childs_story_is_kept() -> None:
    verdict = CHECK.examine(record("Lily’s dog didn't run. The dogs ran!"))
    assert (verdict.keep, verdict.score) == (True, 1.0)


def test_unknown_words_are_shown_where_they_stand() -> None:
    text = "Lily met an economist in 1999."
    verdict = CHECK.examine(record(text))
    assert (verdict.keep, verdict.reason) == (False, "unknown words")
    assert [text[s.start : s.end] for s in verdict.evidence] == ["economist", "1999"]
    assert "economist" in verdict.note


def test_a_characters_name_is_known() -> None:
    text = "Bartleby's hat was red. Bartleby smiled."
    assert CHECK.examine(record(text, "Bartleby")).keep
    assert not CHECK.examine(record(text)).keep


def test_some_unknown_words_can_be_allowed() -> None:
    lenient = Vocabulary(Vocabulary.Params(most_unknown=1))
    assert lenient.examine(record("A quark sat.")).keep
    assert not lenient.examine(record("A quark met a boson.")).keep


def test_an_empty_text_is_dropped() -> None:
    assert CHECK.examine(record("...")).reason == "no words"
