"""What can be asked of a topic that is known as a table (``table``, ``one``, ``columns``...)."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from datawell.tasks.instructions.forms.base import (
    Exercise,
    Facts,
    Form,
    Growth,
    listed,
    pick,
    sentence,
)

_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth")
_EACH = (
    "Give the {column} for each of these {table}: {names}.",
    "Here are some {table}: {names}. What is the {column} of each?",
    "Sort out the {column} of the following {table}: {names}.",
    "Take these {table} one by one and name the {column}: {names}.",
    "I mix up the {column} of {names}. Can you tell me each of them?",
)
_WHICH = (
    'Which of these {table} have "{value}" as their {column}: {names}?',
    'From the {table} {names}, pick those whose {column} is "{value}".',
    'Out of {names}, find every {one} whose {column} is "{value}".',
)
_SORT = (
    "Put these {table} in order by {column}, {way}: {names}.",
    "Sort {names} by {column}, {way}.",
    "Here are some {table}: {names}. Arrange them by {column}, {way}.",
    "Rank the {table} {names} by their {column}, {way}.",
)
_MOST = (
    "Which of these {table} has the {extreme} {column}: {names}?",
    "Compare the {column} of {names}. Which is the {extreme}?",
    "Of the {table} {names}, name the one with the {extreme} {column}.",
)
_ODD = (
    "Which one does not belong with the others, judged by the {column}: {names}?",
    "Find the odd one out among these {table} by {column}: {names}.",
    "Three of these {table} share their {column} and one does not: {names}. Which one is it?",
)
_ONE = (
    "Take the {one} {name}. What is its {column}?",
    "What is the {column} of this {one}: {name}?",
    "A quiz question about {table}: which {column} goes with {name}?",
    "Tell me the {column} that belongs to {name}.",
)
_NAME = (
    'Name {many} {table} whose {column} is "{value}".',
    'Give {many} examples of {table} with "{value}" as their {column}.',
    'List {many} {table}. Their {column} should be "{value}".',
)
_COMPARE = (
    "Compare these two {table}: {a} and {b}.",
    "How do {a} and {b} differ? Look at the {columns}.",
    "Set {a} beside {b} and compare the {columns}.",
)
_COUNT = (
    'How many of these {table} have "{value}" as their {column}: {names}?',
    'Count the {table} whose {column} is "{value}" in this list: {names}.',
)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of a table with one column in view."""

    one: str
    many: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    least: str = "smallest"
    most: str = "largest"

    @staticmethod
    def of(facts: Facts) -> _Table:
        columns = tuple(facts["columns"])
        ends = {key: facts[key] for key in ("least", "most") if key in facts}
        return _Table(
            facts["one"], facts["table"], columns, tuple(map(tuple, facts["rows"])), **ends
        )

    def numeric(self) -> list[int]:
        """The columns that hold numbers."""
        return [at for at, column in enumerate(self.columns, 1) if column.endswith("#")]

    def classes(self) -> list[int]:
        """The columns whose values are shared by three rows or more, with other rows beside."""
        return [
            at
            for at in range(1, len(self.columns) + 1)
            if at not in self.numeric() and self.shared(at)
        ]

    def shared(self, at: int) -> list[str]:
        """The values of a column that three rows or more have, but not all."""
        values = [row[at] for row in self.rows]
        return sorted(v for v in set(values) if 3 <= values.count(v) < len(values))

    def title(self, at: int) -> str:
        return self.columns[at - 1].removesuffix("#").strip()


def _told(rows: list[tuple[str, ...]], at: int) -> tuple[str, ...]:
    return tuple(sentence(f"{row[0]}: {row[at]}") for row in rows)


def _names(rows: list[tuple[str, ...]]) -> str:
    return listed([row[0] for row in rows])


def _other(
    table: _Table, rows: list[tuple[str, ...]], told: int, random: Random
) -> dict[str, Growth]:
    """Growth by a column that was not asked for, and by further rows."""
    found: dict[str, Growth] = {}
    others = [at for at in range(1, len(table.columns) + 1) if at != told]
    if others:
        at = random.choice(others)
        column = table.title(at)
        points = tuple(
            sentence(f"The {column} that goes with {row[0]} is {row[at]}") for row in rows
        )
        ask = random.choice(
            (f"Add the {column} of each.", f"Say what the {column} of each is too.")
        )
        found[random.choice(("deepen", "concretize"))] = Growth(ask, points)
    rest = [row for row in table.rows if row not in rows]
    if rest:
        more = random.sample(rest, min(2, len(rest)))
        ask = f"Give the {table.title(told)} of {_names(more)} as well."
        found["complicate_input"] = Growth(ask, _told(more, told))
    return found


