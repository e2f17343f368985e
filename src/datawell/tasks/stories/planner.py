"""Makes the plan of a story: who, what is wanted, what goes wrong, what is done, how it ends.

The order of a story is fixed (opening, outing, trouble, attempts, outcome, close); everything in
it is drawn. Each step is an action of the world, so a plan that does not hold cannot be made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from datawell.core.lexicon import Lexicon
from datawell.core.records import Plan
from datawell.tasks.stories.cast import Cast, cast
from datawell.tasks.stories.facts import facts_of
from datawell.tasks.stories.grammar import Expander, mend
from datawell.tasks.stories.library import Beat, Block, Family, Library, library, nodes
from datawell.tasks.stories.scenes import adjective_scene, noun_scene, object_adjective, verb_scene
from datawell.tasks.stories.world import World

FEATURES = ("dialogue", "twist", "bad ending", "moral", "foreshadowing", "conflict")
_LONG, _FULL = 11, 18
# Side remarks that only dress a story: more of them would hide what happens.
_MOST_ASIDES = 2
_SAD = ["sad", "cry", "sigh", "tear", "alone", "empty", "sorry"]


class Composer:
    """Tells one story step by step: draws blocks, binds their slots, lets them happen."""

    def __init__(self, random: Random, lib: Library, slots: dict[str, str]) -> None:
        self.random, self.lib, self.slots = random, lib, slots
        self.world = World()
        self.paragraph = 0
        self.used: set[str] = set()
        self._draw = random.random
        banned = frozenset(slots[k] for k in ("o", "Hk", "Fk", "G") if k in slots)
        self.expander = Expander(slots, lib.fields, random.random, banned)

    def chance(self, share: float) -> bool:
        """True with probability ``share``."""
        return self._draw() < share

    def pick(self, blocks: Sequence[Block]) -> Block:
        """One of the blocks, an unused one when there is one."""
        at = int(self._draw() * len(blocks))
        for step in range(len(blocks)):
            block = blocks[(at + step) % len(blocks)]
            if not block.beats or block.beats[0].key not in self.used:
                return block
        return blocks[at]

    def text(self, source: str) -> str:
        """A small template filled now, with the plan's own randomness."""
        return self.expander.text(nodes(source))

    def tell(self, block: Block, own: Mapping[str, str] | None = None) -> None:
        """Let every beat of a block happen, in order."""
        self.bind(block)
        for beat in block.beats:
            self.happen(beat, own)

    def bind(self, block: Block) -> None:
        """Draw the block's own slots; none may speak of a second thing like the object."""
        thing = self.slots["o"]
        for name, values in block.lets:
            at = int(self._draw() * len(values))
            while thing in values[at].split():
                at = (at + 1) % len(values)
            self.slots[name] = self.text(values[at])

    def happen(self, beat: Beat, own: Mapping[str, str] | None = None) -> None:
        """Let one beat happen."""
        self.used.add(beat.key)
        values = {name: self._value(value, own) for name, value in beat.fields}
        event = self.world.do(beat.action, values, beat.key, self.paragraph)
        if own:
            event["slots"] = dict(own)

    def _value(self, value: str, own: Mapping[str, str] | None) -> str:
        if value[0] != "$":
            return value
        name = value[1:]
        return own[name] if own and name in own else self.slots[name]

    def common(self, kind: str) -> None:
        """One common block of a kind."""
        self.tell(self.pick(self.lib.common.blocks[kind]))

    @property
    def room(self) -> bool:
        """True while the story is short enough for something it could do without."""
        return len(self.world.events) < _LONG

    def turn_page(self, share: float = 1.0) -> None:
        """Begin a new paragraph, perhaps."""
        events = self.world.events
        if events and events[-1]["paragraph"] == self.paragraph and self.chance(share):
            self.paragraph += 1


