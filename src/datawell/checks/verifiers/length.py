"""How much an answer holds: words, sentences, lines, characters."""

from __future__ import annotations

from datawell.checks.verifiers.base import (
    Arguments,
    held,
    lines,
    related,
    sentences,
    verifies,
    words,
)


@verifies("words")
def _number_of_words(text: str, args: Arguments) -> str:
    return related(len(words(text)), args["relation"], args["count"], "words")


@verifies("sentences")
def _number_of_sentences(text: str, args: Arguments) -> str:
    return related(len(sentences(text)), args["relation"], args["count"], "sentences")


@verifies("sentence_length")
def _sentence_length(text: str, args: Arguments) -> str:
    longest = max((len(words(sentence)) for sentence in sentences(text)), default=0)
    return related(longest, "at most", args["count"], "words in one sentence")


@verifies("characters")
def _characters(text: str, args: Arguments) -> str:
    return related(len(text.strip()), "at most", args["count"], "characters")


@verifies("lines")
def _number_of_lines(text: str, args: Arguments) -> str:
    found = len(lines(text))
    return held(found > 0, "no lines") or related(found, "exactly", args["count"], "lines")