def _reason(ask: str, points: tuple[str, ...]) -> dict[str, Growth]:
    return {"increase_reasoning": Growth(ask, points)}


def each(name: str, facts: Facts, random: Random) -> Exercise:
    """One column for several rows."""
    table = _Table.of(facts)
    at = random.randint(1, len(table.columns))
    rows = random.sample(table.rows, random.randint(3, min(6, len(table.rows))))
    ask = pick(_EACH, random, table=table.many, column=table.title(at), names=_names(rows))
    growth = _other(table, rows, at, random)
    return Exercise("classification", ask, _told(rows, at), growth=growth)


def which(name: str, facts: Facts, random: Random) -> Exercise:
    """The rows that have a value."""
    table = _Table.of(facts)
    at = random.choice(table.classes())
    rows, fit, value = _mixed(table, at, random)
    words = {"table": table.many, "one": table.one, "column": table.title(at)}
    ask = pick(_WHICH, random, value=value, names=_names(rows), **words)
    points = tuple(sentence(f"{row[0]} fits") for row in fit)
    others = [row for row in rows if row not in fit]
    reason = tuple(sentence(f"{row[0]} does not fit because it has {row[at]}") for row in others)
    growth = _reason("Say of each of the others why it does not fit.", reason)
    return Exercise("classification", ask, points, result=_names(fit), growth=growth)


def how_many(name: str, facts: Facts, random: Random) -> Exercise:
    """How many rows have a value."""
    table = _Table.of(facts)
    at = random.choice(table.classes())
    rows, fit, value = _mixed(table, at, random)
    names = _names(rows)
    ask = pick(_COUNT, random, table=table.many, column=table.title(at), value=value, names=names)
    number = _NUMBERS[len(fit)]
    points = (sentence(f"The answer is {number}"),)
    counted = tuple(sentence(f"{row[0]} counts") for row in fit)
    growth = _reason("Name the ones you have counted.", counted)
    return Exercise("counting", ask, points, result=number, growth=growth)


def _mixed(
    table: _Table, at: int, random: Random
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], str]:
    """Some rows with a value among others, shuffled; those with it, in the shown order."""
    value = random.choice(table.shared(at))
    inside = [row for row in table.rows if row[at] == value]
    outside = [row for row in table.rows if row[at] != value]
    fit = random.sample(inside, random.randint(1, 3))
    rows = fit + random.sample(outside, min(len(outside), random.randint(2, 4)))
    random.shuffle(rows)
    return rows, [row for row in rows if row in fit], value


def sort(name: str, facts: Facts, random: Random) -> Exercise:
    """Rows in the order of a column of numbers."""
    table = _Table.of(facts)
    at = random.choice(table.numeric())
    rows = _distinct(table, at, random, random.randint(3, 6))
    falling = random.random() < 0.5
    first, other = (table.most, "falling") if falling else (table.least, "rising")
    way = random.choice((f"{first} first", other))
    ask = pick(_SORT, random, table=table.many, column=table.title(at), way=way, names=_names(rows))
    order = sorted(rows, key=lambda row: float(row[at]), reverse=falling)
    points = tuple(f"{place} comes {row[0]}." for place, row in zip(_ORDINALS, order, strict=False))
    values = tuple(sentence(f"The value of {row[0]} is {row[at]}") for row in order)
    growth = _reason(random.choice(("Show the values too.", "Prove it with the values.")), values)
    result = listed([row[0] for row in order])
    return Exercise("sorting", ask, points, True, result, growth=growth)


def extreme(name: str, facts: Facts, random: Random) -> Exercise:
    """The row with the largest or smallest number."""
    table = _Table.of(facts)
    at = random.choice(table.numeric())
    rows = _distinct(table, at, random, random.randint(3, 5))
    word, choose = random.choice(((table.most, max), (table.least, min)))
    best = choose(rows, key=lambda row: float(row[at]))
    words = {"table": table.many, "column": table.title(at), "extreme": word}
    ask = pick(_MOST, random, names=_names(rows), **words)
    points = (sentence(f"The answer is {best[0]}"),)
    values = tuple(sentence(f"The {table.title(at)} of {row[0]} is {row[at]}") for row in rows)
    growth = _reason(random.choice(("Give the values.", "Show how you know.")), values)
    options = tuple(row[0] for row in rows)
    return Exercise("question_answering", ask, points, False, best[0], options, growth)


