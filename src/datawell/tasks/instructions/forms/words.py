"""Letters and words: counting, spelling, sorting."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from random import Random

from datawell.core.lexicon import Lexicon
from datawell.tasks.instructions.forms.base import Exercise, Facts, Growth, listed, pick

_ASKS: dict[str, tuple[str, ...]] = {
    "letters": ('How many letters does the word "{word}" have?', 'Count the letters of "{word}".'),
    "vowels": (
        'How many vowels (a, e, i, o, u) are in the word "{word}"?',
        'Count the vowels a, e, i, o and u in "{word}".',
    ),
    "backwards": (
        'Spell the word "{word}" backwards.',
        'Which letters does "{word}" have from back to front?',
    ),
    "last": (
        'Which is the last letter of the word "{word}"?',
        'With which letter does "{word}" end?',
    ),
    "double": (
        'Does a letter occur twice in a row in "{word}"?',
        'Is there a double letter in the word "{word}"?',
    ),
}
_SORT = (
    "Put these words in alphabetical order: {words}.",
    "Sort the following words from A to Z: {words}.",
    "In which order would a dictionary list these words: {words}?",
    "Arrange {words} alphabetically.",
)
_BACK = ("Sort these words from Z to A: {words}.", "Put {words} in reverse alphabetical order.")
_SHORT = (
    "Sort these words by their length, the shortest first: {words}.",
    "Order {words} from the shortest word to the longest.",
)


@cache
def _nouns() -> tuple[str, ...]:
    return tuple(word for word in Lexicon.load("child").nouns if word.isalpha() and len(word) > 2)


def _answers(word: str) -> dict[str, tuple[str, str]]:
    """The answer to each question, as a sentence and as a short result."""
    vowels = sum(letter in "aeiou" for letter in word)
    double = next((a for a, b in pairwise(word) if a == b), "")
    back = "-".join(reversed(word))
    return {
        "letters": (f"The word {word} has {len(word)} letters.", str(len(word))),
        "vowels": (f"The number of vowels in {word} is {vowels}.", str(vowels)),
        "backwards": (f"Spelled backwards {word} is {back}.", back),
        "last": (f"The last letter of {word} is {word[-1]}.", word[-1]),
        "double": (
            f"Yes. The letter {double} is doubled in {word}."
            if double
            else f"No. There is no double letter in {word}.",
            "yes" if double else "no",
        ),
    }


def letters(name: str, facts: Facts, random: Random) -> Exercise:
    """A question about the letters of one word."""
    word, other = random.sample(_nouns(), 2)
    asked, more = random.sample(sorted(_ASKS), 2)
    ask = pick(_ASKS[asked], random, word=word)
    answer, result = _answers(word)[asked]
    growth = {
        "deepen": Growth(pick(_ASKS[more], random, word=word), (_answers(word)[more][0],)),
        "complicate_input": Growth(
            f'Answer the same for the word "{other}".', (_answers(other)[asked][0],)
        ),
        "increase_reasoning": Growth(
            "Write the letters of the word out one by one.", (f"Its letters are {'-'.join(word)}.",)
        ),
    }
    options = ("yes", "no") if asked == "double" else ()
    return Exercise("counting", ask, (answer,), False, result, options, growth)


def alphabet(name: str, facts: Facts, random: Random) -> Exercise:
    """Words to be sorted."""
    words = random.sample(_nouns(), random.randint(3, 7))
    ways: tuple[tuple[tuple[str, ...], Callable[[list[str]], list[str]]], ...] = (
        (_SORT, sorted),
        (_SORT, sorted),
        (_BACK, lambda found: sorted(found, reverse=True)),
        (_SHORT, lambda found: sorted(found, key=len)),
    )
    asked, order = random.choice(ways)
    if asked is _SHORT:
        words = list({len(word): word for word in words}.values())
        words = words if len(words) > 2 else ["bee", "house", "elephant"]
    ask = pick(asked, random, words=listed(words))
    done = order(words)
    points = tuple(word.capitalize() + "." for word in done)
    growth = {
        "increase_reasoning": Growth(
            "Say also which word comes first and which comes last.",
            (f"The first word is {done[0]} and the last is {done[-1]}.",),
        )
    }
    return Exercise("sorting", ask, points, True, " ".join(done), growth=growth)
