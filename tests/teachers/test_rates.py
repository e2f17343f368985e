from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from datawell.teachers.rates import FAMILIES, Pace, allowed

WALL = 1_700_000_000.0
DATE = datetime.fromtimestamp(WALL + 90, UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("20ms", 0.02),
        (DATE, 90.0),
        (str(WALL + 5), 5.0),
        (str(int((WALL + 5) * 1000)), 5.0),
        (str(WALL - 5), 0.0),
    ],
)
def test_every_way_to_say_when(text: str, seconds: float) -> None:
    headers = CIMultiDict({"X-RateLimit-Remaining-Tokens": "12", "X-RateLimit-Reset-Tokens": text})
    ((tokens, left, found),) = allowed(headers, WALL)
    assert (tokens, left) == (True, 12.0)
    assert found == pytest.approx(seconds)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_of_headers(family: tuple[str, str, bool]) -> None:
    remaining, reset, tokens = family
    assert allowed({remaining: "3", reset: "2s"}, WALL) == [(tokens, 3.0, 2.0)]


@given(st.text(), st.text())
def test_headers_that_cannot_be_read_are_passed_over(left: str, reset: str) -> None:
    remaining, resets, _ = FAMILIES[0]
    for _, units, seconds in allowed({remaining: left, resets: reset}, WALL):
        assert units >= 0
        assert seconds >= 0
    assert allowed({remaining: "nan", resets: "1s"}, WALL) == []
    assert allowed({remaining: "1", resets: "inf"}, WALL) == []
    assert allowed({remaining: "1"}, WALL) == []
    assert allowed({}, WALL) == []


def test_no_pace_is_no_wait() -> None:
    pace = Pace(None, 0.0)
    pace.take(1e9, 0.0)
    assert pace.wait(1e9, 0.0) == 0.0
