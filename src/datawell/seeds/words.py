"""Endless seeds for stories: a required noun, verb and adjective from a closed vocabulary.

The random triple, not the temperature, is what keeps stories apart (TinyStories, Eldan and Li
2023, arXiv 2305.07759, section 2).
"""

from __future__ import annotations

from datawell.core.errors import SeedFault, UsageError
from datawell.core.lexicon import Lexicon
from datawell.core.params import Params
from datawell.core.randomness import stream
from datawell.core.records import Seed, digest

_DRAWS = 1000


class WordSeeds:
    """Seed number ``i`` is the i-th random triple of the root seed; there is no end."""

    class Params(Params):
        """What the triples are drawn from."""

        vocabulary: str = "child"
        """A shipped lexicon's name, or a file or folder of word lists."""

    def __init__(self, params: WordSeeds.Params, root_seed: int) -> None:
        """Load the lexicon; see :meth:`Lexicon.load` for what can go wrong."""
        self.params = params
        self._root = root_seed
        self._lexicon = Lexicon.load(params.vocabulary)
        self._nouns = self._lexicon.nouns
        self._adjectives = self._lexicon.adjectives
        # Auxiliaries are in every story anyway and make no task.
        helpers = set(self._lexicon.tagged("verb", "helper"))
        self._verbs = tuple(verb for verb in self._lexicon.verbs if verb not in helpers)

        triple = zip(
            ("noun", "verb", "adjective"),
            (self._nouns, self._verbs, self._adjectives),
            strict=True,
        )
        for part, found in triple:
            if not found:
                raise UsageError(
                    f"the vocabulary {params.vocabulary!r} has no {part} to draw",
                    hint=f"add a [{part}] group to it",
                )

    @property
    def size(self) -> int | None:
        """None: triples never run out."""
        return None

    def seed(self, index: int) -> Seed:
        """Seed number ``index``: ``data`` holds noun, verb and adjective, three different words."""
        random = stream(self._root, "seeds.words", index)
        for _ in range(_DRAWS):
            noun = random.choice(self._nouns)
            verb = random.choice(self._verbs)
            adjective = random.choice(self._adjectives)
            if len({noun, verb, adjective}) == 3:
                break
        else:
            raise SeedFault("no triple", detail="noun, verb and adjective are always the same word")
        return Seed(
            id=f"words-{index}",
            source=f"words:{self.params.vocabulary}",
            data={"noun": noun, "verb": verb, "adjective": adjective},
        )

    def digest(self) -> str:
        """A hash of the vocabulary; the root seed is in the fingerprint already."""
        return digest("words", self._lexicon.digest())
