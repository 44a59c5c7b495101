"""The functions and triggers of migration 0008; ``_counting`` has the sums they write."""

# ruff: noqa: S608 - put together from constants of our own

from cohorts.migrations._counting import (
    COUNTED,
    FOLD,
    IS_COUNTED,
    IS_PAIRED,
    MEMBER,
    PAIRED,
    PERSON,
    REST,
    REST_BUT_NEW,
    ask,
    count,
    couples,
    differs,
    hours,
    lock,
    member,
    not_nothing,
    pair_changes,
    pairs,
    plain,
    run,
    signed,
    sums,
    trigger_function,
)

WHERE_COUNTED = "IF NOT is_counted THEN RETURN NULL; END IF;"
IF_PAIRED, END_IF = "IF is_paired THEN", "END IF;"
CHANGED = "FROM old_rows o JOIN new_rows n ON n.id = o.id"

# -- a membership is made
JOINED = signed({1: plain("new_rows")})
SIBLING_OF_NEW = """cohorts_membership s JOIN new_rows n
    ON n.participant_id = s.participant_id AND n.kind <> s.kind"""
MEMBERS_JOINED = trigger_function(
    "cohorts_count_joined",
    "new_rows",
    "SELECT EXISTS (SELECT FROM new_rows) INTO is_counted;",
    WHERE_COUNTED,
    lock(
        "SELECT 1 FROM cohorts_participant p WHERE p.id IN (SELECT participant_id FROM new_rows)"
        " ORDER BY p.id FOR NO KEY UPDATE"
    ),
    lock(
        f"SELECT 1 FROM {SIBLING_OF_NEW} ORDER BY s.kind DESC, s.participant_id FOR NO KEY UPDATE OF s"
    ),
    ask(f"SELECT EXISTS (SELECT FROM {SIBLING_OF_NEW}) /*INTO*/", "is_paired"),
    run(count(JOINED)),
    "IF EXISTS (SELECT FROM new_rows WHERE switched_at IS NOT NULL OR mode_state = 'verified') THEN",
    run(hours(JOINED)),
    END_IF,
    IF_PAIRED,
    run(
        pair_changes(
            "SELECT DISTINCT participant_id FROM new_rows",
            f"SELECT {MEMBER} FROM new_rows UNION ALL",
            "",
            REST_BUT_NEW,
        )
    ),
    END_IF,
    FOLD.format(rows="new_rows"),
)

# -- a membership changes
COUNTED_NEW = f"SELECT {member('n')} {CHANGED} WHERE {IS_COUNTED}"
COUNTED_OLD = f"SELECT {member('o')} {CHANGED} WHERE {IS_COUNTED}"
PAIRED_NEW = f"SELECT {member('n')} {CHANGED} WHERE {IS_PAIRED}"
PAIRED_OLD = f"SELECT {member('o')} {CHANGED} WHERE {IS_PAIRED}"
PILOTS_BESIDE = f"""
    SELECT 1 FROM cohorts_membership s
    JOIN (SELECT n.participant_id {CHANGED} WHERE n.kind = 'wave' AND {IS_PAIRED}) n
    ON n.participant_id = s.participant_id
    WHERE s.kind = 'pilot' ORDER BY s.participant_id FOR NO KEY UPDATE OF s"""
OF_TOUCHED = "JOIN touched t ON t.participant_id ="
MEMBERS_CHANGED = trigger_function(
    "cohorts_count_changed",
    "new_rows",
    ask(
        f"SELECT coalesce(bool_or({IS_COUNTED}), FALSE), coalesce(bool_or({IS_PAIRED}), FALSE)"
        f" /*INTO*/ {CHANGED}",
        "is_counted, is_paired",
    ),
    WHERE_COUNTED,
    IF_PAIRED,
    lock(PILOTS_BESIDE),
    END_IF,
    run(count(signed({1: COUNTED_NEW, -1: COUNTED_OLD}))),
    IF_PAIRED,
    run(hours(signed({1: PAIRED_NEW, -1: PAIRED_OLD}))),
    run(
        pair_changes(
            f"SELECT n.participant_id {CHANGED} WHERE {IS_PAIRED}"
            f" UNION SELECT o.participant_id {CHANGED} WHERE {IS_PAIRED}",
            f"SELECT {member('n')} FROM new_rows n {OF_TOUCHED} n.participant_id UNION ALL",
            f"SELECT {member('o')} FROM old_rows o {OF_TOUCHED} o.participant_id UNION ALL",
            REST_BUT_NEW,
        )
    ),
    END_IF,
    FOLD.format(rows="new_rows"),
)

