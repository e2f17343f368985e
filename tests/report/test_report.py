from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest

from datawell.core.errors import UsageError
from datawell.core.records import Row, Verdict
from datawell.report.build import build_report
from datawell.report.facts import EXAMPLES, SAMPLES, scan

VOID = {"meta", "link", "br", "img", "hr", "input", "path", "use"}


class Page(HTMLParser):
    """A page as a reader's browser takes it: elements, attributes, text, and balance."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


@pytest.fixture
def rows(make: SimpleNamespace) -> list[Row]:
    """Forty stories; every fourth was dropped, one fell before it had a text."""
    made = [make.story(i) for i in range(40)]
    told = [make.dropped(r) if i % 4 == 1 else make.kept(r) for i, r in enumerate(made)]
    return [*told, Row(40, "seed-40", "words", None, (), "voice", "empty_answer", "no words")]


def read(run: Any) -> Page:
    return Page(build_report(run.path).read_text(encoding="utf-8"))


def test_the_page_is_whole_and_loads_nothing(
    make_run: Any, add_student: Any, rows: list[Row]
) -> None:
    run = make_run(rows)
    add_student(run)
    page = read(run)
    assert page.open == []
    names = [tag for tag, _ in page.elements]
    assert not {"script", "link", "img", "iframe", "object", "base", "form"}.intersection(names)
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href", "xlink:href", "action"}:
                assert (value or "").startswith("#")
    html = run.report.read_text()
    assert "default-src 'none'" in html
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert "http://" not in re.sub(r'xmlns(:xlink)?="http://www\.w3\.org/[^"]*"', "", html)


def test_ids_are_unique_and_links_lead_somewhere(
    make_run: Any, add_student: Any, rows: list[Row]
) -> None:
    run = make_run(rows)
    add_student(run)
    page = read(run)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"] or "" for _, a in page.elements if a.get("href", "")]
    assert {target[1:] for target in targets} <= set(ids)
    assert {"label", "funnel", "example", "contents", "student", "lineage", "cost"} <= set(ids)


def test_plots_have_words_for_those_who_do_not_see_them(make_run: Any, rows: list[Row]) -> None:
    page = read(make_run(rows))
    plots = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert plots
    assert all(plot["role"] == "img" and plot["aria-label"] for plot in plots)
    headings = [tag for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert headings.count("h1") == 1
    assert set(headings) == {"h1", "h2", "h3"}


def test_the_story_is_told_honestly(make_run: Any, rows: list[Row]) -> None:
    text = " ".join(read(make_run(rows)).text.split())
    assert "41 rows were made; 30 were kept." in text
    assert "a grammar, not a language model" in text
    assert "most often for “unknown word” (10)" in text
    assert "Not measured: private, supervised, useful." in text
    assert text.count("not measured") >= 3
    assert "free: built-in teacher" in text
    assert "dataset/train-00000.parquet" in text
    assert "export/trl-sft/train.jsonl" in text
    assert "It fell before there was a text." in text


def test_the_plans_evidence_is_marked(make_run: Any, rows: list[Row]) -> None:
    html = build_report(make_run(rows).path).read_text()
    assert '<mark class="word" title="required noun: drum">drum</mark>' in html
    assert '<mark class="word" title="required verb: run">ran</mark>' in html
    assert '<span class="badge">1</span><mark class="event" title="event lose">' in html
    assert 'title="vocabulary: not a word of ours">drum</mark>' in html


def test_another_run_is_told_on_the_same_page(
    make_run: Any, make: SimpleNamespace, rows: list[Row]
) -> None:
    main = make_run(rows)
    other = make_run([make.kept(make.dialogue(i)) for i in range(3)], recipe="name: talks\n")
    page = Page(build_report(main.path, [other.path]).read_text(encoding="utf-8"))
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert ids.index("beside-1") < ids.index("cost")
    assert "3 rows were made; 3 were kept." in page.text
    assert "41 rows were made; 30 were kept." in page.text


def test_a_dialogue_shows_the_planned_error_and_its_correction(
    make_run: Any, make: SimpleNamespace
) -> None:
    run = make_run([make.kept(make.dialogue(i)) for i in range(3)])
    html = build_report(run.path).read_text()
    assert re.search(r'<mark class="error" title="planned: takes the smaller[^"]*">42</mark>', html)
    assert html.count('<mark class="correct" title="the corrected step">38</mark>') == 2
    assert "The one message the tutor saw" in html


def test_a_students_sample_is_marked_beside_its_nearest_text(
    make_run: Any, add_student: Any, rows: list[Row]
) -> None:
    run = make_run(rows)
    add_student(run)
    html = build_report(run.path).read_text()
    assert '<mark class="stranger" title="name out of nowhere">Zed</mark>' in html
    assert '<mark class="unknown" title="unknown word">grumf</mark>' in html
    text = " ".join(read(run).text.split())
    assert "Mia saw a fox." in text
    assert "Nine in ten are right for agreement after 50 s." in text
    assert "Name ends at 80" in text
    assert "It did not come to an end." in text


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% for x in y %}",
    "</style></svg><svg onload=alert(1)>",
    "<!-- --><a href='javascript:alert(1)'>x</a>",
    "$\\alpha$ & &amp; \u202e\x00 日本",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_words_of_models_are_only_ever_text(
    make_run: Any, make: SimpleNamespace, add_student: Any, attack: str
) -> None:
    attack = attack.replace("\x00", "")
    said = {"topic": attack, "problem": attack + "2", "features": {attack: {attack: [attack]}}}
    tale = make.story(0, text=f"{attack} drum {attack}", prompt=attack, plan=said)
    talk = make.dialogue(1, attack, f"{attack} 42", attack, f"38 {attack}")
    bad = make.dropped(make.story(2, text=attack), reason=attack, detail=attack)
    strange = Verdict(attack, keep=True, note=attack)
    rows = [make.kept(tale), make.kept(talk), bad, make.kept(make.story(3))]
    rows[0] = Row(0, attack, attack, tale, (strange,))
    run = make_run(rows, recipe=json.dumps({"name": "x", "report": {"title": attack}}))
    add_student(run, text=f"0123456{attack}......", near=attack)
    page = read(run)
    tags = {tag for tag, _ in page.elements}
    assert not tags.intersection({"script", "img", "iframe"})
    assert all(tag != "a" or (a["href"] or "").startswith("#") for tag, a in page.elements)
    assert not any(name.startswith("on") for _, a in page.elements for name in a)
    assert page.text.count(attack) >= 8
    assert page.open == []
    assert "49" not in page.text or "7*7" not in attack


def test_a_pass_keeps_few_rows_and_always_the_same(make: SimpleNamespace) -> None:
    many = [make.dropped(make.story(i)) if i % 3 else make.kept(make.story(i)) for i in range(300)]
    one, two = scan(iter(many)), scan(iter(many))
    assert [r.row for r in one.examples["checks", "unknown_word"]] == [1, 2]
    assert len(one.examples["checks", "unknown_word"]) == EXAMPLES
    assert len(one.samples) == SAMPLES
    assert [r.row for r in one.samples] == [r.row for r in two.samples]
    assert one.showcase is not None
    assert one.showcase.row == 0
    assert one.texts == 100
    assert sum(one.lengths.values()) == 100
    assert sum(one.kinds["topic"].values()) == 100


def test_equal_runs_give_equal_pages(make_run: Any, add_student: Any, rows: list[Row]) -> None:
    one, two = make_run(rows), make_run(rows)
    for run in (one, two):
        add_student(run)
    pages = [build_report(run.path).read_bytes() for run in (one, two)]
    assert pages[0] == pages[1]


def test_a_run_that_kept_nothing_has_a_page_too(make_run: Any, make: SimpleNamespace) -> None:
    text = read(make_run([make.dropped(make.story(0))])).text
    assert "0 were kept" in text
    assert "A plan beside its text" not in text


def test_a_run_without_a_label_or_student_leaves_them_out(make_run: Any, rows: list[Row]) -> None:
    text = read(make_run(rows, label=False)).text
    assert "The label" not in text
    assert "The student" not in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("training", "{"),
        ("training", "[]"),
        ("training", '{"curve": 3}'),
        ("training", '{"curve": [{}]}'),
        ("evaluation", '"x"'),
        ("evaluation", '{"samples": [{}]}'),
    ],
)
def test_a_students_damaged_file_is_named(
    make_run: Any, add_student: Any, rows: list[Row], name: str, content: str
) -> None:
    run = make_run(rows)
    add_student(run)
    (run.student / f"{name}.json").write_text(content)
    with pytest.raises(UsageError, match=rf"{name}\.json"):
        build_report(run.path)


def test_a_folder_without_a_run_is_an_error(tmp_path: Any) -> None:
    with pytest.raises(UsageError, match="no run"):
        build_report(tmp_path)
