"""Which words, letters and marks an answer has, and in which case and language they are."""

from __future__ import annotations

import re
import unicodedata

from datawell.checks.verifiers.base import Arguments, held, occurrences, related, verifies, words
from datawell.checks.verifiers.languages import spoken, written_in


@verifies("keywords")
def _keywords(text: str, args: Arguments) -> str:
    missing = [word for word in args["words"] if not occurrences(text, word)]
    return held(not missing, f"missing: {', '.join(missing)}")


@verifies("keyword_frequency")
def _keyword_frequency(text: str, args: Arguments) -> str:
    found = occurrences(text, args["word"])
    return related(found, args["relation"], args["count"], f"times {args['word']!r}")


@verifies("forbidden_words")
def _forbidden_words(text: str, args: Arguments) -> str:
    found = [word for word in args["words"] if occurrences(text, word)]
    return held(not found, f"used: {', '.join(found)}")


@verifies("letter_frequency")
def _letter_frequency(text: str, args: Arguments) -> str:
    letter = args["letter"].casefold()
    found = text.casefold().count(letter)
    return related(found, args["relation"], args["count"], f"times the letter {letter!r}")


@verifies("language")
def _language(text: str, args: Arguments) -> str:
    return spoken(text, args["language"])


@verifies("script")
def _script(text: str, args: Arguments) -> str:
    return written_in(text, args["script"])


@verifies("capital_words")
def _capital_words(text: str, args: Arguments) -> str:
    found = sum(word.isupper() and sum(map(str.isalpha, word)) > 1 for word in words(text))
    return related(found, args["relation"], args["count"], "words in capitals")


@verifies("upper_case")
def _upper_case(text: str, args: Arguments) -> str:
    if not any(map(str.isalpha, text)):
        return "no letters"
    return held(not any(map(str.islower, text)), "small letters")


@verifies("lower_case")
def _lower_case(text: str, args: Arguments) -> str:
    if not any(map(str.isalpha, text)):
        return "no letters"
    # Titlecase letters (ǅ) are capitals too.
    return held(not any(c.isupper() or c.istitle() for c in text), "capital letters")


@verifies("no_comma")
def _no_comma(text: str, args: Arguments) -> str:
    return held(not re.search("[,،、，﹐﹑､]", text), "a comma")


@verifies("no_digits")
def _no_digits(text: str, args: Arguments) -> str:
    found = sum(unicodedata.category(character) == "Nd" for character in text)
    return held(not found, f"{found} digits")


@verifies("forbidden_marks")
def _forbidden_marks(text: str, args: Arguments) -> str:
    found = [mark for mark in args["marks"] if mark in text]
    return held(not found, f"used: {' '.join(found)}")