# -- a membership goes
GONE = signed({-1: plain("old_rows")})
MEMBERS_GONE = trigger_function(
    "cohorts_count_gone",
    "old_rows",
    "SELECT EXISTS (SELECT FROM old_rows) INTO is_counted;",
    WHERE_COUNTED,
    lock(
        "SELECT 1 FROM cohorts_membership s JOIN old_rows o"
        " ON o.participant_id = s.participant_id AND o.kind = 'wave'"
        " WHERE s.kind = 'pilot' ORDER BY s.participant_id FOR NO KEY UPDATE OF s"
    ),
    run(count(GONE)),
    run(hours(GONE)),
    run(
        pair_changes(
            "SELECT DISTINCT participant_id FROM old_rows",
            "",
            f"SELECT {MEMBER} FROM old_rows UNION ALL",
            REST,
        )
    ),
)

# -- people come, change and go
OF_PROJECT = {
    "people": "1",
    "white_glove": "m.is_white_glove::int",
    "without_address": "(m.mail = '' AND m.upn = '')::int",
}
FACTS = "id, project_id, status, is_white_glove, mail, upn"
PERSON_DIFFERS = differs(
    "{m}.project_id",
    "{m}.status = 'active'",
    "{m}.is_white_glove",
    "{m}.mail = '' AND {m}.upn = ''",
)
STATUS_DIFFERS = differs("{m}.project_id", "{m}.status = 'active'")


def of_project(rows: str) -> str:
    return f"""
    INSERT INTO cohorts_cohortcount (project_id, {", ".join(OF_PROJECT)})
    SELECT m.project_id, {sums(OF_PROJECT)} FROM ({rows}) m WHERE m.status = 'active'
    GROUP BY m.project_id HAVING {not_nothing(OF_PROJECT)}"""


def facts(alias: str, where: str) -> str:
    columns = ", ".join(f"{alias}.{name.strip()}" for name in FACTS.split(","))
    return f"SELECT {columns} {CHANGED} WHERE {where}"


def both_sides(where: str) -> str:
    new, old = facts("n", where), facts("o", where)
    return f"SELECT 1 AS sign, n.* FROM ({new}) n UNION ALL SELECT -1, o.* FROM ({old}) o"


def members_changed(where: str) -> str:
    """The memberships of people who changed, as they counted with the old and the new facts."""
    return f"""SELECT p.sign, {member("r")}, p.project_id, {PERSON}
        FROM ({both_sides(where)}) p JOIN cohorts_membership r ON r.participant_id = p.id
        WHERE p.status = 'active'"""


def side(ids: str) -> str:
    return f"""side AS MATERIALIZED (
        SELECT {member("r")} FROM cohorts_membership r WHERE r.participant_id IN ({ids})
    ),"""


