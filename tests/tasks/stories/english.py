"""What the second reader of the stories knows of English: words, their forms, sentences.

Its own tables, written from a grammar and none of the package's word lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


def each(words: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(words.split())


# Irregular words, one a line: base form first. Only what rules of spelling cannot derive.
_IRREGULAR = """
be am is are was were been|have has had|do does did done|go went gone|say said|see saw seen
get got gotten|give gave given|take took taken|find found|lose lost|stick stuck|hang hung
fall fell fallen|forget forgot forgotten|break broke broken|bring brought|buy bought|catch caught
teach taught|think thought|seek sought|fight fought|hold held|keep kept|sleep slept|sweep swept
creep crept|weep wept|leave left|feel felt|kneel knelt|deal dealt|dream dreamt|mean meant
meet met|feed fed|lead led|read|speed sped|bleed bled|breed bred|light lit|sit sat|spit spat
win won|run ran|begin began begun|swim swam swum|ring rang rung|sing sang sung|drink drank drunk
sink sank sunk|shrink shrank shrunk|spring sprang sprung|swing swung|sting stung|spin spun
dig dug|strike struck|write wrote written|ride rode ridden|drive drove driven|rise rose risen
shine shone|bite bit bitten|hide hid hidden|slide slid|choose chose chosen|freeze froze frozen
speak spoke spoken|steal stole stolen|wake woke woken|wear wore worn|tear tore torn
swear swore sworn|bear bore born|blow blew blown|grow grew grown|know knew known
throw threw thrown|fly flew flown|draw drew drawn|eat ate eaten|shake shook shaken|hear heard
stand stood|understand understood|tell told|sell sold|come came|become became|make made|pay paid
lay laid|lie lay lain lying|build built|bend bent|lend lent|send sent|spend spent|shoot shot
cut|put|set|let|hit|hurt|shut|spread|cost|burst|split|quit|tie tying|die dying|burn burnt
learn learnt|spell spelt|smell smelt|spill spilt|leap leapt|lean leant|cling clung|fling flung
foot feet|tooth teeth|mouse mice|goose geese|man men|woman women|child children|ox oxen
knife knives|wife wives|life lives|leaf leaves|loaf loaves|half halves|shelf shelves|wolf wolves
elf elves|calf calves|scarf scarves|thief thieves|hoof hooves|good better best well|bad worse worst
little less least|many more most|far farther further farthest furthest|sew sewn|show shown|saw sawn
can could|will would|shall should|may might|fix|mix|wed|bet|rid|cast|thrust|grind ground|wind wound
bind bound|forgive forgave forgiven|overhear overheard|arise arose|weave wove woven|sheep|deer|fish
"""

FAMILY = (
    "mom|mother|dad|father|grandma|grandpa|grandmother|grandfather|aunt|uncle|sister|brother|cousin"
)
PEOPLE = each(
    "mom mother dad father grandma grandpa grandmother grandfather aunt uncle sister brother "
    "cousin king queen man woman boy girl lady mailman stranger cat dog singer baby family farmer "
    "baker gardener tailor teacher neighbor doctor nurse guard captain sailor cook painter "
    "shepherd magician janitor fisherman ranger builder plumber cobbler miller potter clown driver "
    "vet librarian carpenter beekeeper guide lifeguard pirate hen goose cow horse bird"
)
FIRST_NAMES = each(
    "Anna Amy Ben Bob Alice Ellen Emma Eric Frank George Grace Jane John Kim Lucas Maria Mark "
    "Martha Mary Nancy Pam Patrick Pete Roger Susan Sue Tim Tom Zelda Zoe Lily Mia Max Leo"
)
_MONTHS = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December Christmas Easter"
)
CAPITAL_WORDS = frozenset(["I", "Mr", "Mrs", "Miss", "Bang", *_MONTHS.split()])
SMALL = each("a an the of in on at to up and his her their some")

# The words by which a reader sees that an event of this kind is told; one of them, in any form.
VOICED = {
    "lose": "lose go nowhere empty vanish missing disappear",
    "fall": "fall drop fly send roll sink splash slip bounce go slide",
    "take": "take snatch grab steal run race hurry",
    "forget": "forget leave behind",
    "lock": "lock shut close key",
    "break": "break crack snap tear",
    "soil": "mud muddy dirty stain ink jam gravy soup chocolate sauce drip spill paint dust juice",
    "find": "find discover see spot",
    "recover": "get take have catch grab bring give free pick trade pull carry fish reach lift "
    "there lie dry still right safe scoop",
    "mend": "mend fix repair whole glue",
    "clean": "clean wash rinse",
    "give": "give hand lend get bring lay put return have hold open leave take pass",
    "quarrel": "argue quarrel fight shout",
    "clash": "grab pull push share fight",
    "make_up": "sorry laugh hug agree shake take smile friend silly share forgive make",
    "suffer": "sick ill pale cough sneeze shiver hungry eat hurt dry drip leak wet storm wind dark "
    "night lose alone mother cold tear down fever hole new",
    "learn": "learn know understand remember forget say",
}
HAPPY = each(
    "happy glad joy laugh smile proud warm dance sing hum whistle cheer merry best fine good "
    "friend great wonderful grin giggle bright delight sweet fun skip hop clap love shine light"
)
SAD = each("sad cry sigh tear alone empty sorry lonely weep sob grief unhappy heavy")
GENDER = dict.fromkeys(each("he him his himself"), "he") | dict.fromkeys(
    each("she her hers herself"), "she"
)
TOGETHER = each("they them their both friends two all together everyone each")
HOLDS = each(
    "hold carry hug keep wave wear use play give hand lend show put set kiss squeeze lift have "
    "clutch polish ride eat raise drop pack bring wash fold shake open"
)
UNREAL = each("not no never without to could would can't couldn't if no-one nobody none instead")


@dataclass(frozen=True)
class Token:
    """A word as written, and where it begins."""

    word: str
    at: int

    @property
    def lower(self) -> str:
        return self.word.lower()


def tokens(text: str) -> list[Token]:
    """The words of a text; an apostrophe or a hyphen inside a word belongs to it."""
    found = re.finditer(r"[A-Za-z0-9]+(?:['\u2019-][A-Za-z]+)*", text)
    return [Token(match.group(), match.start()) for match in found]


def _irregular() -> dict[str, set[str]]:
    table: dict[str, set[str]] = {}
    for entry in _IRREGULAR.replace("\n", "|").split("|"):
        base, *forms = entry.split() or [""]
        for form in forms:
            table.setdefault(form, set()).add(base)
    return table


_FORMS = _irregular()
_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("ier", "y"), ("iest", "y"), ("ily", "y"), ("ves", "f"),
    ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""),
    ("er", "e"), ("est", ""), ("est", "e"), ("ly", ""), ("ly", "le"), ("ying", "ie"),
)  # fmt: skip


@cache
def bases(word: str) -> frozenset[str]:
    """Every word that ``word`` may be a form of, by the rules of English spelling."""
    word = re.sub(r"['\u2019](s|d|ll|ve|re|m)?$", "", word.lower())
    found = {word, *_FORMS.get(word, ())}
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word[: -len(ending)]
            found.add(stem + instead)
            if not instead and len(stem) > 2 and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return frozenset(found)


def forms_in(text: str) -> frozenset[str]:
    """The base forms of all words of a text, and the words themselves."""
    return frozenset(base for token in tokens(text) for base in bases(token.word))


def has(text: str, phrase: str) -> bool:
    """Whether all content words of ``phrase`` are in the text, in any form."""
    there = forms_in(text)
    wanted = [token.lower for token in tokens(phrase) if token.lower not in SMALL]
    return all(word in there or bases(word) & there for word in wanted)


def unquoted(text: str) -> str:
    """The text with everything between quotation marks blanked; all places stay."""
    return re.sub(r'"[^"]*"', lambda match: " " * len(match.group()), text)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text with their places."""
    for match in re.finditer(r'\S.*?(?:[.!?]+"?(?=\s|$)|(?=\n)|$)', text):
        yield match.start(), match.group()