class Story:
    """One story being planned from a required triple and a set of wanted features."""

    def __init__(self, seed: Mapping[str, Any], wanted: frozenset[str], random: Random) -> None:
        self.seed, self.random, self.lib = seed, random, library()
        self.lexicon = Lexicon.load("child")
        self.wanted = wanted
        self.features: dict[str, Any] = {}
        self.family = self._family()
        self.topic = self._topic()
        self.cast: Cast = cast(random, self.lexicon, self.lib, self.topic, seed)
        self.slots = self.cast.slots
        self._object()
        self.composer = Composer(random, self.lib, self.slots)
        self._scenery()

    def _family(self) -> Family:
        noun = self.seed["noun"]
        families = list(self.lib.families.values())
        if "thing" in self.lexicon.tags(noun, "noun") or "food" in self.lexicon.tags(noun, "noun"):
            families = [f for f in families if noun in f.eligible] or families
        for feature, kind in (
            ("foreshadowing", "hint"),
            ("twist", "twist"),
            ("conflict", "strife"),
        ):
            if feature in self.wanted and self.random.random() < 0.7:
                families = [f for f in families if kind in f.blocks] or families
        return families[int(self.random.random() * len(families))]

    def _topic(self) -> Family:
        allowed = " ".join(self.family.note("topics")).split()
        needs = " ".join(self.family.note("needs")).split()
        topics = [
            topic
            for topic in self.lib.topics.values()
            if (not allowed or topic.name in allowed) and all(topic.note(n) for n in needs)
        ]
        return topics[int(self.random.random() * len(topics))]

    def _object(self) -> None:
        noun, objects = self.seed["noun"], self.family.objects
        if noun in self.family.eligible:
            self.slots["o"] = noun
        else:
            names = [o for o in objects if o != self.seed["verb"]]
            self.slots["o"] = names[int(self.random.random() * len(names))]
        self.slots["oa"] = object_adjective(self.seed["adjective"], self.lexicon, self.random)

    def _scenery(self) -> None:
        composer, topic = self.composer, self.topic
        slots, random = self.slots, self.random
        for name in ("at", "to", "pl", "up", "pool"):
            values = topic.note(name)
            if values:
                slots[name] = composer.text(values[int(random.random() * len(values))])
        spots = random.sample(topic.note("spot"), 3)
        for name, spot in zip(("spot", "wrong", "wrong2"), spots, strict=True):
            slots[name] = composer.text(spot)

    # The story, part by part.

    def tell(self) -> None:
        """Tell it from the opening to the close."""
        # A story full of features has no room for much else.
        self.light = len(self.wanted) < 2
        self.asides = 0
        self.sad = "bad ending" in self.wanted and "route-sad" in self.family.blocks
        required = self._required()
        self._opening(required)
        self._outing()
        self._trouble()
        self._attempts()
        self._outcome()
        self._close()

    def _required(self) -> list[tuple[Block, dict[str, str]]]:
        """Scenes for the required words that the story would not hold otherwise."""
        scenes = []
        noun, verb, adjective = (self.seed[k] for k in ("noun", "verb", "adjective"))
        held = {self.slots["o"], self.slots["Hk"], self.slots["Fk"]}
        if noun not in held:
            scenes.append(noun_scene(noun, self.lexicon, self.composer))
        if adjective not in (self.slots["oa"], self.slots["Ha"]):
            scenes.append(adjective_scene(adjective, self.lexicon, self.composer))
        scenes.append(verb_scene(verb, self.lexicon, self.composer))
        self.random.shuffle(scenes)
        return scenes

    def _opening(self, required: list[tuple[Block, dict[str, str]]]) -> None:
        c = self.composer
        if self._aside(0.15):
            c.common("prelude")
        c.common("intro")
        if self.seed["adjective"] == self.slots["Ha"] or self._aside(0.12):
            c.common("trait")
        own = self.family.blocks.get("own") or self.lib.common.blocks["own"]
        c.tell(c.pick(own))
        if "foreshadowing" in self.wanted and "hint" in self.family.blocks:
            hint = c.pick(self.family.blocks["hint"])
            self.late = hint.args[1]
            c.tell(hint)
            self.features["foreshadowing"] = {
                "early": hint.args[0].split("+"),
                "late": hint.args[1].split("+"),
            }
        # What the hero did that day comes before the outing, so that no time runs backward.
        while required:
            c.tell(*required.pop())

    def _aside(self, share: float) -> bool:
        """True with probability ``share`` while the story has room for a side remark."""
        able = self.light and self.asides < _MOST_ASIDES and self.composer.chance(share)
        self.asides += able
        return able

    def _digress(self) -> None:
        """A line of scenery: the place, the weather, animals."""
        c = self.composer
        if c.chance(0.7) and "scene" in self.topic.blocks:
            c.tell(c.pick(self.topic.blocks["scene"]))
        else:
            c.common("scene")

    def _outing(self) -> None:
        c = self.composer
        c.turn_page()
        go = self.topic.blocks.get("go") or self.lib.common.blocks["go"]
        c.tell(c.pick(go if c.chance(0.5) else self.lib.common.blocks["go"]))
        if self._aside(0.3):
            self._digress()
        own = self.family.blocks.get("meet") or self.lib.common.blocks["meet"]
        c.tell(c.pick(own))
        self.errand = c.room and self._aside(0.15)
        if self.errand:
            self.side = c.pick(self.lib.common.blocks["side"])
            c.bind(self.side)
            c.happen(self.side.beats[0])

    def _trouble(self) -> None:
        c = self.composer
        c.turn_page(0.85)
        problems = self.family.blocks["problem"]
        if "foreshadowing" in self.features:
            problems = [b for b in problems if self.late in b.args]
        problem = c.pick(problems)
        c.tell(problem)
        if problem.args and problem.args[0] == "strife":
            self._strife_witness(problem.args[1:])
        # In some families the friend is the one who suffers, so nobody comforts the hero.
        quiet = bool(self.family.note("quiet"))
        if "dialogue" in self.wanted:
            self.features["dialogue"] = {"speakers": [self.slots["H"], self.slots["F"]]}
            if not quiet:
                c.common("worry")
            c.turn_page(0.3)
            own = self.family.blocks.get("speak") or self.lib.common.blocks["speak"]
            c.tell(c.pick(own))
        elif not quiet:
            if c.chance(0.8):
                c.common("worry")
            if c.chance(0.25):
                c.common("tell")

    def _strife_witness(self, words: Sequence[str]) -> None:
        self.features["conflict"] = {
            "between": [self.slots["H"], self.slots["F"]],
            "over": self.slots["o"],
            "words": list(words),
        }

    def _attempts(self) -> None:
        c = self.composer
        c.turn_page(0.6)
        tries = self.family.blocks.get("try", [])
        if tries and c.room and c.chance(0.75 if self.light else 0.5):
            c.tell(c.pick(tries))
            if self.light and len(tries) > 1 and c.chance(0.15):
                c.tell(c.pick(tries))
        if "conflict" in self.wanted and "conflict" not in self.features:
            strife = c.pick(self.family.blocks.get("strife") or self.lib.common.blocks["strife"])
            c.tell(strife)
            self._strife_witness(strife.args)
            c.common("peace")

    def _outcome(self) -> None:
        c = self.composer
        c.turn_page(0.6)
        if self.sad:
            c.tell(c.pick(self.family.blocks["route-sad"]))
            self.features["bad ending"] = {"words": _SAD}
        else:
            c.tell(c.pick(self.family.blocks["route"]))
        if self.errand:
            for beat in self.side.beats[1:]:
                c.happen(beat)
        if self.sad:
            return
        if "twist" in self.wanted:
            twist = c.pick(self.family.blocks.get("twist") or self.lib.common.blocks["twist"])
            c.tell(twist)
            self.features["twist"] = {
                "expected": twist.args[0].split("+"),
                "actual": twist.args[1].split("+"),
            }
        if self.family.note("quiet"):
            return
        if "dialogue" in self.features and len(c.world.events) < _FULL:
            c.common("speak-thanks")
        elif c.room and c.chance(0.3):
            c.common("thanks")

    def _close(self) -> None:
        c = self.composer
        c.turn_page(0.9)
        c.common("end-sad" if self.sad else "end")
        held = ("has", self.slots["H"], self.slots["o"]) in c.world.facts
        if not self.sad and held and c.chance(0.7 if c.room else 0.45):
            c.common("keep")
        elif c.room and c.chance(0.4):
            c.common("rest")
        lessons = self.family.note("lesson sad" if self.sad else "lesson")
        if "moral" in self.wanted and lessons:
            lesson = lessons[int(self.random.random() * len(lessons))]
            self.slots["lesson"] = c.text(lesson)
            c.common("learn")
            self.features["moral"] = {"lesson": self.slots["lesson"]}

    def plan(self) -> Plan:
        """The finished plan."""
        c, slots = self.composer, self.slots
        key = "sumsad" if self.sad else "sum"
        sources = self.family.note(key)
        summary = c.text(sources[int(self.random.random() * len(sources))])
        people = {event.get("actor") for event in c.world.events}
        return {
            "kind": "story",
            "required": {k: self.seed[k] for k in ("noun", "verb", "adjective")},
            "features": self.features,
            "characters": self.cast.characters(self.family, slots, people),
            "events": c.world.events,
            "problem": self.family.name,
            "ending": "sad" if self.sad else "happy",
            "topic": self.topic.name,
            "summary": mend(summary),
            "facts": facts_of(c.world.events, slots),
            "slots": slots,
            "instruct": None,
        }


def make_plan(seed: Mapping[str, Any], wanted: frozenset[str], random: Random) -> Plan:
    """The plan of one story.

    Raises:
        PlanFault: the seed's words cannot be used together.
    """
    story = Story(seed, wanted, random)
    story.tell()
    return story.plan()