PEOPLE_ADDED = trigger_function(
    "cohorts_count_people_added",
    "new_rows",
    run(of_project(f"SELECT 1 AS sign, {FACTS} FROM new_rows")),
)
PEOPLE_CHANGED = trigger_function(
    "cohorts_count_people_changed",
    "new_rows",
    ask(
        f"SELECT coalesce(bool_or({PERSON_DIFFERS}), FALSE),"
        f" coalesce(bool_or({STATUS_DIFFERS}), FALSE) /*INTO*/ {CHANGED}",
        "is_counted, is_paired",
    ),
    WHERE_COUNTED,
    lock(
        "SELECT 1 FROM cohorts_membership r"
        f" WHERE r.participant_id IN (SELECT n.id {CHANGED} WHERE {PERSON_DIFFERS})"
        " ORDER BY r.kind DESC, r.participant_id FOR NO KEY UPDATE"
    ),
    run(of_project(both_sides(PERSON_DIFFERS))),
    run(count(members_changed(PERSON_DIFFERS))),
    IF_PAIRED,
    run(hours(members_changed(STATUS_DIFFERS))),
    run(
        pairs(
            side(f"SELECT n.id {CHANGED} WHERE {STATUS_DIFFERS}"),
            f"""SELECT f.sign, c.*, f.project_id FROM ({couples("side")}) c
            JOIN ({both_sides(STATUS_DIFFERS)}) f ON f.id = c.participant_id
            WHERE f.status = 'active'""",
        )
    ),
    END_IF,
)
# Django deletes memberships first; whoever deletes people first finds them counted here.
LEFT_OVER = f"""SELECT -1 AS sign, {member("r")}, p.project_id, {PERSON}
    FROM old_rows p JOIN cohorts_membership r ON r.participant_id = p.id WHERE p.status = 'active'"""
PEOPLE_GONE = trigger_function(
    "cohorts_count_people_gone",
    "old_rows",
    run(of_project(f"SELECT -1 AS sign, {FACTS} FROM old_rows")),
    ask(
        "SELECT EXISTS (SELECT FROM old_rows p"
        " JOIN cohorts_membership r ON r.participant_id = p.id) /*INTO*/",
        "is_paired",
    ),
    IF_PAIRED,
    run(count(LEFT_OVER)),
    run(hours(LEFT_OVER)),
    run(
        pairs(
            side("SELECT id FROM old_rows"),
            f"""SELECT -1 AS sign, c.*, p.project_id FROM ({couples("side")}) c
            JOIN old_rows p ON p.id = c.participant_id WHERE p.status = 'active'""",
        )
    ),
    END_IF,
)

# -- what all of it must add up to, for the first fill and for `recount`
ALL = f"""SELECT 1 AS sign, {member("r")}, p.project_id, {PERSON}
    FROM cohorts_membership r JOIN cohorts_participant p ON p.id = r.participant_id
    WHERE p.status = 'active'"""
PLACES = {
    "cohorts_cohortcount": ("project_id, cohort_id", tuple(COUNTED)),
    "cohorts_paircount": ("project_id, pilot_id, wave_id", tuple(PAIRED)),
    "cohorts_hourcount": ("project_id, cohort_id, hour", ("switched", "verified")),
}
ALL_SIDE = f"side AS MATERIALIZED (SELECT {MEMBER} FROM cohorts_membership),"
ALL_COUPLES = f"""SELECT 1 AS sign, c.*, p.project_id FROM ({couples("side")}) c
    JOIN cohorts_participant p ON p.id = c.participant_id WHERE p.status = 'active'"""
FILL = f"""
{count(ALL)};
{of_project("SELECT 1 AS sign, p.* FROM cohorts_participant p")};
{hours(ALL)};
{pairs(ALL_SIDE, ALL_COUPLES)};
"""
# Locks keep writers away for the moment between forgetting and counting anew.
RECOUNT = f"""
CREATE FUNCTION cohorts_recount() RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
    LOCK TABLE cohorts_participant, cohorts_membership IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM cohorts_cohortcount; DELETE FROM cohorts_paircount; DELETE FROM cohorts_hourcount;
    {FILL}
END
$function$;
"""


def fold(table: str) -> str:
    """Many rows of one key become one. Rows in somebody's hands are left for the next time."""
    keys, names = PLACES[table]
    listed = ", ".join(names)
    total = ", ".join(f"sum({name})::int" for name in names)
    counts = " OR ".join(f"sum({name}) <> 0" for name in names)
    return f"""
    WITH taken AS (
        DELETE FROM {table} WHERE id IN (
            SELECT id FROM {table} WHERE of_project IS NULL OR project_id = of_project
            FOR UPDATE SKIP LOCKED
        ) RETURNING {keys}, {listed}
    )
    INSERT INTO {table} ({keys}, {listed})
    SELECT {keys}, {total} FROM taken GROUP BY {keys} HAVING {counts};"""


