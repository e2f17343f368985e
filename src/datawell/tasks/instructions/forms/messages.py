"""Messages: writing one from given details, and reading the details out of one."""

from __future__ import annotations

from random import Random

from datawell.tasks.instructions.forms.base import Exercise, Facts, Growth, pick

_NAMES = (
    *("Ada", "Boris", "Carla", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas"),
    *("Kofi", "Lena", "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tove"),
    *("Uma", "Viktor", "Wanda", "Yusuf", "Zoe"),
)
_EVENTS = (
    *("a garden party", "a farewell dinner", "a reading", "a school concert", "a games evening"),
    *("a picnic", "a film night", "a birthday lunch", "a day of moving house", "a boat trip"),
    *("a flea market", "a dance", "a tour of the old town", "a cooking evening", "a quiz"),
)
_PLACES = (
    *("the town hall", "Elm Park", "the school gym", "the old harbour", "the library"),
    *("Mill Street", "the community garden", "the station", "the reading room", "the boathouse"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMES = ("nine in the morning", "noon", "three in the afternoon", "five", "half past six", "eight")
_THINGS = (
    *("a salad", "warm clothes", "something to drink", "a folding chair", "your favourite book"),
    *("good shoes", "a cake", "a pencil", "a torch", "an umbrella"),
)
_INVITE = (
    "Write an invitation from {host} to {event} on {day} at {time}. The place is {place}.",
    "{host} is giving {event} at {place} on {day} at {time}. Write the invitation.",
    "Draft a short invitation. Event: {event}. Day: {day}. Time: {time}. Place: {place}. "
    "Host: {host}.",
    "Help {host} to invite friends to {event}: {day} at {time}, {place}.",
)
_BRING = (
    "Ask the guests to bring {thing}.",
    "The guests should be asked to bring {thing} along.",
)
_OPEN = ("Dear friends!", "Dear neighbours!", "Hello everyone!", "Dear all!")
_COME = (
    "I would like to invite you to {event}.",
    "You are warmly invited to {event}.",
    "There will be {event} and I hope that you can come.",
)
_MEET = (
    "It begins on {day} at {time}.",
    "We meet on {day} at {time}.",
    "Please be there on {day} at {time}.",
)
_WHERE = ("The place is {place}.", "You will find us here: {place}.")
_NOTE = (
    "{host} here. Do not forget {event} on {day}. We start at {time}. The place is {place}.",
    "Hello! {host} asks you to come to {event}. It is on {day} at {time}. We meet here: {place}.",
    "For all who asked: {event} takes place on {day} at {time}. The place is {place}. "
    "Questions go to {host}.",
)
_FIND = {
    "host": "who sends it",
    "event": "what it is about",
    "day": "on which day it is",
    "time": "at which time it is",
    "place": "where it is",
}
_LABELS = {"host": "Who", "event": "What", "day": "When", "time": "Time", "place": "Where"}
_READ = (
    'Read this message and tell me {wanted}: "{note}"',
    '"{note}" Take from this message {wanted}.',
    'From the message below I need to know {wanted}. Message: "{note}"',
    'Find out {wanted}. Here is the text: "{note}"',
)


def _details(random: Random) -> dict[str, str]:
    return {
        "host": random.choice(_NAMES),
        "event": random.choice(_EVENTS),
        "day": random.choice(_DAYS),
        "time": random.choice(_TIMES),
        "place": random.choice(_PLACES),
    }


def invitation(name: str, facts: Facts, random: Random) -> Exercise:
    """An invitation with all its details."""
    known = _details(random)
    thing = random.choice(_THINGS)
    ask = pick(_INVITE, random, **known)
    points = (
        random.choice(_OPEN),
        pick(_COME, random, **known),
        pick(_MEET, random, **known),
        pick(_WHERE, random, **known),
        f"I look forward to seeing you. {known['host']}.",
    )
    growth = {
        "concretize": Growth(pick(_BRING, random, thing=thing), (f"Please bring {thing}.",)),
        "deepen": Growth(
            "Say too that an answer is wanted by the day before.",
            ("Please tell me by the day before whether you are coming.",),
        ),
    }
    return Exercise("message", ask, points, ordered=True, growth=growth)


def note(name: str, facts: Facts, random: Random) -> Exercise:
    """Some details out of a message."""
    known = _details(random)
    wanted = random.sample(sorted(_FIND), random.randint(1, 4))
    asked, rest = [_FIND[key] for key in wanted], [key for key in _FIND if key not in wanted]
    told = asked[0] if len(asked) == 1 else f"{', '.join(asked[:-1])} and {asked[-1]}"
    ask = pick(_READ, random, wanted=told, note=pick(_NOTE, random, **known))
    points = tuple(f"{_LABELS[key]}: {known[key]}." for key in wanted)
    more = random.choice(rest)
    growth = {
        "deepen": Growth(f"Find also {_FIND[more]}.", (f"{_LABELS[more]}: {known[more]}.",)),
    }
    result = known[wanted[0]] if len(wanted) == 1 else ""
    return Exercise("extraction", ask, points, True, result, growth=growth)