def _distinct(table: _Table, at: int, random: Random, most: int) -> list[tuple[str, ...]]:
    """Some rows with different numbers."""
    rows: dict[str, tuple[str, ...]] = {}
    for row in random.sample(table.rows, len(table.rows)):
        rows.setdefault(row[at], row)
    return list(rows.values())[:most]


def odd_one_out(name: str, facts: Facts, random: Random) -> Exercise:
    """Three rows that share a value and one that does not."""
    table = _Table.of(facts)
    at = random.choice(table.classes())
    value = random.choice(table.shared(at))
    same = random.sample([row for row in table.rows if row[at] == value], 3)
    odd = random.choice([row for row in table.rows if row[at] != value])
    rows = random.sample([*same, odd], 4)
    column = table.title(at)
    ask = pick(_ODD, random, table=table.many, column=column, names=_names(rows))
    points = (
        sentence(f"The odd one out is {odd[0]}"),
        sentence(f"Its {column} is {odd[at]} and the {column} of the others is {value}"),
    )
    options = tuple(row[0] for row in rows)
    growth = {
        "concretize": Growth(
            "Name one more that would fit with the three, if you can.",
            _one_more(table, at, value, same),
        )
    }
    return Exercise("odd_one_out", ask, points, False, odd[0], options, growth)


def _one_more(table: _Table, at: int, value: str, same: list[tuple[str, ...]]) -> tuple[str, ...]:
    more = [row[0] for row in table.rows if row[at] == value and row not in same]
    return (sentence(f"{more[0]} would fit too") if more else "I know of no other.",)


def look_up(name: str, facts: Facts, random: Random) -> Exercise:
    """One value of one row."""
    table = _Table.of(facts)
    at = random.randint(1, len(table.columns))
    row = random.choice(table.rows)
    words = {"one": table.one, "table": table.many, "column": table.title(at)}
    ask = pick(_ONE, random, name=row[0], **words)
    points = (sentence(f"The {table.title(at)} of {row[0]} is {row[at]}"),)
    growth = _other(table, [row], at, random)
    return Exercise("question_answering", ask, points, result=row[at], growth=growth)


def name_some(name: str, facts: Facts, random: Random) -> Exercise:
    """Some rows that have a value."""
    table = _Table.of(facts)
    at = random.choice(table.classes())
    value = random.choice(table.shared(at))
    inside = [row for row in table.rows if row[at] == value]
    rows = random.sample(inside, random.randint(2, min(5, len(inside))))
    words = {"many": _NUMBERS[len(rows)], "table": table.many, "column": table.title(at)}
    ask = pick(_NAME, random, value=value, **words)
    points = tuple(sentence(f"{row[0]} is one") for row in rows)
    growth = {k: g for k, g in _other(table, rows, at, random).items() if k != "complicate_input"}
    return Exercise("listing", ask, points, result=_names(rows), growth=growth)


def compare(name: str, facts: Facts, random: Random) -> Exercise:
    """Two rows in all columns."""
    table = _Table.of(facts)
    one, other = random.sample(table.rows, 2)
    titles = [table.title(at) for at in range(1, len(table.columns) + 1)]
    words = {"a": one[0], "b": other[0], "columns": listed(titles)}
    ask = pick(_COMPARE, random, table=table.many, **words)
    points = tuple(
        sentence(f"The {title} of {one[0]} is {one[at]} and that of {other[0]} is {other[at]}")
        for at, title in enumerate(titles, 1)
    )
    rest = [row for row in table.rows if row not in (one, other)]
    third = random.choice(rest)
    more = tuple(
        sentence(f"The {title} of {third[0]} is {third[at]}") for at, title in enumerate(titles, 1)
    )
    growth = {"complicate_input": Growth(f"Add {third[0]} to the comparison.", more)}
    return Exercise("comparison", ask, points, growth=growth)


_ANY = (each, look_up, compare)
_CLASSES = (which, how_many, odd_one_out, name_some)
_NUMERIC = (sort, extreme)


def forms(facts: Facts) -> tuple[Form, ...]:
    """The forms that a table's columns allow."""
    table = _Table.of(facts)
    found: tuple[Form, ...] = _ANY
    found += _CLASSES if table.classes() else ()
    return found + (_NUMERIC * 2 if table.numeric() else ())
