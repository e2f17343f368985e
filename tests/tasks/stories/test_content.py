"""The content of the built-in voice: complete, inside the vocabulary, true to its claims."""

import re
from pathlib import Path

import pytest

from datawell.core.errors import PlanFault, UsageError
from datawell.core.lexicon import Lexicon, words
from datawell.tasks.stories.grammar import CHOICE, FIELD, SLOT, compile_template, mend, sentence
from datawell.tasks.stories.library import DATA, library
from datawell.tasks.stories.world import World, actions

LIB = library()
CHILD = Lexicon.load("child")


def names(nodes: object, code: int) -> set[str]:
    found: set[str] = set()
    for kind, payload in nodes:  # type: ignore[attr-defined]
        if kind == code:
            found.add(payload)
        if kind == CHOICE:
            for option in payload:
                found |= names(option, code)
    return found


def always(nodes: object, slot: str) -> bool:
    """True when every expansion holds the slot."""
    return any(
        (kind == SLOT and payload == slot)
        or (kind == CHOICE and all(always(option, slot) for option in payload))
        for kind, payload in nodes  # type: ignore[attr-defined]
    )


def lemmas(source: str) -> set[str]:
    plain = re.sub(r"[{}|]", " ", re.sub(r"\$\w+|<\w+>", " ", source))
    return {lemma for word in words(plain) for lemma in CHILD.lemmas(word)}


def test_there_is_enough_of_it() -> None:
    assert len(LIB.families) >= 25
    assert len(LIB.topics) >= 15
    assert sum(len(beat.templates) for beat in LIB.beats.values()) >= 1000


def test_every_beat_is_an_action_and_can_be_said_without_quotes() -> None:
    for key, beat in LIB.beats.items():
        assert beat.action in actions(), key
        assert beat.templates, key
        assert beat.plain or "/speak" in key, key
        declared = set(actions()[beat.action].fields)
        needed = {name for fact in actions()[beat.action].needs for name in fact[1:]} & declared
        assert needed <= {name for name, _ in beat.fields}, key


def test_lexical_fields_exist() -> None:
    used = {
        field for b in LIB.beats.values() for t in b.templates for field in names(t.nodes, FIELD)
    }
    assert used <= LIB.fields.keys()


def test_objects_are_named_in_every_event_that_has_one() -> None:
    for key, beat in LIB.beats.items():
        for name, value in beat.fields:
            if name in ("object", "tool", "place") and value.startswith("$") and value != "$pl":
                assert all(always(t.nodes, value[1:]) for t in beat.templates), (key, name)


@pytest.mark.parametrize("family", LIB.families.values(), ids=lambda family: family.name)
def test_a_family_is_complete(family: object) -> None:
    for kind in ("problem", "route", "route-sad", "hint"):
        assert family.blocks.get(kind), kind  # type: ignore[attr-defined]
    for note in ("sum", "sumsad", "want", "lesson", "lesson sad"):
        assert family.note(note), note  # type: ignore[attr-defined]
    assert len(family.objects) >= 10  # type: ignore[attr-defined]
    for hint in family.blocks["hint"]:  # type: ignore[attr-defined]
        early, late = (set(part.split("+")) for part in hint.args)
        assert all(early & lemmas(t.source) for t in hint.beats[0].templates)
        problems = [b for b in family.blocks["problem"] if hint.args[1] in b.args]  # type: ignore[attr-defined]
        assert problems
        for block in problems:
            assert all(late & lemmas(t.source) for t in block.beats[0].templates), block.args


def test_all_content_is_inside_the_vocabulary() -> None:
    for path in sorted(DATA.rglob("*.txt")):
        if path.name == "actions.txt":
            continue
        for number, raw in enumerate(path.read_text().splitlines(), 1):
            line = raw.strip()
            if not line or line[0] in "#@" or line.startswith(("family ", "== ")):
                continue
            if re.match(r"(object|only|never|topics|needs|quiet): ", line):
                continue
            line = re.sub(r"^(let )?[\w ]+:", "", line)
            plain = re.sub(r"[{}|~!]", " ", re.sub(r"\$\w+|<\w+>|\[\d\]", " ", line))
            unknown = [word for word in words(plain) if not CHILD.allowed(word)]
            assert not unknown, f"{path.name}:{number}: {unknown}"


def test_content_files_stay_small() -> None:
    for path in Path(DATA).rglob("*.txt"):
        assert len(path.read_text().splitlines()) <= 400, path


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("a apple", "an apple"),
        ("A old  hat", "An old hat"),
        ("saw a unicorn and a egg", "saw a unicorn and an egg"),
        ("an bumpy knee and an old boat", "a bumpy knee and an old boat"),
        ("a useful hat , once", "a useful hat, once"),
    ],
)
def test_articles_and_spaces_are_mended(text: str, mended: str) -> None:
    assert mend(text) == mended


def test_a_clause_becomes_a_sentence() -> None:
    assert sentence("the hat fell") == "The hat fell."
    assert sentence('"no!" said Tom') == '"No!" said Tom.'
    assert sentence("it fell. the end") == "It fell. The end."


@pytest.mark.parametrize("bad", ["{a|b", "a}", "a|b}", "$", "a < b"])
def test_a_broken_template_is_refused(bad: str) -> None:
    with pytest.raises(UsageError):
        compile_template(bad, clause=True)


def test_the_world_refuses_what_cannot_be() -> None:
    world = World()
    world.do("appear", {"actor": "Lily", "kind": "girl"}, "test", 0)
    with pytest.raises(PlanFault, match="has Lily drum"):
        world.do("lose", {"of": "Lily", "object": "drum"}, "test", 0)
    world.do("own", {"actor": "Lily", "object": "drum"}, "test", 0)
    lost = world.do("lose", {"of": "Lily", "object": "drum"}, "test", 0)
    assert lost["because"] == [1, 2]
    with pytest.raises(PlanFault, match="has Lily drum"):
        world.do("give", {"actor": "Lily", "to": "Lily", "object": "drum"}, "test", 0)
    with pytest.raises(PlanFault, match="here farmer"):
        world.do("ask", {"actor": "Lily", "to": "farmer"}, "test", 0)
    with pytest.raises(PlanFault, match="solved"):
        world.do("rejoice", {"actor": "Lily"}, "test", 0)
    with pytest.raises(UsageError, match="no action"):
        world.do("teleport", {}, "test", 0)
