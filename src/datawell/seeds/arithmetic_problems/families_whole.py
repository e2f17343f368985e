# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Families of problems in whole numbers: sums, differences, products, quotients, comparisons."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from datawell.seeds.arithmetic_problems.problem import Problem
from datawell.seeds.arithmetic_problems.wording import (
    FRUIT,
    GOODS,
    PACKS,
    PLACES,
    THINGS,
    Solution,
    number,
    person,
    two,
    two_people,
)


def gain_and_loss(random: Random) -> Problem:
    """Something comes in and something goes: carrying and borrowing."""
    who, thing = person(random), random.choice(THINGS)
    a, b = random.randint(125, 890), random.randint(48, 590)
    c = random.randint(39, min(a + b - 20, 480))
    s = Solution()
    total = s.step(f"{a}+{b}", f"{thing} in all", "Put both amounts together:")
    s.step(f"{number(total)}-{c}", f"{thing} left", "Take away what is gone:")
    question = random.choice(
        (
            f"{who.name} has {a} {thing} and finds {b} more in an old box. Then {who.she} gives {c} {thing} to a friend. How many {thing} does {who.name} have left?",
            f"In spring {who.name} owned {a} {thing}. Over the summer {who.she} collected another {b}, but in autumn {who.she} lost {c} of them. How many {thing} are left?",
            f"{who.name} starts a week with {a} {thing}, buys {b} at a fair and sells {c} to a neighbour. How many {thing} remain?",
            f"A drawer holds {a} {thing}. {who.name} puts in {b} more and later takes out {c}. How many {thing} are in the drawer now?",
        )
    )
    return s.problem("gain and loss", question, thing)


