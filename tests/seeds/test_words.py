"""Word seeds: endless, random access, three different words of the vocabulary."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import UsageError
from datawell.core.lexicon import Lexicon
from datawell.seeds.words import WordSeeds

SEEDS = WordSeeds(WordSeeds.Params(), 7)
CHILD = Lexicon.load("child")


@given(st.integers(0, 10**9))
def test_each_seed_is_a_triple_and_stands_alone(index: int) -> None:
    seed = SEEDS.seed(index)
    assert seed.data["noun"] in CHILD.nouns
    assert seed.data["verb"] in CHILD.verbs
    assert seed.data["adjective"] in CHILD.adjectives
    assert len(set(seed.data.values())) == 3
    assert seed == WordSeeds(WordSeeds.Params(), 7).seed(index)


def test_there_is_no_end_and_ids_are_unique() -> None:
    assert SEEDS.size is None
    assert len({SEEDS.seed(i).id for i in range(200)}) == 200


def test_another_root_gives_other_words() -> None:
    other = WordSeeds(WordSeeds.Params(), 8)
    assert [SEEDS.seed(i).data for i in range(20)] != [other.seed(i).data for i in range(20)]


def test_the_digest_follows_the_vocabulary(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("[noun]\nball\n[verb]\nrun=ran,run\n[adjective]\nred\n")
    mine = WordSeeds(WordSeeds.Params(vocabulary=str(path)), 7)
    assert mine.seed(3).data == {"noun": "ball", "verb": "run", "adjective": "red"}
    assert mine.digest() != SEEDS.digest()


def test_a_vocabulary_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no lexicon called"):
        WordSeeds(WordSeeds.Params(vocabulary="nowhere"), 1)


def test_a_vocabulary_without_verbs(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("[noun]\nball\n")
    with pytest.raises(UsageError, match="no verb"):
        WordSeeds(WordSeeds.Params(vocabulary=str(path)), 1)