FOLDS = "".join(fold(table) for table in PLACES)
FOLD_ALL = f"""
CREATE FUNCTION cohorts_fold_counts(of_project bigint) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN {FOLDS}
END
$function$;
"""
FORGET = """
CREATE FUNCTION cohorts_count_truncated() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    DELETE FROM cohorts_paircount; DELETE FROM cohorts_hourcount;
    IF TG_TABLE_NAME = 'cohorts_participant' THEN DELETE FROM cohorts_cohortcount;
    ELSE DELETE FROM cohorts_cohortcount WHERE cohort_id IS NOT NULL; END IF;
    RETURN NULL;
END
$function$;

CREATE FUNCTION cohorts_count_cohorts_gone() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    DELETE FROM cohorts_cohortcount WHERE cohort_id IN (SELECT id FROM old_rows);
    DELETE FROM cohorts_hourcount WHERE cohort_id IN (SELECT id FROM old_rows);
    DELETE FROM cohorts_paircount
    WHERE pilot_id IN (SELECT id FROM old_rows) OR wave_id IN (SELECT id FROM old_rows);
    RETURN NULL;
END
$function$;

CREATE FUNCTION cohorts_count_project_gone() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    DELETE FROM cohorts_cohortcount WHERE project_id = OLD.id;
    DELETE FROM cohorts_hourcount WHERE project_id = OLD.id;
    DELETE FROM cohorts_paircount WHERE project_id = OLD.id;
    RETURN NULL;
END
$function$;

CREATE TRIGGER count_cohorts_gone AFTER DELETE ON cohorts_cohort
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_count_cohorts_gone();

CREATE TRIGGER count_project_gone AFTER DELETE ON projects_project
FOR EACH ROW EXECUTE FUNCTION cohorts_count_project_gone();
"""
TRIGGERS = [
    ("cohorts_membership", "INSERT", "cohorts_count_joined"),
    ("cohorts_membership", "UPDATE", "cohorts_count_changed"),
    ("cohorts_membership", "DELETE", "cohorts_count_gone"),
    ("cohorts_membership", "TRUNCATE", "cohorts_count_truncated"),
    ("cohorts_participant", "INSERT", "cohorts_count_people_added"),
    ("cohorts_participant", "UPDATE", "cohorts_count_people_changed"),
    ("cohorts_participant", "DELETE", "cohorts_count_people_gone"),
    ("cohorts_participant", "TRUNCATE", "cohorts_count_truncated"),
]
TABLES_OF = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
    "TRUNCATE": "",
}


def create() -> str:
    functions = [
        FOLD_ALL,
        RECOUNT,
        MEMBERS_JOINED,
        MEMBERS_CHANGED,
        MEMBERS_GONE,
        PEOPLE_ADDED,
        PEOPLE_CHANGED,
        PEOPLE_GONE,
        FORGET,
    ]
    triggers = [
        f"CREATE TRIGGER count_{event.lower()} AFTER {event} ON {table} {TABLES_OF[event]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
        for table, event, function in TRIGGERS
    ]
    return "\n".join([*functions, *triggers, "SELECT cohorts_recount();"])


def drop() -> str:
    lines = [f"DROP TRIGGER count_{event.lower()} ON {table};" for table, event, _ in TRIGGERS]
    lines += [
        "DROP TRIGGER count_cohorts_gone ON cohorts_cohort;",
        "DROP TRIGGER count_project_gone ON projects_project;",
        (
            "DROP FUNCTION cohorts_recount(), cohorts_fold_counts(bigint),"
            " cohorts_count_cohorts_gone(), cohorts_count_project_gone();"
        ),
    ]
    lines += [f"DROP FUNCTION {name}();" for name in sorted({name for *_, name in TRIGGERS})]
    return "\n".join(lines)
