"""A second reader of the stories: reads a text on its own and holds it against the event list.

It shares no code and no word list with the stories task. What it knows of a story's form comes from
the event guide (``EVENTS.md`` beside the task) and from English: its own tokeniser, its own rules
of inflection, its own table of the words by which an event of each kind can be told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.tasks.stories import english as en
from tests.tasks.stories.english import bases, each, forms_in, has, tokens

Event = dict[str, Any]

_TAKEN = {"lose", "stick", "fall", "take", "forget", "lock"}
_BACK = {"find", "recover"}
_SPOILED, _MENDED = {"break", "soil"}, {"mend", "clean"}
_ENDS = {"find", "recover", "mend", "clean", "solve", "share"}
_ENTERS = {"appear", "meet", "come", "take"}
# Events that can be told without naming who is in them; in the later ones others may be named.
_IMPERSONAL = each(
    "meet keep share rest grieve rejoice suffer finish use begin give wrong worry fear fail need "
    "try work search surprise give_up"
)
_OF_OTHERS = each("surprise give_up search")
_BY_ONE = each("comfort offer fetch confess ask tell")


@dataclass(frozen=True)
class Contradiction:
    """The text and the plan do not agree: on what, at which event, in which sentence."""

    kind: str
    event: int | None
    sentence: str
    note: str = ""


class Story:
    """A text beside its plan."""

    def __init__(self, text: str, plan: dict[str, Any]) -> None:
        self.text, self.plan = text, plan
        self.events: list[Event] = plan["events"]
        self.people: dict[str, str] = {c["name"]: c["pronoun"] for c in plan["characters"]}
        self.kind: dict[str, str] = {c["name"]: c["kind"] for c in plan["characters"]}
        # Hero and friend have names; anybody else is a kind ("farmer").
        self.names = [name for name in self.people if name[:1].isupper()]
        self.object = next((e["object"] for e in self.events if e["action"] == "own"), "")

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds by which a person can be spoken of, in single words."""
        told = [c["kind"] for c in self.plan["characters"]] + [
            e[key] for e in self.events for key in ("actor", "to", "with") if key in e
        ]
        return frozenset(w for kind in told if kind not in self.names for w in kind.split())

    def span(self, event: Event) -> str:
        start, end = event["span"]
        return self.text[start:end]

    def first(self, action: str) -> Event | None:
        return next((e for e in self.events if e["action"] == action), None)

    def of(self, actions: Iterable[str]) -> list[Event]:
        return [e for e in self.events if e["action"] in actions]

    def wrong(self, kind: str, event: Event | None, note: str = "") -> Contradiction:
        at, told = (event["id"], self.span(event)) if event else (None, "")
        return Contradiction(kind, at, told, note)


def _spans(story: Story) -> Iterator[Contradiction]:
    """Events lie in the text in their order; two share a span or do not overlap."""
    before = (0, 0)
    for event in story.events:
        start, end = event["span"]
        if not 0 <= start < end <= len(story.text):
            yield Contradiction("span", event["id"], "", f"[{start}, {end}] is not in the text")
        elif (start, end) != before and start < before[1]:
            yield story.wrong("order", event, "told before the event ahead of it")
        before = (start, end)


def _causes(story: Story) -> Iterator[Contradiction]:
    """What an event needs has been told earlier, or in the same sentence."""
    starts = {e["id"]: e["span"][0] for e in story.events}
    for event in story.events:
        for cause in event["because"]:
            if cause >= event["id"] or cause not in starts:
                yield story.wrong("cause", event, f"because of {cause}")
            elif starts[cause] > event["span"][0]:
                yield story.wrong("cause", event, f"{cause} is told later")


def _told(story: Story, event: Event, key: str) -> bool:
    """Whether a reader knows whom the event means: by name or kind, by a pronoun, as one of all.

    Where nothing is said of anybody (passive, "the lantern stood on the shelf again") nobody else
    may be named in that place; a helper from outside is always named.
    """
    who, told, action = event[key], story.span(event), event["action"]
    there = forms_in(told)
    if has(told, who):
        return True
    if key == "of":
        others = "|".join(re.escape(name) for name in story.people if name != who)
        of = rf"\b(?:{others})'s {event['object']}|\b{event['object']} of (?:{others})\b"
        return not re.search(of, told)
    if key == "actor" and action == "give":
        # "The farmer gave Mia the kite" names the giver; "Mia had the kite again" need not.
        given = bool(re.search(rf"\b{event['to']}\b.*\b{event['object']}\b", told))
        subject = {"he", "she"} & there
        return (given and " from " not in told) or story.people.get(who) in subject
    if who not in story.names and key == "actor":
        return bool(there & {"they", "both", "together"})
    if there & en.TOGETHER and action not in _BY_ONE:
        return True
    if any(en.GENDER.get(word) == story.people.get(who) for word in there):
        return True
    party = {event[k] for k in ("actor", "with", "to") if k in event}
    others_here = any(name not in party and has(told, name) for name in story.names)
    if others_here and action not in _OF_OTHERS:
        return False
    return key != "actor" or action in _IMPERSONAL


