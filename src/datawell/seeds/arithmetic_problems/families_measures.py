# ruff: noqa: E501 - one wording a line is easier to read and to compare than a wrapped one
"""Families of problems about rates, units, time, averages, equations and areas."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from datawell.seeds.arithmetic_problems.problem import Problem
from datawell.seeds.arithmetic_problems.wording import (
    GOODS,
    PLACES,
    Solution,
    number,
    person,
    two_people,
)


def two_legs(random: Random) -> Problem:
    """Speed times time, twice."""
    who = person(random)
    v, w = random.randint(4, 28), random.randint(31, 88)
    t, u = random.randint(2, 6), random.randint(2, 7)
    how, then = random.choice((("bicycle", "train"), ("tractor", "car"), ("boat", "bus")))
    s = Solution()
    a = s.step(f"{v}*{t}", f"miles by {how}", "The first leg:")
    b = s.step(f"{w}*{u}", f"miles by {then}", "The other leg:")
    s.step(f"{number(a)}+{number(b)}", "miles in all", "Both legs:")
    question = random.choice(
        (
            f"{who.name} travels {t} hours by {how} at {v} miles per hour and then {u} hours by {then} at {w} miles per hour. How many miles does {who.she} travel?",
            f"On a journey {who.name} goes by {how} for {t} hours at a speed of {v} miles per hour, and by {then} for {u} hours at {w} miles per hour. How many miles is that altogether?",
            f"A {how} goes {v} miles per hour and a {then} {w} miles per hour. {who.name} sits in the {how} for {t} hours and in the {then} for {u} hours. How many miles does {who.she} cover?",
        )
    )
    return s.problem("two legs", question, "miles")


def machine(random: Random) -> Problem:
    """A rate in minutes, a time in hours."""
    thing, place = random.choice(GOODS), random.choice(("factory", "workshop", "mill", "plant"))
    rate, hours = random.randint(3, 24), random.randint(2, 9)
    s = Solution()
    minutes = s.step(f"{hours}*60", "minutes", "Change the hours into minutes:")
    total = s.step(f"{rate}*{number(minutes)}", f"{thing} made", "Rate times time:")
    broken = random.randint(14, 90)
    s.step(f"{number(total)}-{broken}", f"good {thing}", "Take away the broken pieces:")
    question = random.choice(
        (
            f"A machine in a {place} makes {rate} {thing} per minute. It runs for {hours} hours, and {broken} of the {thing} are broken. How many good {thing} does it make?",
            f"In a {place}, {rate} {thing} are finished every minute. After {hours} hours {broken} {thing} have to be thrown away. How many {thing} are good?",
            f"Every minute a {place} turns out {rate} {thing}. It works {hours} hours a day and {broken} {thing} fail the test. How many {thing} pass it each day?",
        )
    )
    return s.problem("machine rate", question, thing)


def minutes_to_hours(random: Random) -> Problem:
    """Minutes a day, hours in all."""
    who = person(random)
    task = random.choice(("reads", "practises the piano", "runs", "paints", "studies", "swims"))
    per, days = random.choice(
        [
            (p, d)
            for p in (15, 20, 24, 25, 30, 36, 40, 45, 50)
            for d in range(4, 31)
            if p * d % 60 == 0
        ]
    )
    s = Solution()
    total = s.step(f"{per}*{days}", "minutes", "All minutes:")
    s.step(f"{number(total)}/60", "hours", "Change them into hours:")
    question = random.choice(
        (
            f"{who.name} {task} for {per} minutes every day. How many hours is that in {days} days?",
            f"Each day {who.name} {task} for {per} minutes. After {days} days, how many hours has {who.she} spent on it?",
            f"For {days} days {who.name} {task} {per} minutes a day. How many hours does this make in total?",
        )
    )
    return s.problem("minutes to hours", question, "hours")


def cutting(random: Random) -> Problem:
    """Metres into centimetres, cut into pieces."""
    who, what = person(random), random.choice(("rope", "ribbon", "wire", "string", "cable"))
    piece = random.choice((8, 12, 15, 16, 20, 24, 25, 30, 40))
    metres = random.choice([m for m in range(2, 49) if m * 100 % piece == 0])
    s = Solution()
    total = s.step(f"{metres}*100", "centimetres", "Change the metres:")
    s.step(f"{number(total)}/{piece}", "pieces", "Divide by the length of a piece:")
    question = random.choice(
        (
            f"{who.name} cuts {metres} metres of {what} into pieces of {piece} centimetres. How many pieces does {who.she} get?",
            f"How many pieces of {piece} centimetres can {who.name} cut from {metres} metres of {what}?",
            f"A {what} is {metres} metres long. {who.name} cuts it into pieces, each {piece} centimetres long. How many pieces are there?",
        )
    )
    return s.problem("cutting", question, "pieces")


def bottles(random: Random) -> Problem:
    """Litres into millilitres, filled into glasses."""
    who, drink = person(random), random.choice(("juice", "milk", "water", "lemonade", "tea"))
    glass = random.choice((125, 200, 250, 400, 500))
    count = random.choice([c for c in range(2, 16) if c * 1500 % glass == 0])
    s = Solution()
    litres = s.step(f"{count}*1.5", "litres", "All bottles:")
    ml = s.step(f"{number(litres)}*1000", "millilitres", "Change the litres:")
    s.step(f"{number(ml)}/{glass}", "glasses", "Divide by the size of a glass:")
    question = random.choice(
        (
            f"{who.name} has {count} bottles with 1.5 litres of {drink} each. How many glasses of {glass} ml can {who.she} fill?",
            f"For a party {who.name} buys {count} bottles of {drink}, each with 1.5 litres. A glass holds {glass} ml. How many glasses can be filled?",
            f"A glass holds {glass} ml. How many glasses does {who.name} fill from {count} bottles that hold 1.5 litres of {drink} each?",
        )
    )
    return s.problem("bottles and glasses", question, "glasses")


def average(random: Random) -> Problem:
    """The mean of three to five values."""
    who, count = person(random), random.randint(3, 5)
    mean = random.randint(8, 60)
    values = [mean + random.randint(-6, 7) for _ in range(count - 1)]
    values.append(count * mean - sum(values))
    if min(values) <= 0 or len(set(values)) < 3:
        return average(random)
    listed = ", ".join(map(str, values[:-1])) + f" and {values[-1]}"
    s = Solution()
    s.step(f"({'+'.join(map(str, values))})/{count}", "on average", "Add and divide:")
    question = random.choice(
        (
            f"{who.name} scored {listed} points in {count} games. What is {who.her} average score?",
            f"On {count} days {who.name} sold {listed} cups of tea. How many cups is that per day on average?",
            f"The temperatures at noon on {count} days were {listed} degrees. What was the mean temperature?",
            f"In {count} throws {who.name} reached {listed} metres. What is the average of {who.her} throws?",
        )
    )
    return s.problem("average", question)


def weighted_mean(random: Random) -> Problem:
    """A mean over groups of different sizes."""
    place = random.choice(PLACES)
    m, n = random.sample(range(2, 9), 2)
    a, b = random.sample(range(6, 40), 2)
    if (a * m + b * n) % (m + n):
        return weighted_mean(random)
    s = Solution()
    s.step(f"({a}*{m}+{b}*{n})/({m}+{n})", "on average", "Share the total over all:")
    question = random.choice(
        (
            f"At the {place}, {m} groups have {a} members each and {n} groups have {b} members each. How many members does a group have on average?",
            f"On {m} days {a} people came to the {place} each day, and on {n} days {b} people each day. What was the average number of people a day?",
            f"The {place} bought {m} boxes for ${a} each and {n} boxes for ${b} each. What was the average price of a box?",
        )
    )
    return s.problem("weighted mean", question)


def equation(random: Random) -> Problem:
    """a·x + b = c or a·x - b = c."""
    who = person(random)
    a, x, b = random.randint(3, 12), random.randint(3, 25), random.randint(4, 60)
    minus = a * x > b + 3 and random.random() < 0.4
    c = a * x - b if minus else a * x + b
    s = Solution()
    undo = f"{c}+{b}" if minus else f"{c}-{b}"
    product = s.step(undo, "", "Undo the last operation:")
    s.step(f"{number(product)}/{a}", "", "Divide by the number before the letter:")
    sign, verb, gets = ("-", "subtracts", "from it") if minus else ("+", "adds", "")
    question = random.choice(
        (
            f"Solve the equation {a}x {sign} {b} = {c} for x.",
            f"{who.name} thinks of a number, multiplies it by {a}, {verb} {b} {gets} and gets {c}. Which number is it?".replace(
                "  ", " "
            ),
            f"What is x if {a}x {sign} {b} = {c}?",
            f"{who.name} writes down {a}y {sign} {b} = {c}. Which value of y makes it true?",
        )
    )
    return s.problem("linear equation", question)


def ages(random: Random) -> Problem:
    """Two ages by their sum and difference: an equation in words."""
    first, second = two_people(random)
    young, gap = random.randint(5, 30), random.randint(3, 18)
    total = 2 * young + gap
    s = Solution()
    double = s.step(f"{total}-{gap}", "", "Take away the difference:")
    s.step(f"{number(double)}/2", f"years for {second.name}", "Divide by the number of people:")
    question = random.choice(
        (
            f"{first.name} is {gap} years older than {second.name}. Together they are {total} years old. How old is {second.name}?",
            f"The ages of {first.name} and {second.name} add up to {total}. {first.name} is {gap} years older. How old is {second.name}?",
            f"{second.name} is {gap} years younger than {first.name}, and together they are {total}. What is the age of {second.name}?",
        )
    )
    return s.problem("ages equation", question, "years")


def fence(random: Random) -> Problem:
    """A perimeter with brackets, at a price."""
    who = person(random)
    length, width, price = random.randint(8, 48), random.randint(5, 36), random.randint(3, 14)
    what = random.choice(("garden", "meadow", "playground", "field", "yard"))
    s = Solution()
    around = s.step(f"2*({length}+{width})", "metres around", "The way around:")
    s.step(f"{number(around)}*{price}", "for the fence", "Times the price:")
    question = random.choice(
        (
            f"A {what} is {length} metres long and {width} metres wide. {who.name} puts a fence around it that costs ${price} per metre. How much does the fence cost?",
            f"{who.name} wants to fence a {what} of {length} by {width} metres. Each metre of fence costs ${price}. How much does {who.she} pay?",
            f"How much does it cost to fence a rectangular {what} with sides of {length} and {width} metres at ${price} a metre?",
        )
    )
    return s.problem("fence", question, "$")


def tiles(random: Random) -> Problem:
    """An area, divided into packs."""
    who = person(random)
    length, width = random.randint(11, 39), random.randint(4, 29)
    options = [p for p in range(3, 13) if length * width % p == 0]
    if not options:
        return tiles(random)
    pack = random.choice(options)
    room = random.choice(("hall", "kitchen", "terrace", "cellar", "studio"))
    s = Solution()
    area = s.step(f"{length}*{width}", "tiles", "Tiles in all:")
    s.step(f"{number(area)}/{pack}", "packs", "Divide by the tiles of a pack:")
    question = random.choice(
        (
            f"{who.name} lays tiles in a {room}: {width} rows with {length} tiles each. A pack holds {pack} tiles. How many packs does {who.she} need?",
            f"The floor of a {room} takes {width} rows of {length} tiles. How many packs of {pack} tiles are needed?",
            f"In a {room} there is room for {length} tiles in each of {width} rows. Tiles come in packs of {pack}. How many packs must {who.name} buy?",
        )
    )
    return s.problem("tiles", question, "packs")


def scoops(random: Random) -> Problem:
    """How often a fraction fits: dividing by less than a whole."""
    who = person(random)
    part = random.choice(
        (Fraction(1, 4), Fraction(3, 4), Fraction(2, 5), Fraction(1, 5), Fraction(3, 5))
    )
    count = random.randint(4, 30)
    total = part * count
    if total.denominator != 1 or total < 2:
        return scoops(random)
    what = random.choice(("flour", "rice", "sugar", "sand", "soil", "paint"))
    share = f"{part.numerator}/{part.denominator}"
    s = Solution()
    s.step(f"{number(total)}/({share})", "scoops", "How often does the scoop fit:")
    question = random.choice(
        (
            f"{who.name} has {number(total)} pounds of {what}. A scoop holds {share} of a pound. How many scoops are in it?",
            f"How many scoops of {share} of a pound can {who.name} take from {number(total)} pounds of {what}?",
            f"A bucket holds {number(total)} pounds of {what}, and {who.name} empties it with a scoop for {share} of a pound. How many scoops does it take?",
        )
    )
    return s.problem("scoops", question, "scoops")


FAMILIES: tuple[Callable[[Random], Problem], ...] = (
    two_legs,
    machine,
    minutes_to_hours,
    cutting,
    bottles,
    average,
    weighted_mean,
    equation,
    ages,
    fence,
    tiles,
    scoops,
)
