"""Drops an answer in which a model declines instead of answering."""

from __future__ import annotations

import re

from pydantic import Field as Bounded

from datawell.core import params
from datawell.core.records import Record, Span, Verdict

_BEGINS = re.compile(
    r"[\W_]*(?:"
    r"(?:(?:unfortunately|regrettably)\W+)?(?:i['’]?m|i am|we are|we['’]re)\s+"
    r"(?:(?:very|so|really|terribly)\s+)?(?:sorry\b|afraid\s+(?:that\s+)?i\b|unable\b|not able\b)"
    r"|sorry\W+(?:but\s+)?(?:i|we)\b"
    r"|(?:unfortunately\W+)?(?:i|we)\s+(?:cannot|can['’]?t|can not|won['’]?t|do not|don['’]?t)\s+"
    r"(?:help|assist|comply|fulfil+|provide|answer|access|feel comfortable)\b"
    r"|as an?\s+(?:ai|artificial intelligence|(?:large )?language model)\b"
    r")",
    re.IGNORECASE,
)


class Refusal:
    """An answer that begins by declining and is short is dropped with the reason ``refused``.

    After the elimination of failed evolutions in WizardLM (Xu et al. 2023, arXiv:2304.12244), where
    an answer that is sorry and has fewer than 80 words means that the instruction cannot be
    answered.
    """

    class Params(params.Params):
        """What is short."""

        max_words: int = Bounded(80, ge=1)
        """Longer texts are kept: after an apology they usually go on to answer."""

    name = "refusal"
    version = "1"

    def __init__(self, params: Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The evidence marks the words that decline."""
        found = _BEGINS.match(record.text)
        if found is None or len(record.text.split()) > self.params.max_words:
            return Verdict(self.name, True)
        said = Span(found.start(), found.end(), "declines")
        return Verdict(self.name, False, "refused", evidence=(said,), note=found.group().strip())