def _words(story: Story) -> Iterator[Contradiction]:
    """Each event's words are in its span, and the event itself can be seen there."""
    for event in story.events:
        told = story.span(event)
        for key in ("object", "tool", "noun", "adjective", "verb", "place"):
            if not (value := event.get(key)):
                continue
            if key == "place" and event["action"] == "go":
                value = value.split()[-1]
            if not has(told, value):
                yield story.wrong("word", event, f"{key}: {value}")
        for key in ("actor", "with", "to", "of"):
            if key in event and not _told(story, event, key):
                yield story.wrong("who", event, f"{key}: {event[key]}")
        if event["action"] == "speak" and told.count('"') < 2:
            yield story.wrong("unvoiced", event, "nothing is said")
        words = en.VOICED.get(event["action"])
        if words and not forms_in(told) & set(words.split()):
            yield story.wrong("unvoiced", event, event["action"])


def _world(story: Story) -> Iterator[Contradiction]:
    """Who has what: an object is lost, given, found or kept only by somebody who can."""
    gone, spoiled = False, False
    # Who may hand the object over: its holder, and whoever has just mended it.
    holder, mender = "", ""
    for event in story.events:
        action, actor = event["action"], event.get("actor", "")
        if event.get("object") != story.object:
            continue
        if action in _TAKEN and (gone or holder != event["of"]):
            yield story.wrong("lost by one who has it not", event)
        elif action in _BACK and not gone:
            yield story.wrong("found but not lost", event)
        elif action in _MENDED and (gone or not spoiled):
            yield story.wrong("mended but not broken", event)
        elif action == "give" and (gone or actor not in (holder, mender)):
            yield story.wrong("gives what it has not", event, f"{holder} has it")
        elif action == "keep" and (gone or spoiled or holder != actor):
            yield story.wrong("keeps what it has not", event, f"{holder} has it")
        gone = (gone or action in _TAKEN or action == "share") and action not in _BACK
        spoiled = (spoiled or action in _SPOILED) and action not in _MENDED
        mender = actor if action in _MENDED else mender
        holder = {"own": actor, "give": event.get("to", "")}.get(action, holder)
        holder = actor if action in _BACK else holder


def _tools(story: Story) -> Iterator[Contradiction]:
    """A tool is used by one who fetched it."""
    fetched: set[tuple[str, str]] = set()
    for event in story.of({"fetch", "use"}):
        if event["action"] == "use" and (event["actor"], event["tool"]) not in fetched:
            yield story.wrong("uses what was not fetched", event)
        fetched.add((event["actor"], event["tool"]))


def _gone(story: Story) -> Iterator[tuple[int, int, str]]:
    """The stretches of text during which nobody has the object, and how it went."""
    since: tuple[int, str] | None = None
    for event in story.events:
        if event["action"] in _TAKEN | {"share"}:
            since = (event["span"][1], event["action"])
        elif event["action"] in _BACK and since:
            yield since[0], event["span"][0], since[1]
            since = None
    if since:
        yield since[0], len(story.text), since[1]


def _held(story: Story, sentence: str, thief: str) -> bool:
    """Whether somebody has the object in hand in this sentence (not in vain, nor in mind)."""
    words = [token.lower for token in tokens(en.unquoted(sentence))]
    folk = {name.lower() for name in story.names} | story.kinds | en.TOGETHER | {"he", "she"}
    for at, word in enumerate(words):
        if story.object not in bases(word):
            continue
        ahead, near = words[:at], words[max(0, at - 5) : at]
        if {"other", "another", "each", "no", "wrong"} & set(near[-2:]) or thief in ahead:
            continue
        verb = next((w for w in reversed(near[-4:]) if w not in en.SMALL), "")
        held = bases(verb) & en.HOLDS and folk & set(ahead) and not en.UNREAL & set(near)
        # "Who should hold the kite?" has the kite at hand, too.
        if held or (words[0] == "who" and {"hold", "carry", "have", "look"} & set(near)):
            return True
        after = words[at + 1 : at + 4]
        if after[:1] == ["in"] and {"hand", "hands", "arms"} & set(after):
            return True
    return False


