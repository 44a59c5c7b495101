"""The timeline's layout: nothing collides, nothing lies outside, every step has its bar."""

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.charts.marks import Group, Path, Rect, Text, flat, text_width, wrap
from dashboards.charts.timeline import (
    Band,
    CohortRow,
    MilestoneMark,
    PhaseRow,
    Stage,
    StepBar,
    TimelineInput,
    draw,
)
from dashboards.charts.translated import translated_words
from dashboards.charts.words import ENGLISH

START = date(2026, 9, 7)
GERMAN = (
    "Abstimmung der Betriebsvereinbarung mit dem Gesamtbetriebsrat und den "
    "Datenschutzfolgenabschätzungsverantwortlichen der Tochtergesellschaften"
)
TITLES = st.sampled_from(("Plan", "Pilot: expand or stop", "計画の確認", "WWWWWWWW" * 6, GERMAN))
STATES = st.sampled_from(("done", "active", "todo", "warn"))


def days(first, last):
    return st.integers(first, last).map(lambda number: START + timedelta(days=number))


@st.composite
def spans(draw_from, length):
    first = draw_from(st.integers(0, length))
    last = draw_from(st.integers(first, length))
    return {"starts_on": START + timedelta(days=first), "ends_on": START + timedelta(days=last)}


@st.composite
def steps(draw_from, length, number):
    return StepBar(
        key=f"s-{number}",
        title=draw_from(TITLES),
        state=draw_from(STATES),
        **draw_from(spans(length)),
    )


@st.composite
def phases(draw_from, length):
    total = draw_from(st.integers(0, 8))
    baseline = draw_from(st.none() | spans(length))
    return PhaseRow(
        key="p",
        title=draw_from(TITLES),
        done=draw_from(st.integers(0, total)),
        total=total,
        state=draw_from(STATES),
        baseline_starts_on=baseline and baseline["starts_on"],
        baseline_ends_on=baseline and baseline["ends_on"],
        steps=tuple(draw_from(steps(length, number)) for number in range(total)),
        **draw_from(spans(length)),
    )


@st.composite
def cohorts(draw_from, length):
    return CohortRow(
        name=draw_from(TITLES),
        people=draw_from(st.integers(0, 120_000)),
        switch_on=draw_from(days(0, length)),
        announce_on=draw_from(st.none() | days(0, length)),
        ends_on=draw_from(st.none() | days(0, length)),
        state=draw_from(st.sampled_from(("planned", "told", "switched", "verified"))),
    )


@st.composite
def plans(draw_from):
    length = draw_from(st.sampled_from((0, 1, 6, 40, 69, 70, 250, 548, 560, 1826)))
    some_days, titled = days(0, length), st.builds
    band = spans(length).map(lambda span: Band(title="Year-end freeze of everything", **span))
    return TimelineInput(
        title="Plan",
        starts_on=START,
        ends_on=START + timedelta(days=length),
        today=draw_from(days(-400, length + 400)),
        stages=tuple(
            Stage(title=draw_from(TITLES), **draw_from(spans(length)))
            for _number in range(draw_from(st.integers(0, 4)))
        ),
        phases=tuple(draw_from(st.lists(phases(length), max_size=6))),
        cohorts=tuple(draw_from(st.lists(cohorts(length), max_size=20))),
        milestones=tuple(
            draw_from(
                st.lists(
                    titled(MilestoneMark, title=TITLES, on=some_days, reached=st.booleans()),
                    max_size=12,
                )
            )
        ),
        freezes=tuple(draw_from(st.lists(band, max_size=5))),
        window=draw_from(st.none() | band),
        full=draw_from(st.booleans()),
    )


def texts(drawing):
    return [mark for mark in flat(drawing.marks) if isinstance(mark, Text)]


def diamonds(drawing):
    return [m for m in flat(drawing.marks) if isinstance(m, Path) and m.css.startswith("tl-ms")]


def collisions(drawing):
    """Every label that lies on another label or on a diamond."""
    boxes = [(label.text, label.box) for label in texts(drawing)]
    others = [(diamond.title, diamond.box) for diamond in diamonds(drawing)]
    return [
        (text, other)
        for number, (text, box) in enumerate(boxes)
        for other, its_box in (*boxes[:number], *others)
        if box.hits(its_box)
    ]


