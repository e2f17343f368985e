# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Families of problems about parts: fractions, decimals, percent and ratio."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd
from random import Random

from datawell.seeds.arithmetic_problems.problem import Problem
from datawell.seeds.arithmetic_problems.wording import (
    DEAR,
    FRUIT,
    GOODS,
    PLACES,
    THINGS,
    Solution,
    number,
    person,
    two,
    two_people,
)

_FRACTIONS = ((2, 3), (3, 4), (2, 5), (3, 5), (4, 5), (5, 6), (3, 7), (5, 8), (3, 8), (7, 10))


def fraction_of(random: Random) -> Problem:
    """a/b of an amount is gone; what is left."""
    who, thing = person(random), random.choice((*THINGS, *FRUIT))
    top, bottom = random.choice(_FRACTIONS)
    whole = bottom * random.randint(6, 32)
    s = Solution()
    part = s.step(f"{top}/{bottom}*{whole}", f"{thing} given away", "Find the part:")
    s.step(f"{whole}-{number(part)}", f"{thing} left", "Take it from the whole:")
    question = random.choice(
        (
            f"{who.name} has {whole} {thing} and gives {top}/{bottom} of them to friends. How many {thing} are left?",
            f"Out of {whole} {thing}, {who.name} gave away {top}/{bottom}. How many {thing} does {who.she} still have?",
            f"{top}/{bottom} of {who.name}'s {whole} {thing} went to {who.her} cousin. How many {thing} stayed with {who.name}?",
        )
    )
    return s.problem("fraction of an amount", question, thing)


def adding_fractions(random: Random) -> Problem:
    """a/b + c/d of a litre, a mile, an hour."""
    who = person(random)
    bottoms = random.choice(((2, 4), (4, 8), (2, 8), (5, 10), (2, 5), (4, 5), (2, 10), (4, 10)))
    tops = [
        random.choice([top for top in range(1, bottom) if gcd(top, bottom) == 1])
        for bottom in bottoms
    ]
    (a, c), (b, d) = tops, bottoms
    unit, story = random.choice(
        (
            (
                "litres",
                f"{who.name} mixes {a}/{b} of a litre of juice with {c}/{d} of a litre of water. How many litres of drink does {who.she} get?",
            ),
            (
                "miles",
                f"{who.name} walks {a}/{b} of a mile to the shop and then {c}/{d} of a mile to the park. How many miles does {who.she} walk?",
            ),
            (
                "metres",
                f"{who.name} sews a ribbon of {a}/{b} of a metre to a ribbon of {c}/{d} of a metre. How many metres long is the ribbon now?",
            ),
            (
                "pounds",
                f"A cake needs {a}/{b} of a pound of flour and {c}/{d} of a pound of butter. How many pounds do both weigh together?",
            ),
        )
    )
    s = Solution()
    s.step(f"{a}/{b}+{c}/{d}", unit, "Find a common denominator and add:")
    return s.problem("adding fractions", story, unit)


def percent_off(random: Random) -> Problem:
    """A price less its discount."""
    who, thing = person(random), random.choice(DEAR)
    percent = random.choice((5, 15, 20, 25, 30, 35, 40, 45, 60))
    price = random.choice((20, 40, 60, 80)) * random.randint(2, 9)
    s = Solution()
    off = s.step(f"{percent}/100*{price}", "off the price", "Find the discount:")
    s.step(f"{price}-{number(off)}", "to pay", "Take it from the price:")
    question = random.choice(
        (
            f"A {thing} costs ${price}. In a sale it is {percent}% off. How much does {who.name} pay for it?",
            f"{who.name} wants to buy a {thing} for ${price} and has a coupon for {percent}% off. What does {who.she} have to pay?",
            f"The price of a {thing} was ${price} before it went down by {percent}%. What does the {thing} cost now?",
        )
    )
    return s.problem("percent off", question, "$")


def percent_more(random: Random) -> Problem:
    """A number that grows by some per cent."""
    place = random.choice(PLACES)
    percent = random.choice((4, 5, 8, 15, 20, 25, 30, 40, 60))
    before = 25 * random.choice((4, 8, 12, 16, 20, 24, 32, 36, 48))
    s = Solution()
    more = s.step(f"{percent}/100*{before}", "more visitors", "Find the growth:")
    s.step(f"{before}+{number(more)}", "visitors", "Add it:")
    question = random.choice(
        (
            f"Last month the {place} had {before} visitors. This month it had {percent}% more. How many visitors came this month?",
            f"The number of visitors of the {place} grew by {percent}% from {before}. How many visitors are there now?",
            f"In May {before} visitors came to the {place}, and in June {percent}% more than in May. How many visitors came in June?",
        )
    )
    return s.problem("percent more", question, "visitors")


def share_in_percent(random: Random) -> Problem:
    """What per cent a part is of a whole."""
    who, thing = person(random), random.choice((*THINGS, *GOODS))
    whole = random.choice((20, 25, 40, 50, 80, 125, 200))
    percent = random.choice([p for p in range(4, 97) if p * whole % 100 == 0])
    part = percent * whole // 100
    blue = whole - part
    s = Solution()
    total = s.step(f"{part}+{blue}", f"{thing} in all", "Find the whole:")
    s.step(f"{part}/{number(total)}*100", "", "Write the part as a percent:")
    question = random.choice(
        (
            f"{who.name} has {part} red {thing} and {blue} blue {thing}. What percent of the {thing} are red?",
            f"A box holds {part} red and {blue} blue {thing}. Red {thing} are what percent of all the {thing} in the box?",
            f"Of {who.name}'s {thing}, {part} are red and {blue} are blue. How many percent are red?",
        )
    )
    return s.problem("share in percent", question, "percent")