def _use_of_the_lost(story: Story) -> Iterator[Contradiction]:
    """While the object is gone no sentence between has it in somebody's hands."""
    take = story.first("take")
    thief = take["actor"].split()[-1] if take else ""
    for start, end, how in _gone(story):
        for at, sentence in en.sentences(story.text[start:end]):
            if _held(story, sentence, thief):
                here = [e["id"] for e in story.events if e["span"][0] <= start + at < e["span"][1]]
                yield Contradiction("has what is gone", here[0] if here else None, sentence, how)


def _entrances(story: Story) -> Iterator[Contradiction]:
    """Who acts or is acted with has come in before, and the text said there who that is."""
    inside: set[str] = set()
    for event in story.events:
        if event["action"] in _ENTERS:
            new = event["with"] if event["action"] == "meet" else event["actor"]
            if new not in inside and not has(story.span(event), f"{new} {story.kind.get(new, '')}"):
                yield story.wrong("entrance", event, f"{new} is not named")
            inside.add(new)
        for key in ("actor", "with", "to", "of"):
            if key in event and event[key] not in inside:
                yield story.wrong("helper", event, f"{event[key]} has not come in")


def _names(story: Story) -> Iterator[Contradiction]:
    """Only the plan's characters have names, and none acts before coming in."""
    starts = {at for at, _ in en.sentences(story.text)}
    for token in tokens(story.text):
        before = story.text[: token.at].rstrip(" \n")
        opens = token.at in starts or before[-1:] in ('"', ":", ".", "!", "?", "")
        if token.word[0].isupper() and token.word not in en.CAPITAL_WORDS:
            plain = re.sub(r"['\u2019]s$", "", token.word)
            if plain not in story.names and (not opens or plain in en.FIRST_NAMES):
                yield Contradiction("name", None, story.text[token.at :][:60], token.word)
    for event in story.of({"meet"}):
        who = re.escape(event["with"])
        if (found := re.search(rf"\b{who}\b", story.text)) and found.start() < event["span"][0]:
            told = story.text[: found.end()]
            yield Contradiction("before coming in", event["id"], told[-70:], event["with"])


def _pronouns(story: Story) -> Iterator[Contradiction]:
    """*He* and *she* are somebody who has come in; alone on the scene, the hero is meant."""
    groups: dict[tuple[int, int], set[str]] = {}
    for event in story.events:
        who = {event[key] for key in ("actor", "with", "to", "of") if key in event}
        groups.setdefault((event["span"][0], event["span"][1]), set()).update(who)
    hero, known = story.names[0], set[str]()
    for (start, end), who in sorted(groups.items()):
        words = [token.word for token in tokens(en.unquoted(story.text[start:end]))]
        here = (who | set(words)) & set(story.names)
        known |= here
        used = {en.GENDER[word.lower()] for word in words if word.lower() in en.GENDER}
        meant = {story.people[name] for name in ({hero} if here <= {hero} else known)}
        if not here or any(bases(word) & (en.PEOPLE | story.kinds) for word in words):
            # Somebody else is there, but whose aunt is hers is still clear.
            kin = re.findall(rf"\b(his|her) (?:\w+ )?(?:{en.FAMILY})\b", story.text[start:end])
            used = {en.GENDER[word] for word in kin} if here == {hero} else set()
        if used - meant:
            yield Contradiction("pronoun", None, story.text[start:end], f"meant: {sorted(meant)}")


def _places(story: Story) -> Iterator[Contradiction]:
    """A thing is found where it was left, and not where it was looked for in vain."""
    find, forgot = story.first("find"), story.first("forget")
    for event in story.of({"search"}):
        if find and event.get("place") == find["place"]:
            yield story.wrong("place", event, "found where it was not")
    back = story.first("recover")
    if not forgot or not back:
        return
    told = story.span(back)
    where = re.search(r"\b(?:in|inside|under|behind|near|beside|between|among)\b(.*)", told, re.I)
    idle = where and re.match(r"\s*(?:the end|no time|one|hand)\b", where.group(1))
    if where and not idle and not has(told, forgot["place"].split(" ", 1)[1]):
        yield story.wrong("place", back, f"left {forgot['place']}")


