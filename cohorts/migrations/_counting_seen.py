"""The triggers of migration 0013: where people were seen, by cohort. See ``_counting`` for the locks,
which are taken by the triggers of migration 0009: theirs come first by name.
"""

# ruff: noqa: S608 - put together from constants of our own

from cohorts.migrations._counting import ask, run, trigger_function

KEYS = "cohort_id, observed_mode, mode_state, is_seen"
CHANGED = "FROM old_rows o JOIN new_rows n ON n.id = o.id"
SEEN = "{0}.cohort_id, {0}.participant_id, {0}.observed_mode, {0}.mode_state, {0}.observed_at"
NEW, OLD = SEEN.format("n"), SEEN.format("o")
# When they were seen does not matter, only whether.
DIFFERS = " OR ".join(
    f"{expression.format('n')} IS DISTINCT FROM {expression.format('o')}"
    for expression in (
        "{0}.cohort_id",
        "{0}.participant_id",
        "{0}.observed_mode",
        "{0}.mode_state",
        "({0}.observed_at IS NULL)",
    )
)
STATUS = "(n.status = 'active') IS DISTINCT FROM (o.status = 'active')"


def count(signed: str) -> str:
    """``signed``: SQL of active people's rows with +1 or -1."""
    return f"""
    INSERT INTO cohorts_seencount (project_id, {KEYS}, people)
    SELECT m.project_id, m.cohort_id, m.observed_mode, m.mode_state, m.observed_at IS NOT NULL,
        sum(m.sign)::int
    FROM ({signed}) m GROUP BY 1, 2, 3, 4, 5 HAVING sum(m.sign) <> 0"""


def of_active(signed: str) -> str:
    return f"""SELECT r.*, p.project_id FROM ({signed}) r
        JOIN cohorts_participant p ON p.id = r.participant_id WHERE p.status = 'active'"""


def of_people(people: str) -> str:
    """``people``: SQL with sign, id, project_id and status."""
    columns = SEEN.format("m")
    return f"""SELECT p.sign, {columns}, p.project_id FROM ({people}) p
        JOIN cohorts_membership m ON m.participant_id = p.id WHERE p.status = 'active'"""


BOTH = f"SELECT 1 AS sign, {NEW} {CHANGED} WHERE {DIFFERS} UNION ALL SELECT -1, {OLD} {CHANGED}"
MEMBERS_CHANGED = trigger_function(
    "cohorts_seen_changed",
    "new_rows",
    ask(f"SELECT coalesce(bool_or({DIFFERS}), FALSE) /*INTO*/ {CHANGED}", "is_counted"),
    "IF NOT is_counted THEN RETURN NULL; END IF;",
    run(count(of_active(f"{BOTH} WHERE {DIFFERS}"))),
)
MEMBERS_JOINED = trigger_function(
    "cohorts_seen_joined",
    "new_rows",
    run(count(of_active(f"SELECT 1 AS sign, {NEW} FROM new_rows n"))),
)
MEMBERS_GONE = trigger_function(
    "cohorts_seen_gone",
    "old_rows",
    run(count(of_active(f"SELECT -1 AS sign, {OLD} FROM old_rows o"))),
)
PEOPLE_SIDES = f"""SELECT 1 AS sign, n.id, n.project_id, n.status {CHANGED} WHERE {STATUS}
    UNION ALL SELECT -1, o.id, o.project_id, o.status {CHANGED} WHERE {STATUS}"""
PEOPLE_CHANGED = trigger_function(
    "cohorts_seen_people_changed",
    "new_rows",
    ask(f"SELECT coalesce(bool_or({STATUS}), FALSE) /*INTO*/ {CHANGED}", "is_counted"),
    "IF NOT is_counted THEN RETURN NULL; END IF;",
    run(count(of_people(PEOPLE_SIDES))),
)
PEOPLE_GONE = trigger_function(
    "cohorts_seen_people_gone",
    "old_rows",
    run(count(of_people("SELECT -1 AS sign, o.id, o.project_id, o.status FROM old_rows o"))),
)
ALL = count(of_people("SELECT 1 AS sign, p.id, p.project_id, p.status FROM cohorts_participant p"))
REST = f"""
CREATE FUNCTION cohorts_fold_seen(of_project bigint) RETURNS void LANGUAGE sql AS $$
    WITH taken AS (
        DELETE FROM cohorts_seencount WHERE id IN (
            SELECT id FROM cohorts_seencount WHERE of_project IS NULL OR project_id = of_project
            FOR UPDATE SKIP LOCKED
        ) RETURNING project_id, {KEYS}, people
    )
    INSERT INTO cohorts_seencount (project_id, {KEYS}, people)
    SELECT project_id, {KEYS}, sum(people)::int FROM taken
    GROUP BY project_id, {KEYS} HAVING sum(people) <> 0
$$;

CREATE FUNCTION cohorts_recount_seen() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE cohorts_participant, cohorts_membership IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM cohorts_seencount;
    {ALL};
END
$$;

CREATE FUNCTION cohorts_seen_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM cohorts_seencount;
    RETURN NULL;
END
$$;

CREATE FUNCTION cohorts_seen_cohort_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM cohorts_seencount WHERE cohort_id = OLD.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER seen_cohort_gone AFTER DELETE ON cohorts_cohort
FOR EACH ROW EXECUTE FUNCTION cohorts_seen_cohort_gone();
"""
NEW_TABLE = "REFERENCING NEW TABLE AS new_rows"
OLD_TABLE = "REFERENCING OLD TABLE AS old_rows"
BOTH_TABLES = "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"
UNLESS_TELLING = "WHEN (current_setting('upgrade_tracker.only_tells', TRUE) IS DISTINCT FROM 'on')"
TRIGGERS = [
    ("cohorts_membership", "INSERT", NEW_TABLE, "", "cohorts_seen_joined"),
    ("cohorts_membership", "UPDATE", BOTH_TABLES, UNLESS_TELLING, "cohorts_seen_changed"),
    ("cohorts_membership", "DELETE", OLD_TABLE, "", "cohorts_seen_gone"),
    ("cohorts_membership", "TRUNCATE", "", "", "cohorts_seen_truncated"),
    ("cohorts_participant", "UPDATE", BOTH_TABLES, "", "cohorts_seen_people_changed"),
    ("cohorts_participant", "DELETE", OLD_TABLE, "", "cohorts_seen_people_gone"),
    ("cohorts_participant", "TRUNCATE", "", "", "cohorts_seen_truncated"),
]
FUNCTIONS = [
    REST,
    MEMBERS_JOINED,
    MEMBERS_CHANGED,
    MEMBERS_GONE,
    PEOPLE_CHANGED,
    PEOPLE_GONE,
]


def create() -> str:
    triggers = [
        f"CREATE TRIGGER seen_{event.lower()} AFTER {event} ON {table} {tables}"
        f" FOR EACH STATEMENT {when} EXECUTE FUNCTION {function}();"
        for table, event, tables, when, function in TRIGGERS
    ]
    return "\n".join([*FUNCTIONS, *triggers, "SELECT cohorts_recount_seen();"])


def drop() -> str:
    lines = [f"DROP TRIGGER seen_{event.lower()} ON {table};" for table, event, *_ in TRIGGERS]
    lines += [
        "DROP TRIGGER seen_cohort_gone ON cohorts_cohort;",
        "DROP FUNCTION cohorts_recount_seen(), cohorts_fold_seen(bigint);",
        "DROP FUNCTION cohorts_seen_cohort_gone();",
    ]
    lines += [f"DROP FUNCTION {name}();" for name in sorted({name for *_, name in TRIGGERS})]
    return "\n".join(lines)
