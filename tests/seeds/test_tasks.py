"""Seed tasks, topics and personas: shipped ones, and files of the user."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datawell.core.errors import UsageError
from datawell.seeds.instruction_tasks.topics import SHIPPED, read_topics
from datawell.seeds.tasks import TaskSeeds


def source(params: dict[str, object] | None = None, root: int = 0) -> TaskSeeds:
    return TaskSeeds(TaskSeeds.Params.model_validate(params or {}), root)


SOURCE = source()
TOPICS = read_topics(SHIPPED)


def test_the_shipped_tree_is_broad() -> None:
    domains = Counter(topic.domain for topic in TOPICS)
    assert len(domains) >= 10
    assert min(domains.values()) >= 10
    assert len({topic.id for topic in TOPICS}) == len(TOPICS) >= 150


def test_the_shipped_facts_are_whole() -> None:
    for topic in TOPICS:
        facts = topic.facts
        told = [value for value in facts.values() if isinstance(value, str)]
        assert all(facts.values()), topic.name
        if "how" in facts:
            assert len(facts["steps"]) >= 4, topic.name
            assert all(step.endswith(".") and step[0].isupper() for step in facts["steps"])
        elif "about" in facts:
            aspects = {"what", "works", "use", "example", "care", "past"} & set(facts)
            assert len(aspects) >= 5, topic.name
            assert all(facts[key].endswith(".") and facts[key][0].isupper() for key in aspects)
        elif "table" in facts:
            assert len(facts["rows"]) >= 8, topic.name
            assert len({row[0] for row in facts["rows"]}) == len(facts["rows"]), topic.name
        else:
            assert "skill" in facts, topic.name
        assert not any('"' in text or "|" in text or "*" in text for text in told), topic.name


@given(index=st.integers(0, 10_000))
@settings(max_examples=30)
def test_a_seed_needs_none_before_it(index: int) -> None:
    seed = SOURCE.seed(index)
    assert source().seed(index) == seed
    data = seed.data
    assert len(data["tasks"]) == 3
    assert data["sibling"]["domain"] == data["topic"]["domain"]
    assert data["sibling"]["name"] != data["topic"]["name"]
    assert data["persona"]
    json.dumps(dict(data))


def test_every_topic_comes_as_often_as_its_weight_in_a_round() -> None:
    size = sum(topic.weight for topic in TOPICS)
    for number in range(2):
        dealt = Counter(
            SOURCE.seed(at).data["topic"]["name"]
            for at in range(number * size, (number + 1) * size)
        )
        wanted: Counter[str] = Counter()
        for topic in TOPICS:
            wanted[topic.name] += topic.weight
        assert dealt == wanted


def test_one_topic_is_one_seed() -> None:
    ids = {SOURCE.seed(at).data["topic"]["name"]: SOURCE.seed(at).id for at in range(400)}
    again = {SOURCE.seed(at).data["topic"]["name"]: SOURCE.seed(at).id for at in range(400, 800)}
    assert ids.keys() & again.keys()
    assert all(ids[name] == again[name] for name in ids.keys() & again.keys())


def test_there_is_no_end_and_the_root_matters() -> None:
    assert SOURCE.size is None
    assert [source(root=1).seed(at) for at in range(5)] != [SOURCE.seed(at) for at in range(5)]


def own(tmp_path: Path, tasks: str, topics: str = "", personas: str = "") -> TaskSeeds:
    params: dict[str, object] = {}
    for name, text in (("path", tasks), ("topics", topics), ("personas", personas)):
        if text:
            (tmp_path / name).write_text(text, encoding="utf-8")
            params[name] = str(tmp_path / name)
    return source(params)


def test_files_of_the_user(tmp_path: Path) -> None:
    found = own(
        tmp_path,
        '{"instruction": " Do it. ", "category": "doing"}\n\n{"instruction": "Do more."}\n',
        "domain: mine\ntopic: one\nabout: one\n# a comment\ntopic: two\n",
        "a tester\n",
    ).seed(0)
    assert {"instruction": "Do it.", "category": "doing"} in found.data["tasks"]
    assert {"instruction": "Do more.", "category": ""} in found.data["tasks"]
    assert {found.data["topic"]["name"], found.data["sibling"]["name"]} == {"one", "two"}
    assert found.data["persona"] == "a tester"


def test_a_lonely_topic_is_its_own_sibling(tmp_path: Path) -> None:
    seed = own(tmp_path, '{"instruction": "Do it."}', "topic: alone\n").seed(3)
    assert seed.data["sibling"]["name"] == "alone"


def test_the_digest_covers_every_file(tmp_path: Path) -> None:
    parts = ('{"instruction": "Do it."}', "topic: one\n", "a tester")
    others = ('{"instruction": "Do that."}', "topic: one\nabout: one\n", "a taster")
    digests = {SOURCE.digest(), own(tmp_path, *parts).digest()}
    for at in range(3):
        changed = (*parts[:at], others[at], *parts[at + 1 :])
        digests.add(own(tmp_path, *changed).digest())
    assert len(digests) == 5
    assert source({"examples": 2}).digest() not in digests


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ("not json", "task 1: not JSON"),
        ('{"instruction": "Do."}\n{"task": "x"}', "task 2: no text under 'instruction'"),
        ('{"instruction": "  "}', "no text under 'instruction'"),
        ("[1]", "no text under 'instruction'"),
        ('{"instruction": "Do.", "category": 3}', "'category' is not a text"),
        ("\n  \n", "is empty"),
    ],
)
def test_bad_seed_tasks(tmp_path: Path, tasks: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        own(tmp_path, tasks)


@pytest.mark.parametrize(
    ("topics", "said"),
    [
        ("domain: mine\n", "holds no topic"),
        ("about: tea\n", "topics:1: cannot read"),
        ("topic: tea\nno key here\n", "topics:2: cannot read"),
        ("topic: tea\n= a | b\n", "topics:2: cannot read"),
        ("topic: tea\ncolumns: a #\n= tea | many\n", "topics:3: cannot read"),
        ("topic: tea\ncolumns: a | b\n= tea | one\n", "topics:3: cannot read"),
        ("topic: tea\nweight: 0\n", "topics:2: cannot read"),
        ("topic: tea\nweight: lots\n", "topics:2: cannot read"),
        ("topic: tea\nsteps: all\n", "topics:2: cannot read"),
    ],
)
def test_bad_topics(tmp_path: Path, topics: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        own(tmp_path, '{"instruction": "Do it."}', topics)


@pytest.mark.parametrize("name", ["path", "topics", "personas"])
def test_a_missing_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="nothing"):
        source({name: str(tmp_path / "nothing")})