def _ending(story: Story) -> Iterator[Contradiction]:
    """The ending follows from what happened, and its words fit it."""
    ending, solved = story.plan["ending"], bool(story.of(_ENDS))
    happy, sad = story.first("rejoice"), story.first("grieve")
    feeling = happy or sad
    if (ending == "happy") != solved or (ending == "sad") != bool(sad) or (happy and sad):
        yield Contradiction("ending", None, "", f"{ending}, solved: {solved}")
    if bool(sad) != bool(story.first("give_up")):
        yield story.wrong("ending", feeling, "the trouble was never given up")
    there = forms_in(story.span(feeling)) if feeling else frozenset()
    last = forms_in(story.text.rstrip().split("\n")[-1])
    if not (there | last) & (en.HAPPY if ending == "happy" else en.SAD):
        yield story.wrong("feeling", feeling, f"no word for a {ending} ending")
    if (happy and there & (en.SAD - {"cry"})) or (sad and not there & en.SAD):
        yield story.wrong("feeling", feeling, f"not what one feels: {ending}")


def _asked(story: Story) -> Iterator[Contradiction]:
    """The required words are in the text, in any inflection, and an asked sentence as it is."""
    for word in story.plan["required"].values():
        if not has(story.text, word):
            yield Contradiction("required", None, "", word)
    instruct = story.plan.get("instruct") or {}
    if instruct.get("sentence") and instruct["sentence"] not in story.text:
        yield Contradiction("sentence", None, instruct["sentence"])


def _features(story: Story) -> Iterator[Contradiction]:
    """The words by which each feature can be seen are where they belong."""
    features = story.plan["features"]
    for name, actions, keys in (
        ("twist", {"surprise"}, ("expected", "actual")),
        ("bad ending", {"grieve"}, ("words",)),
        ("conflict", {"quarrel", "clash"}, ("words",)),
    ):
        told = " ".join(story.span(event) for event in story.of(actions))
        for key in keys if name in features else ():
            if not any(has(told, word) for word in features[name][key]):
                yield Contradiction("feature", None, told, f"{name}, {key}")
    if "moral" in features and features["moral"]["lesson"] not in story.text:
        yield Contradiction("feature", None, features["moral"]["lesson"], "moral")
    if "dialogue" in features and story.text.count('"') < 4:
        yield Contradiction("feature", None, "", "dialogue")
    words, hint = features.get("foreshadowing"), story.first("hint")
    if bool(hint) != bool(words):
        yield Contradiction("feature", None, "", "foreshadowing")
    elif hint and words:
        before, after = story.span(hint), story.text[hint["span"][1] :]
        early = any(has(before, word) for word in words["early"])
        if not early or not any(has(after, word) for word in words["late"]):
            yield story.wrong("feature", hint, "foreshadowing")


# A fact's question, the event that answers it, and the field.
_FACTS = (
    (r"What did .* have\?", ("own",), "object"), (r"Where did .* go\?", ("go",), "place"),
    (r"Who met ", ("meet",), "with"), (r"Who quarreled ", ("quarrel", "clash"), "with"),
    (r"Who got .* back\?", ("recover",), "actor"), (r"Who got .* from ", ("give",), "to"),
    (r"Who took ", ("take",), "actor"), (r"What got dirty", ("soil",), "object"),
    (r"What broke", ("break",), "object"), (r"Who mended ", ("mend",), "actor"),
    (r"Who cleaned ", ("clean",), "actor"), (r"Where was .* locked", ("lock",), "place"),
    (r"Where was ", ("find",), "place"), (r"Where did .* forget", ("forget",), "place"),
    (r"Where did .* get stuck", ("stick",), "place"), (r"Where did .* fall", ("fall",), "place"),
    (r"What did .* fetch", ("fetch",), "tool"),
)  # fmt: skip


def _facts(story: Story) -> Iterator[Contradiction]:
    """Every answer is in the text, and is the one that the events give."""
    for fact in story.plan["facts"]:
        question, answer = fact["question"], fact["answer"]
        if "feel at the end" in question:
            if answer != story.plan["ending"]:
                yield Contradiction("fact", None, question, answer)
            continue
        if not has(story.text, answer):
            yield Contradiction("fact", None, question, f"{answer} is not in the text")
        known = [
            str(event.get(field, ""))
            for pattern, actions, field in _FACTS
            if re.match(pattern, question)
            for event in story.of(actions)
        ]
        if known and not any(has(answer, value) for value in known):
            yield Contradiction("fact", None, question, f"{answer}, but the events: {known}")


CHECKS: tuple[Callable[[Story], Iterator[Contradiction]], ...] = (
    _spans, _causes, _words, _world, _tools, _use_of_the_lost, _entrances, _names,
    _pronouns, _places, _ending, _asked, _features, _facts,
)  # fmt: skip


def recount(text: str, plan: dict[str, Any]) -> list[Contradiction]:
    """Everything in which a story's text and its plan contradict each other."""
    story = Story(text, plan)
    return [found for check in CHECKS for found in check(story)]