def outside(drawing):
    """Every mark that is not wholly in the picture; half a unit of an outline may be."""
    found = []
    for mark in flat(drawing.marks):
        box = mark.box
        sideways = box.left >= -0.5 and box.right <= drawing.width + 0.5
        if not (sideways and box.top >= 0 and box.bottom <= drawing.height):
            found.append(mark)
    return found


@given(plan=plans())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_labels_meet_neither_labels_nor_diamonds_and_nothing_lies_outside(plan):
    picture = draw(plan)
    assert (collisions(picture.wide), collisions(picture.narrow)) == ([], [])
    assert (outside(picture.wide), outside(picture.narrow)) == ([], [])


@given(plan=plans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_thing_is_drawn_once_with_its_title_and_stands_in_the_table(plan):
    picture = draw(plan)
    every_step = sorted(step.title for phase in plan.phases for step in phase.steps)
    for drawing in (picture.wide, picture.narrow):
        groups = [mark for mark in drawing.marks if isinstance(mark, Group)]
        assert len(groups) == len(plan.phases) + len(every_step) + len(plan.cohorts)
        assert [group for group in groups if not group.title] == []
        assert len(diamonds(drawing)) == len(plan.milestones)
    assert sorted(row.title for row in picture.rows if row.kind == "step") == every_step
    assert len(picture.rows) == (
        len(plan.phases)
        + len(every_step)
        + len(plan.cohorts)
        + len(plan.milestones)
        + len(plan.freezes)
        + (plan.window is not None)
    )


@given(title=st.text(min_size=1, max_size=200), room=st.integers(20, 300))
def test_wrapping_drops_no_letter_and_keeps_to_its_room(title, room):
    lines = wrap(title, 11, room)
    letters = "".join(title.split()).replace("-", "")
    assert "".join("".join(lines).split()).replace("-", "") == letters
    assert [line for line in lines if len(line) > 2 and text_width(line, 11) > room] == []


def plan_of(**changes):
    phase = PhaseRow(
        key="plan",
        title="Plan",
        starts_on=START,
        ends_on=date(2026, 10, 2),
        baseline_starts_on=START,
        baseline_ends_on=date(2026, 9, 25),
        done=3,
        total=6,
        state="active",
    )
    given = {
        "title": "Plan",
        "starts_on": START,
        "ends_on": date(2027, 5, 28),
        "today": date(2026, 9, 20),
        "phases": (phase,),
    }
    return TimelineInput(**given | changes)


def rects(drawing, css):
    return [mark for mark in flat(drawing.marks) if isinstance(mark, Rect) and mark.css == css]


def test_scale_ends_a_few_days_after_the_last_day_and_counts_an_end_to_the_end_of_its_day():
    picture = draw(plan_of())
    (bar,) = rects(picture.wide, "tl-bar-now")
    per_day = (1016 - 176) / (264 + 4)
    assert bar.x == 176.5
    assert bar.width == pytest.approx(26 * per_day - 1, abs=0.11)


def test_running_phase_is_filled_by_steps_done_not_by_time():
    picture = draw(plan_of())
    (outline,) = rects(picture.wide, "tl-bar-now")
    (fill,) = rects(picture.wide, "tl-fill")
    assert fill.width == pytest.approx(outline.width / 2, abs=0.06)


def test_past_phase_is_grey_and_one_to_come_is_an_outline():
    assert len(rects(draw(plan_of(today=date(2027, 1, 1))).wide, "tl-bar-past")) == 1
    to_come = PhaseRow(key="x", title="X", starts_on=date(2027, 1, 4), ends_on=date(2027, 2, 1))
    assert len(rects(draw(plan_of(phases=(to_come,))).wide, "tl-bar")) == 1


def test_baseline_is_a_ghost_below_the_bar_and_the_table_says_how_late():
    picture = draw(plan_of())
    (bar,), (ghost,) = rects(picture.wide, "tl-bar-now"), rects(picture.wide, "tl-ghost")
    assert (ghost.y - bar.y - bar.height, ghost.height) == (2, 3)
    assert [row.days_late for row in picture.rows] == [7]


@pytest.mark.parametrize(
    ("today", "note"),
    [
        (date(2026, 9, 6), "Today, Sun 6 Sep 2026, lies before this plan begins."),
        (date(2026, 9, 7), ""),
        (date(2027, 5, 28), ""),
        (date(2027, 8, 1), "Today, Sun 1 Aug 2027, lies after this plan ends."),
    ],
)
def test_today_outside_the_plan_is_said_instead_of_drawn(today, note):
    picture = draw(plan_of(today=today))
    assert picture.note == note
    for drawing in (picture.wide, picture.narrow):
        lines = [m for m in flat(drawing.marks) if isinstance(m, Path) and m.css == "tl-today"]
        assert len(lines) == (0 if note else 1)


def test_todays_flag_stays_inside_the_picture():
    flag = rects(draw(plan_of(today=date(2027, 5, 28))).narrow, "tl-today-flag")[0]
    assert flag.x + flag.width <= 358


def labels_of(picture, y):
    return [text.text for text in texts(picture.wide) if text.y == y]


@pytest.mark.parametrize(
    ("ends_on", "labels"),
    [
        (date(2026, 9, 7), ["Mon 7 Sep 2026"]),
        (date(2026, 10, 4), ["Mon 7 Sep 2026", "14 Sep", "21 Sep", "28 Sep", "5 Oct"]),
        (date(2027, 2, 20), ["Sep 2026", "Oct", "Nov", "Dec", "Jan 2027", "Feb"]),
        (
            date(2028, 9, 7),
            ["Oct 2026", "Jan 2027", "Apr", "Jul", "Oct", "Jan 2028", "Apr", "Jul"],
        ),
    ],
)
def test_ticks_are_weeks_months_or_quarters_by_the_length_of_the_plan(ends_on, labels):
    drawn = labels_of(draw(plan_of(ends_on=ends_on, phases=())), 33)
    assert drawn == labels


def test_milestone_label_goes_right_then_left_then_below():
    def mark(title, on):
        return MilestoneMark(title=title, on=on)

    picture = draw(
        plan_of(
            milestones=(
                mark("Plan agreed", date(2026, 10, 2)),
                mark("Window closes", date(2027, 3, 25)),
                mark("Handed over", date(2027, 3, 27)),
                mark("Also on that day", date(2027, 3, 27)),
                mark("Goals assessed", date(2027, 5, 28)),
            )
        )
    )
    middle = max(d.box.bottom + d.box.top for d in diamonds(picture.wide)) / 2
    shown = {text.text: (text.anchor, text.y - middle) for text in texts(picture.wide)}
    assert shown["Plan agreed"] == ("start", 4)
    assert shown["Window closes"] == ("end", 4)
    assert shown["Goals assessed"] == ("end", 4)
    assert shown["Handed over"] == ("middle", 19)
    assert shown["Also on that day"] == ("middle", 32)


def test_steps_get_rows_in_the_full_picture_and_thin_bars_in_the_other():
    step = {"starts_on": START, "ends_on": date(2026, 9, 12)}
    made = (
        StepBar(key="a", title="Name the stakeholders", state="done", url="/steps/a/", **step),
        StepBar(key="b", title="Define the scope", state="warn", url="/steps/b/", **step),
    )
    phase = PhaseRow(key="p", title="Plan", steps=made, total=2, done=1, **step)
    for full, heights, is_linked in ((True, [8, 8], True), (False, [4, 4], False)):
        picture = draw(plan_of(phases=(phase,), full=full))
        bars = [*rects(picture.wide, "tl-step-done"), *rects(picture.wide, "tl-step-warn")]
        assert [bar.height for bar in bars] == heights
        assert bars[0].y != bars[1].y
        assert picture.wide.is_linked is is_linked
    assert "Define the scope: Mon 7 Sep 2026 to Sat 12 Sep 2026, needs attention" in {
        mark.title for mark in picture.wide.marks if isinstance(mark, Group)
    }


def test_window_without_a_title_is_named_by_its_length_and_counts_its_days():
    window = Band(title="", starts_on=date(2026, 9, 10), ends_on=date(2026, 10, 24))
    picture = draw(plan_of(window=window))
    assert "45-day window · day 11" in [text.text for text in texts(picture.wide)]
    assert "45 days" in [text.text for text in texts(picture.narrow)]


def test_same_input_gives_the_same_picture():
    assert draw(plan_of()) == draw(plan_of())


def test_translated_words_are_the_plain_ones_in_english():
    assert translated_words() == ENGLISH


def test_picture_prints_numbers_with_points_and_escapes_titles():
    phase = PhaseRow(key="p", title='<Plan> & "more"', starts_on=START, ends_on=START)
    page = render_to_string(
        "dashboards/charts/timeline.html", {"timeline": draw(plan_of(phases=(phase,)))}
    )
    assert "<Plan>" not in page
    assert "&lt;Plan&gt; &amp; &quot;more&quot;: Mon 7 Sep 2026, 0 of 0 steps done" in page
