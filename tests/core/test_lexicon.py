"""The closed vocabulary: sizes, inflections, look-ups, and files that cannot be read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datawell.core.errors import UsageError
from datawell.core.lexicon import Lexicon, verb_forms, words

CHILD = Lexicon.load("child")


def test_child_has_the_size_of_a_childs_vocabulary() -> None:
    assert 1500 <= len(CHILD.base_words) <= 2000
    assert min(len(CHILD.nouns), len(CHILD.verbs), len(CHILD.adjectives)) > 300
    assert len(CHILD.tagged("name", "she")) > 70
    assert len(CHILD.tagged("name", "he")) > 70


@pytest.mark.parametrize(
    ("verb", "third", "ing", "past"),
    [
        ("stop", "stops", "stopping", "stopped"),
        ("open", "opens", "opening", "opened"),
        ("try", "tries", "trying", "tried"),
        ("play", "plays", "playing", "played"),
        ("fix", "fixes", "fixing", "fixed"),
        ("snow", "snows", "snowing", "snowed"),
        ("lie", "lies", "lying", "lay"),
        ("tiptoe", "tiptoes", "tiptoeing", "tiptoed"),
        ("agree", "agrees", "agreeing", "agreed"),
        ("forget", "forgets", "forgetting", "forgot"),
        ("prefer", "prefers", "preferring", "preferred"),
        ("go", "goes", "going", "went"),
        ("have", "has", "having", "had"),
        ("cut", "cuts", "cutting", "cut"),
        ("hop", "hops", "hopping", "hopped"),
        ("hope", "hopes", "hoping", "hoped"),
    ],
)
def test_verbs_are_inflected(verb: str, third: str, ing: str, past: str) -> None:
    assert CHILD.forms(verb, "verb")[:4] == (verb, third, ing, past)


def test_quick_doubles_not_its_u() -> None:
    assert verb_forms("quit")[2] == "quitting"


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("mouse", "mice"),
        ("cherry", "cherries"),
        ("box", "boxes"),
        ("leaf", "leaves"),
        ("toy", "toys"),
    ],
)
def test_nouns_are_inflected(noun: str, many: str) -> None:
    assert CHILD.forms(noun, "noun") == (noun, many)


@pytest.mark.parametrize(
    ("adjective", "forms"),
    [
        ("big", ("big", "bigger", "biggest")),
        ("happy", ("happy", "happier", "happiest")),
        ("brave", ("brave", "braver", "bravest")),
        ("good", ("good", "better", "best")),
        ("careful", ("careful",)),
    ],
)
def test_adjectives_are_compared(adjective: str, forms: tuple[str, ...]) -> None:
    assert CHILD.forms(adjective, "adjective") == forms


@pytest.mark.parametrize("token", ["Lily's", "dog’s", "MICE", "didn't", "was", "the", "running"])
def test_known_forms_are_allowed(token: str) -> None:
    assert CHILD.allowed(token)
    assert CHILD.lemmas(token)


@pytest.mark.parametrize("token", ["algorithm", "runned", "mouses", "7", "xyzzy's", ""])
def test_unknown_forms_are_not(token: str) -> None:
    assert not CHILD.allowed(token)
    assert CHILD.lemmas(token) == frozenset()


@given(st.sampled_from(CHILD.nouns + CHILD.verbs + CHILD.adjectives))
def test_every_form_leads_back_to_its_word(lemma: str) -> None:
    for pos in ("noun", "verb", "adjective"):
        if CHILD.entry(lemma, pos):
            for form in CHILD.forms(lemma, pos):
                assert CHILD.allowed(form)
                assert lemma in CHILD.lemmas(form)


@given(st.text())
def test_tokens_are_lower_case_words(text: str) -> None:
    assert all(token == token.lower() and " " not in token for token in words(text))


def test_words_keep_apostrophes() -> None:
    assert words("Don’t, said Lily's dog.") == ["don't", "said", "lily's", "dog"]


def test_a_folder_of_your_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("[noun toy]\nball+round # x\n[verb]\ngo=went,gone\n")
    mine = Lexicon.load(str(tmp_path))
    assert mine.nouns == ("ball",)
    assert mine.tags("ball", "noun") == {"toy", "round"}
    assert mine.forms("go", "verb") == ("go", "goes", "going", "went", "gone")
    assert mine.digest() != CHILD.digest()


@pytest.mark.parametrize(
    ("content", "said"),
    [("ball\n", "words before the first group"), ("[nuon]\nball\n", "no part of speech")],
)
def test_a_line_that_cannot_be_read(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(content)
    with pytest.raises(UsageError, match=said):
        Lexicon.load(str(path))


def test_no_such_lexicon_and_no_such_word() -> None:
    with pytest.raises(UsageError, match="no lexicon called"):
        Lexicon.load("grown_up")
    with pytest.raises(UsageError, match="no verb 'rnu'"):
        CHILD.forms("rnu", "verb")