def stock(random: Random) -> Problem:
    """A round number less two others: borrowing across zeros."""
    place, thing = random.choice(PLACES), random.choice((*GOODS, *FRUIT))
    full = random.choice((400, 500, 600, 700, 800, 900, 1000, 2000, 3000))
    a = random.randint(57, full // 2 - 10)
    b = random.randint(36, full // 3)
    s = Solution()
    rest = s.step(f"{full}-{a}", f"{thing} after the first day", "Start from the full stock:")
    s.step(f"{number(rest)}-{b}", f"{thing} at the end", "Then take away again:")
    question = random.choice(
        (
            f"The {place} ordered {full} {thing}. On Monday {a} {thing} were handed out and on Tuesday {b}. How many {thing} are still there?",
            f"A store room of the {place} held {full} {thing}. First {a} {thing} were used and then {b} more. How many {thing} remain in the store room?",
            f"Of the {full} {thing} at the {place}, {a} were sold in the morning and {b} in the afternoon. How many {thing} were not sold?",
        )
    )
    return s.problem("stock", question, thing)


def shopping(random: Random) -> Problem:
    """n·p + m·q, and the change."""
    who, (first, second) = person(random), two(random, GOODS)
    n, m = random.randint(3, 9), random.randint(2, 9)
    p, q = random.randint(2, 14), random.randint(3, 18)
    s = Solution()
    a = s.step(f"{n}*{p}", f"for the {first}", "Work out the price of the first goods:")
    b = s.step(f"{m}*{q}", f"for the {second}", "Then of the others:")
    total = s.step(f"{number(a)}+{number(b)}", "altogether", "Add the prices:")
    note = next(v for v in (20, 50, 100, 200, 500) if v > total)
    buys = f"{who.name} buys {n} {first} at ${p} each and {m} {second} at ${q} each."
    if random.random() < 0.6:
        s.step(f"{note}-{number(total)}", "in change", "Take the price from what was paid:")
        ask = random.choice(
            (
                f"{who.she.capitalize()} pays with ${note}. How much change does {who.she} get?",
                f"How much is left of the ${note} that {who.she} had?",
                f"{who.her.capitalize()} aunt gave {who.name} ${note} for it. How much money is left over?",
            )
        )
    else:
        ask = random.choice(
            (
                f"How much does {who.she} pay in total?",
                "What is the total price?",
                f"How much money does {who.name} spend altogether?",
            )
        )
    return s.problem("shopping", f"{buys} {ask}", "$")


def packs(random: Random) -> Problem:
    """Packs times contents, shared out equally."""
    pack, thing = random.choice(PACKS), random.choice((*FRUIT, *GOODS))
    groups = random.randint(3, 9)
    inside = random.randint(4, 25) * groups
    count = random.randint(3, 12)
    who = person(random)
    s = Solution()
    total = s.step(f"{count}*{inside}", f"{thing} in all the {pack}", "Count everything:")
    s.step(f"{number(total)}/{groups}", f"{thing} for each group", "Share it out:")
    question = random.choice(
        (
            f"{who.name} has {count} {pack} with {inside} {thing} in each. {who.she.capitalize()} shares all of them equally among {groups} groups. How many {thing} does each group get?",
            f"There are {count} {pack} and each holds {inside} {thing}. They are divided equally among {groups} classes. How many {thing} does each class receive?",
            f"A farm sends {count} {pack} of {inside} {thing} each to {groups} shops, and every shop gets the same amount. How many {thing} does each shop get?",
        )
    )
    return s.problem("packs", question, thing)


def comparison(random: Random) -> Problem:
    """Times as many, and together."""
    (first, second), thing = two_people(random), random.choice(THINGS)
    k, a = random.randint(3, 9), random.randint(12, 98)
    s = Solution()
    times = "twice" if k == 2 else f"{k} times"
    b = s.step(f"{k}*{a}", f"{thing} for {second.name}", "Find the larger collection:")
    ask = f"How many {thing} do they have together?"
    if random.random() < 0.5:
        s.step(f"{a}+{number(b)}", f"{thing} together", "Add both collections:")
    else:
        ask = f"How many more {thing} does {second.name} have than {first.name}?"
        s.step(f"{number(b)}-{a}", f"more {thing}", "Compare both collections:")
    question = random.choice(
        (
            f"{first.name} has {a} {thing}. {second.name} has {times} as many {thing} as {first.name}. {ask}",
            f"{second.name} owns {times} as many {thing} as {first.name}, who owns {a}. {ask}",
            f"{first.name} counted {a} {thing} and {second.name} counted {times} as many. {ask}",
        )
    )
    return s.problem("comparison", question, thing)


def reverse_comparison(random: Random) -> Problem:
    """The larger amount is known; the other is k times smaller (reversal errors)."""
    (first, second), thing = two_people(random), random.choice(THINGS)
    k, small = random.randint(3, 8), random.randint(14, 96)
    large = k * small
    extra = random.randint(7, 45)
    s = Solution()
    b = s.step(f"{large}/{k}", f"{thing} for {second.name}", "The smaller collection:")
    s.step(f"{number(b)}+{extra}", f"{thing} for {second.name} in the end", "Add what came later:")
    question = random.choice(
        (
            f"{first.name} has {large} {thing}, which is {k} times as many as {second.name} has. Then {second.name} gets {extra} more. How many {thing} does {second.name} have now?",
            f"{first.name} has {k} times as many {thing} as {second.name}. {first.name} has {large} {thing}. How many does {second.name} have after getting another {extra} {thing}?",
            f"With {large} {thing}, {first.name} has {k} times as many as {second.name}. {second.name} then buys {extra} {thing}. How many {thing} does {second.name} own after that?",
        )
    )
    return s.problem("reverse comparison", question, thing)


def tickets(random: Random) -> Problem:
    """Two prices in one calculation: order of operations."""
    place, who = random.choice(PLACES), person(random)
    adults, children = random.randint(2, 8), random.randint(3, 15)
    p, q = random.randint(8, 19), random.randint(3, 7)
    s = Solution()
    total = s.step(f"{adults}*{p}+{children}*{q}", "for all tickets", "All tickets:")
    if random.random() < 0.5:
        bus = random.randint(18, 75)
        s.step(f"{number(total)}+{bus}", "in all", "Add the bus:")
        extra = f" The bus costs ${bus} more."
    else:
        off = random.randint(4, 15)
        s.step(f"{number(total)}-{off}", "in all", "Take off the voucher:")
        extra = f" A voucher takes ${off} off the price."
    question = random.choice(
        (
            f"A ticket for the {place} costs ${p} for adults and ${q} for children. {who.name} goes there with a group of {adults} adults and {children} children.{extra} How much does the group pay?",
            f"{adults} adults and {children} children visit the {place}. Adults pay ${p} and children ${q}.{extra} What does the visit cost?",
            f"For a trip to the {place}, {who.name} books {adults} adult tickets at ${p} and {children} child tickets at ${q}.{extra} How much is that in total?",
        )
    )
    return s.problem("tickets", question, "$")


def rows_of_seats(random: Random) -> Problem:
    """A two-digit product, less what is taken."""
    place = random.choice(PLACES)
    rows, seats = random.randint(12, 38), random.randint(13, 46)
    taken = random.randint(60, rows * seats - 40)
    s = Solution()
    total = s.step(f"{rows}*{seats}", "seats", "Count the seats:")
    s.step(f"{number(total)}-{taken}", "seats are free", "Take away the taken seats:")
    question = random.choice(
        (
            f"The hall of the {place} has {rows} rows with {seats} seats each. {taken} seats are taken. How many seats are free?",
            f"At the {place} there are {rows} rows of {seats} seats. If {taken} people sit down, how many seats stay empty?",
            f"{rows} rows of {seats} chairs are set up at the {place}, and {taken} guests arrive. How many seats are left?",
        )
    )
    return s.problem("rows of seats", question, "seats")


def saving(random: Random) -> Problem:
    """(goal - saved) / weekly."""
    who = person(random)
    weekly, weeks = random.randint(4, 15), random.randint(5, 24)
    have = random.randint(12, 80)
    goal = have + weekly * weeks
    s = Solution()
    missing = s.step(f"{goal}-{have}", "still missing", "Find what is missing:")
    s.step(f"{number(missing)}/{weekly}", "weeks", "Divide by what comes in each week:")
    question = random.choice(
        (
            f"{who.name} saves for a trip that costs ${goal}. {who.she.capitalize()} has ${have} and saves ${weekly} every week. How many weeks does it take?",
            f"A trip costs ${goal}. {who.name} already has ${have} and puts ${weekly} aside each week. After how many weeks can {who.she} pay for the trip?",
            f"{who.name} has ${have} and wants to have ${goal}. If {who.she} saves ${weekly} a week, how many weeks must {who.she} save?",
        )
    )
    return s.problem("saving", question, "weeks")


FAMILIES: tuple[Callable[[Random], Problem], ...] = (
    gain_and_loss,
    stock,
    shopping,
    packs,
    comparison,
    reverse_comparison,
    tickets,
    rows_of_seats,
    saving,
)
