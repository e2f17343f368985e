"""The template language of the built-in voice: small, compiled once, expanded fast.

``$slot`` is filled from the plan, ``{a|b|c}`` is a choice (choices nest, ``{a |}`` is optional),
``<field>`` draws from a lexical field. A template is a sentence, or a *clause* that the voice may
begin with a lead or fuse with the next clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from datawell.core.errors import UsageError

LITERAL, SLOT, CHOICE, FIELD = range(4)
Node = tuple[int, object]
_NEXT = re.compile(r"(?<=\. )[a-z]")
_VOWELS = frozenset("aeiou")
_PIECE = re.compile(r"\$([A-Za-z]\w*)|<([a-z_]+)>|([{|}])|([^$<{|}]+)")
_SILENT_H = ("hour", "honest")
_SAID_WITH_CONSONANT = ("use", "uni", "one ", "once")


@dataclass(frozen=True, slots=True)
class Template:
    """One compiled way to say something."""

    nodes: tuple[Node, ...]
    clause: bool
    quoted: bool
    source: str


def compile_template(source: str, *, clause: bool) -> Template:
    """Compile one template.

    Raises:
        UsageError: its braces do not match.
    """
    pieces = list(_PIECE.finditer(source))
    if "".join(piece.group(0) for piece in pieces) != source:
        raise UsageError(f"a template cannot be read: {source!r}")
    nodes, at = _sequence(pieces, 0, source)
    if at != len(pieces):
        raise UsageError(f"braces do not match in the template {source!r}")
    return Template(nodes, clause, '"' in source, source)


def _sequence(
    pieces: Sequence[re.Match[str]], at: int, source: str
) -> tuple[tuple[Node, ...], int]:
    nodes: list[Node] = []
    while at < len(pieces):
        slot, field, mark, text = pieces[at].groups()
        if mark in ("|", "}"):
            break
        if mark == "{":
            options: list[tuple[Node, ...]] = []
            while True:
                option, at = _sequence(pieces, at + 1, source)
                options.append(option)
                if at >= len(pieces):
                    raise UsageError(f"braces do not match in the template {source!r}")
                if pieces[at].group(3) == "}":
                    break
            nodes.append((CHOICE, tuple(options)))
        elif slot:
            nodes.append((SLOT, slot))
        elif field:
            nodes.append((FIELD, field))
        else:
            nodes.append((LITERAL, text))
        at += 1
    return tuple(nodes), at


@dataclass(slots=True)
class Expander:
    """Fills templates. ``banned`` holds words that a lexical field must not bring in."""

    slots: Mapping[str, str]
    fields: Mapping[str, tuple[str, ...]]
    random: Callable[[], float]
    banned: frozenset[str]

    def fill(self, nodes: Sequence[Node], out: list[str]) -> None:
        """Append the words of ``nodes`` to ``out``."""
        for code, payload in nodes:
            if code == LITERAL:
                out.append(payload)  # type: ignore[arg-type]
            elif code == SLOT:
                out.append(self.slots[payload])  # type: ignore[index]
            elif code == CHOICE:
                options: tuple[tuple[Node, ...], ...] = payload  # type: ignore[assignment]
                self.fill(options[int(self.random() * len(options))], out)
            else:
                out.append(self._draw(payload))  # type: ignore[arg-type]

    def _draw(self, field: str) -> str:
        words = self.fields[field]
        at = int(self.random() * len(words))
        for step in range(len(words)):
            word = words[(at + step) % len(words)]
            if word not in self.banned:
                return word
        return words[at]

    def text(self, nodes: Sequence[Node]) -> str:
        """The words of ``nodes`` as one string, spaces and articles mended."""
        out: list[str] = []
        self.fill(nodes, out)
        return mend("".join(out))


def mend(text: str) -> str:
    """One space between words, none before a stop, and ``an`` before a vowel alone."""
    if "  " in text:
        text = " ".join(text.split())
    if " ," in text or " ." in text or " :" in text:
        text = text.replace(" ,", ",").replace(" .", ".").replace(" :", ":")
    if " a " in text:
        head, *rest = text.split(" a ")
        text = head + "".join((" an " if _vowel(part) else " a ") + part for part in rest)
    if " an " in text:
        head, *rest = text.split(" an ")
        text = head + "".join((" an " if _vowel(part) else " a ") + part for part in rest)
    if text[:2] in ("a ", "A ") and _vowel(text[2:]):
        text = text[0] + "n" + text[1:]
    elif text[:3] in ("an ", "An ") and not _vowel(text[3:]):
        text = text[0] + text[2:]
    return text


def _vowel(text: str) -> bool:
    if text.startswith(_SILENT_H):
        return True
    return text[:1] in _VOWELS and not text.startswith(_SAID_WITH_CONSONANT)


def _raise(match: re.Match[str]) -> str:
    return match.group(0).upper()


def sentence(text: str) -> str:
    """A clause as a sentence: a capital at its head and a stop at its end."""
    text = text.strip()
    at = 1 if text[0] == '"' else 0
    text = text[:at] + text[at].upper() + text[at + 1 :]
    if ". " in text:
        text = _NEXT.sub(_raise, text)
    return text if text[-1] in '.!?"' else text + "."