def ratio_shares(random: Random) -> Problem:
    """A total divided in the ratio a : b."""
    first, second = two_people(random)
    a, b = random.sample(range(2, 10), 2)
    each = random.randint(3, 18)
    total = (a + b) * each
    s = Solution()
    parts = s.step(f"{a}+{b}", "equal parts", "Count the parts:")
    one = s.step(f"{total}/{number(parts)}", "in each part", "Find what a part is worth:")
    s.step(f"{b}*{number(one)}", f"for {second.name}", "Take the parts that count:")
    question = random.choice(
        (
            f"{first.name} and {second.name} share ${total} in the ratio {a}:{b}. How much does {second.name} get?",
            f"A prize of ${total} is divided between {first.name} and {second.name} in the ratio {a} to {b}. What is the share of {second.name}?",
            f"{first.name} and {second.name} earned ${total} together and split it in the ratio {a}:{b}. How much money does {second.name} receive?",
        )
    )
    return s.problem("ratio shares", question, "$")


def recipe(random: Random) -> Problem:
    """Scaling in proportion (additive errors)."""
    who = person(random)
    what = random.choice(("eggs", "apples", "tomatoes", "potatoes", "bananas", "lemons", "carrots"))
    dish = random.choice(("soup", "cake", "salad", "stew", "pie", "punch"))
    people, per = random.randint(2, 6), random.randint(2, 7)
    guests = random.choice([g for g in range(7, 25) if g != people])
    amount = people * per
    s = Solution()
    one = s.step(f"{amount}/{people}", f"{what} for each person", "For a single person:")
    s.step(f"{number(one)}*{guests}", f"{what} for all guests", "For all guests:")
    question = random.choice(
        (
            f"A recipe for {dish} needs {amount} {what} for {people} people. How many {what} does {who.name} need for {guests} people?",
            f"For {people} people {who.name} uses {amount} {what} in a {dish}. How many {what} are needed for {guests} people at the same rate?",
            f"{who.name} cooks {dish}. With {amount} {what} it is enough for {people} people. How many {what} does it take per meal for {guests} people?",
        )
    )
    return s.problem("recipe in ratio", question, what)


def decimal_prices(random: Random) -> Problem:
    """Prices with different numbers of decimal places."""
    who, (first, second) = person(random), two(random, FRUIT)
    a = Fraction(random.randint(11, 89), 10)
    b = Fraction(random.choice([v for v in range(105, 895) if v % 10]), 100)
    s = Solution()
    total = s.step(f"{number(a)}+{number(b)}", "pounds together", "Add the weights:")
    used = Fraction(random.randint(5, 15), 10)
    s.step(f"{number(total)}-{number(used)}", "pounds left", "Take away what was eaten:")
    question = random.choice(
        (
            f"{who.name} buys {number(a)} pounds of {first} and {number(b)} pounds of {second}. {number(used)} pounds are eaten. How many pounds of fruit are left?",
            f"A basket holds {number(a)} pounds of {first} and {number(b)} pounds of {second}. {who.name} takes {number(used)} pounds out. How many pounds stay in the basket?",
            f"With {number(a)} pounds of {first} and {number(b)} pounds of {second} {who.name} makes a salad, and {number(used)} pounds of it are eaten at once. How many pounds remain?",
        )
    )
    return s.problem("decimal weights", question, "pounds")


def decimal_product(random: Random) -> Problem:
    """A decimal amount at a decimal price."""
    who, what = person(random), random.choice(("cloth", "ribbon", "rope", "wire", "carpet", "lace"))
    length = Fraction(random.choice([v for v in range(12, 78) if v % 10]), 10)
    price = Fraction(random.choice([v for v in range(3, 49) if v % 10]), 10)
    extra = random.randint(2, 9)
    s = Solution()
    cost = s.step(f"{number(length)}*{number(price)}", f"for the {what}", "Length times price:")
    s.step(f"{number(cost)}+{extra}", "in total", "Add the thread:")
    question = random.choice(
        (
            f"{who.name} buys {number(length)} metres of {what} at ${number(price)} per metre and a needle case for ${extra}. How much does {who.she} pay?",
            f"A metre of {what} costs ${number(price)}. {who.name} needs {number(length)} metres and a pair of scissors for ${extra}. What is the total price?",
            f"At ${number(price)} a metre, {who.name} takes {number(length)} metres of {what}, and {who.she} adds a pattern for ${extra}. How much money does {who.she} spend?",
        )
    )
    return s.problem("decimal product", question, "$")


FAMILIES: tuple[Callable[[Random], Problem], ...] = (
    fraction_of,
    adding_fractions,
    percent_off,
    percent_more,
    share_in_percent,
    ratio_shares,
    recipe,
    decimal_prices,
    decimal_product,
)
