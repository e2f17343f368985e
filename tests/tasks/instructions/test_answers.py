"""The built-in answers are right: a second reader works them out from the question alone."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random

import pytest

from datawell.core.lexicon import Lexicon
from datawell.core.randomness import stream
from datawell.seeds.instruction_tasks.topics import SHIPPED, Topic, read_topics
from datawell.tasks.instructions.forms import (
    SKILLS,
    exercise,
    forms_of,
    messages,
    sentences,
    tables,
    words,
)
from datawell.tasks.instructions.forms.base import Exercise, Form

TOPICS = read_topics(SHIPPED)
TABLES = [topic for topic in TOPICS if "rows" in topic.facts]


def drawn(form: Form) -> list[tuple[Topic, Exercise]]:
    """Six exercises of one form on every table that allows it."""
    found = [
        (topic, form(topic.name, topic.facts, stream(0, form.__name__, topic.name, at)))
        for topic in TABLES
        if form in forms_of(topic.facts)
        for at in range(6)
    ]
    assert len(found) >= 30
    return found


def column(topic: Topic, ask: str) -> int:
    """The column that a question names: the longest title in it."""
    titles = [title.removesuffix("#").strip() for title in topic.facts["columns"]]
    named = [title for title in titles if title in ask]
    return titles.index(max(named, key=len)) + 1


def asked_rows(topic: Topic, ask: str) -> list[list[str]]:
    """The rows whose names stand in the list of the question."""
    names = sorted((row[0] for row in topic.facts["rows"]), key=len, reverse=True)
    found: dict[str, int] = {}
    rest = ask
    for name in names:
        match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", rest)
        if match:
            found[name] = match.start()
            rest = rest[: match.start()] + "#" * len(name) + rest[match.end() :]
    rows = {row[0]: row for row in topic.facts["rows"]}
    return [rows[name] for name in sorted(found, key=found.__getitem__)]


def test_sorting() -> None:
    for topic, made in drawn(tables.sort):
        at = column(topic, made.ask)
        falling = bool(re.search("falling|largest first|latest first", made.ask))
        rows = asked_rows(topic, made.ask)
        order = sorted(rows, key=lambda row: float(row[at]), reverse=falling)
        assert len(rows) == len(made.points) >= 3
        for row, point in zip(order, made.points, strict=True):
            assert point.endswith(f"comes {row[0]}.")


def test_the_largest_and_the_smallest() -> None:
    for topic, made in drawn(tables.extreme):
        at = column(topic, made.ask)
        rows = asked_rows(topic, made.ask)
        choose = max if re.search("largest|latest", made.ask) else min
        best = choose(rows, key=lambda row: float(row[at]))
        assert made.result == best[0]
        assert sorted(made.options) == sorted(row[0] for row in rows)


def test_which_and_how_many() -> None:
    for form in (tables.which, tables.how_many):
        for topic, made in drawn(form):
            at = column(topic, made.ask)
            value = re.findall('"(.*?)"', made.ask)[0]
            fit = [row[0] for row in asked_rows(topic, made.ask) if row[at] == value]
            if form is tables.which:
                assert [point.removesuffix(" fits.").lower() for point in made.points] == [
                    name.lower() for name in fit
                ]
            else:
                assert made.result == ("no", "one", "two", "three")[len(fit)]


def test_the_odd_one_out() -> None:
    for topic, made in drawn(tables.odd_one_out):
        at = column(topic, made.ask)
        rows = asked_rows(topic, made.ask)
        values = [row[at] for row in rows]
        assert [row[0] for row in rows if values.count(row[at]) == 1] == [made.result]


def test_looking_up_and_comparing() -> None:
    for topic, made in drawn(tables.look_up):
        (row,) = asked_rows(topic, made.ask)
        assert made.result == row[column(topic, made.ask)]
    for topic, made in drawn(tables.compare):
        one, other = asked_rows(topic, made.ask)
        for at, point in enumerate(made.points, 1):
            assert re.search(f"is {re.escape(one[at])} .*is {re.escape(other[at])}\\.?$", point)


@pytest.mark.parametrize("row", range(120))
def test_letters_and_words(row: int) -> None:
    made = words.letters("", {}, stream(0, "letters", row))
    word = re.findall('"(.*?)"', made.ask)[0]
    if "vowel" in made.ask:
        assert made.result == str(len(re.findall("[aeiou]", word)))
    elif "backwards" in made.ask or "front" in made.ask:
        assert made.result.replace("-", "") == word[::-1]
    elif "last letter" in made.ask or "end?" in made.ask:
        assert made.result == word[-1]
    elif "double" in made.ask or "twice" in made.ask:
        assert made.result == ("yes" if any(a == b for a, b in pairwise(word)) else "no")
    else:
        assert made.result == str(len(word))


@pytest.mark.parametrize("row", range(80))
def test_alphabetical_order(row: int) -> None:
    made = words.alphabet("", {}, stream(0, "alphabet", row))
    order = made.result.split()
    assert all(word in made.ask for word in order)
    if "length" in made.ask or "shortest" in made.ask:
        assert [len(word) for word in order] == sorted({len(word) for word in order})
    else:
        back = bool(re.search("Z to A|reverse", made.ask))
        assert order == sorted(order, reverse=back)


@pytest.mark.parametrize("row", range(80))
def test_sentences_are_changed_and_stay_themselves(row: int) -> None:
    lexicon = Lexicon.load("child")
    for form in (sentences.tenses, sentences.turns):
        made = form("", {}, stream(0, "rewrite", row))
        before = re.findall('"(.*?)"', made.ask)
        assert len(before) == len(made.points)
        for old, new in zip(before, made.points, strict=True):
            assert old != new
            kept = old.removesuffix(".").split()[3:]
            assert new.rstrip(".?").split()[-len(kept) :] == kept
            if "question" in made.ask:
                assert new.startswith("Does the ")
                assert new.endswith("?")
            if "not" in made.ask.split('"')[0] or "negative" in made.ask:
                assert " does not " in new
            if "will" in made.ask.split('"')[0]:
                assert " will " in new
            verb = old.split()[2]
            if "past tense" in made.ask and lexicon.lemmas(verb):
                assert lexicon.lemmas(new.split()[2]) & lexicon.lemmas(verb)


@pytest.mark.parametrize("row", range(60))
def test_notes_are_read_and_invitations_are_complete(row: int) -> None:
    read = messages.note("", {}, stream(0, "note", row))
    text = max(re.findall('"(.*?)"', read.ask), key=len)
    for point in read.points:
        label, _, value = point.removesuffix(".").partition(": ")
        assert label in ("Who", "What", "When", "Time", "Where")
        assert value in text
    made = messages.invitation("", {}, stream(0, "invitation", row))
    told = " ".join(made.points)
    for part in re.findall(r"[A-Z]\w+day|[A-Z]\w+ (?:Park|Street)", made.ask):
        assert part in told


def test_growth_adds_to_the_question_and_to_the_answer() -> None:
    for at, topic in enumerate(TOPICS):
        made = exercise(topic.name, topic.facts, Random(at))
        for operator, growth in made.growth.items():
            after = made.grown(operator)
            assert after.ask == f"{made.ask} {growth.ask}"
            assert set(after.points) == {*made.points, *growth.points}
            assert operator not in after.growth
        assert made.grown("breadth") is made


def test_every_skill_is_in_the_tree_and_the_other_way_round() -> None:
    named = {topic.facts["skill"] for topic in TOPICS if "skill" in topic.facts}
    assert named == set(SKILLS)


def test_a_topic_nothing_is_known_of_gets_a_skill() -> None:
    made = exercise("the moons of Jupiter", {}, Random(0))
    assert made.points
    assert len(forms_of({})) == sum(len(forms) for forms in SKILLS.values())
