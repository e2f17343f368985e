"""For every kind of constraint: arguments, texts that hold, texts that break it."""

from __future__ import annotations

from typing import Any, NamedTuple

PLAIN = "The kettle sings. Pour the water slowly!\nThen wait."
TABLE = "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"
SECTIONS = "Part 1\nWarm up.\n\nPart 2\nRun."


class Example(NamedTuple):
    """One kind with its arguments."""

    kind: str
    args: dict[str, Any]
    holds: tuple[str, ...]
    breaks: tuple[str, ...]


def _how_often(relation: str, count: int, **more: Any) -> dict[str, Any]:
    return {"relation": relation, "count": count, **more}


EXAMPLES = (
    Example(
        "keywords",
        {"words": ["kettle", "water"]},
        (PLAIN, "KETTLE, water", "The kettle's lid is under water"),
        ("The kettles hold water.", "A kettle alone", ""),
    ),
    Example(
        "keyword_frequency",
        _how_often("exactly", 2, word="tea"),
        ("Tea and more tea.", "tea TEA"),
        ("tea", "tea tea tea", "teapot tea"),
    ),
    Example(
        "forbidden_words",
        {"words": ["very", "sea"]},
        ("Every seat is taken.", ""),
        ("Very nice", "by the sea."),
    ),
    Example(
        "letter_frequency",
        _how_often("at least", 3, letter="e"),
        ("Eve sees", "e E e"),
        ("Eve", "", "ea e"),
    ),
    Example(
        "language",
        {"language": "german"},
        (
            "Der Hund schläft und die Katze ist auf dem Dach.",
            "Ich bin nicht der, auf den du wartest.",
        ),
        (
            "The dog is asleep and the cat is on the roof.",
            "Le chien dort et le chat est sur le toit.",
            "Hund Katze Dach Maus Baum Haus",
            "Собака спит, а кошка сидит на крыше.",
            "",
        ),
    ),
    Example(
        "sentences",
        _how_often("exactly", 3),
        (PLAIN, 'One is 1.5 m. Dr. Ito knows it. He said: "Yes!"', "1. First\n2. Second\n3. Third"),
        ("One. Two.", "a. b. c. d.", ""),
    ),
    Example(
        "words",
        _how_often("at most", 4),
        ("It's a well-known fact", "", "* one - two"),
        ("One two three four five",),
    ),
    Example(
        "paragraphs",
        {"count": 2},
        ("One.\n\n***\n\nTwo.", "One.\n***\nTwo."),
        ("One.\n\nTwo.", "One.\n***\n***\nTwo.", "One.\n***\n", "One *** two"),
    ),
    Example(
        "paragraph_first_word",
        {"count": 2, "nth": 2, "word": "then"},
        ("Wait.\n\nThen go.", 'Wait.\n \n"Then" go.'),
        ("Wait.\nThen go.", "Then go.\n\nWait.", "Wait.\n\nThen go.\n\nStop.", ""),
    ),
    Example(
        "placeholders",
        {"count": 2},
        ("Dear [name], see you on [date].", "[a][b]"),
        ("Dear [name]", "[ ] and []", "[text](http://a.b) and [name]"),
    ),
    Example(
        "postscript",
        {"marker": "P.S."},
        ("Bye.\n\nP.S. Write soon.", "Bye.\n\np.s. write"),
        ("P.S. Write soon.\n\nBye.", "Bye. P.S. Write.", "Bye.\n\nP.S.", ""),
    ),
    Example(
        "bullets",
        {"count": 2},
        ("* one\n* two", "Here:\n- one\n  - two\nDone", "• a\n• b"),
        ("* one", "* one\n* two\n* three", "*one*\n*two*", "1. one\n2. two", "***\n***"),
    ),
    Example(
        "choice",
        {"options": ["yes", "no", "I cannot say."]},
        ("yes", "No.", " I cannot say "),
        ("yes and no", "Yes, of course", "", "maybe"),
    ),
    Example(
        "highlights",
        {"count": 2},
        ("*One* and **two**", "* item with *one*\n* and *two*"),
        ("* one\n* two", "*one*", "2 * 3 * 4", "** ** and * *"),
    ),
    Example(
        "sections",
        {"splitter": "Part", "count": 2},
        (SECTIONS, "**PART 1**\nA\n## part 2\nB"),
        (
            "Part 1\nA",
            "Part 1\nPart 2\nB",
            "Part 2\nA\nPart 1\nB",
            f"{SECTIONS}\nPart 3\nC",
            "Parts 1\nA",
        ),
    ),
    Example(
        "json",
        {},
        ('{"a": [1, null]}', "[]", "```json\n{}\n```", ' {"a": 1}\n'),
        (
            "",
            "3",
            '"text"',
            "{'a': 1}",
            '{"a": NaN}',
            '{"a": 1} done',
            '{"a": 1, "a": 2}',
            "[" * 9999,
        ),
    ),
    Example(
        "title",
        {},
        ("<<My title>>\nText", "Text <<a>>"),
        ("<My title>", "<<>>", "<< >>", "<<My\ntitle>>"),
    ),
    Example(
        "two_responses",
        {},
        ("Yes.\n******\nNo.", "Yes ****** perhaps"),
        (
            "Yes.\n***\nNo.",
            "Yes.\n******\nyes!",
            "Yes.\n******\n",
            "a ****** b ****** c",
            "a ******* b",
        ),
    ),
    Example(
        "repeat_prompt",
        {"request": "Why is it  late?"},
        ("Why is it late? Because.", "why is it late?\n\nBecause."),
        ("Why is it late?", "Because. Why is it late?", "Why is he late? Because."),
    ),
    Example(
        "ends_with",
        {"phrase": "Have fun!"},
        ("So go. Have fun!", "HAVE  FUN!\n"),
        ("Have fun", "Have fun! Bye.", ""),
    ),
    Example(
        "quotation",
        {},
        ('"All of it."', " “All of it.” "),
        ('"All" of it', "'All of it'", '""', '"'),
    ),
    Example(
        "capital_words",
        _how_often("exactly", 2),
        ("NASA and ESA", "A WELL-KNOWN FACT is"),
        ("I am A B", "NASA", "ONE TWO THREE"),
    ),
    Example("upper_case", {}, ("ALL 3!", "ÄÖ"), ("All", "123", "")),
    Example("lower_case", {}, ("all 3!", "äö"), ("All", "123", "ǅ is one")),
    Example("no_comma", {}, ("a; b", ""), ("a, b", "a، b", "一，二")),
    Example(
        "starts_with",
        {"phrase": "With pleasure."},
        ("With pleasure. It is so.", " with  pleasure. Yes"),
        ("It is so. With pleasure.", "With pleasure", ""),
    ),
    Example(
        "numbered_list",
        {"count": 2},
        ("1. one\n2. two", "So:\n 1) one\n 2) two\nDone."),
        ("1. one", "2. one\n3. two", "1. one\n1. two", "* one\n* two", "1.\n2."),
    ),
    Example(
        "table",
        {"count": 2},
        (TABLE, f"Here it is:\n\n{TABLE}\n\nThat is all."),
        (
            "| A | B |\n| --- | --- |\n| 1 | 2 |",
            TABLE.replace("| 3 | 4 |", "| 3 |"),
            "| 1 | 2 |\n| 3 | 4 |",
            f"{TABLE}\n\n{TABLE}",
            "",
        ),
    ),
    Example(
        "sentence_length",
        {"count": 4},
        ("One two three four. One two.", "One two three\nfour five six", ""),
        ("One two three four five.",),
    ),
    Example("characters", {"count": 5}, ("12345", " 12345 \n", ""), ("123456",)),
    Example("no_digits", {}, ("one", "²"), ("1", "٣ apples", "a1")),
    Example(
        "answer_line",
        {"label": "Answer"},
        ("It is 4.\nAnswer: 4", "It is.\n\nanswer: four\n"),
        ("Answer: 4\nIt is.", "It is.\nAnswer:", "It is.\nAnswer 4", ""),
    ),
    Example(
        "answer_tags",
        {"tag": "final"},
        ("So <final>4</final>", "<FINAL>\nfour\n</FINAL>"),
        ("So 4", "<final></final>", "<final>4</final> <final>5</final>", "</final>4<final>"),
    ),
    Example(
        "sorted_list",
        {},
        ("* ant\n* Bee\n* cat", "1. ant\n2. bee", "- *ant*\n- bee"),
        ("* bee\n* ant", "* ant", "ant\nbee", ""),
    ),
    Example(
        "code_block",
        {},
        ("```\nx\n```", "```python\nx = 1\n\ny\n```\n"),
        ("x", "```\nx\n```\nmore", "```\n```", "```\na\n```\n```\nb\n```", "```x```"),
    ),
    Example("forbidden_marks", {"marks": ["!", "—"]}, ("a-b.", ""), ("a!", "a — b")),
    Example("lines", {"count": 2}, ("one\n\ntwo", "one\ntwo\n---"), ("one", "1\n2\n3", "")),
    Example(
        "script",
        {"script": "greek"},
        ("Ο ήλιος λάμπει, 3!", "αβγ"),
        ("The sun", "ήλιος sun", "123", ""),
    ),
    Example(
        "json_keys",
        {"keys": ["answer", "why"]},
        ('{"why": 1, "answer": {}}', '```json\n{"answer": "a", "why": "b"}\n```'),
        ('{"answer": 1}', '{"answer": 1, "why": 2, "more": 3}', '["answer", "why"]', "no"),
    ),
)
