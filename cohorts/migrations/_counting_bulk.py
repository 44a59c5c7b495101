"""The SQL of the migration that makes large statements over memberships cheaper to count.

The same figures as ``_counting_triggers``: what changed is found once and grouped by what counts,
so that sums are made over a few hundred rows instead of a million; and of people in two cohorts
only those are looked at who are in two.
"""

# ruff: noqa: S608 - put together from constants of our own

from cohorts.migrations._counting import (
    COUNTED,
    FOLD,
    IS_COUNTED,
    IS_PAIRED,
    NAMES,
    REST_BUT_NEW,
    SEEN_AT,
    ask,
    count,
    hours,
    lock,
    member,
    not_nothing,
    pair_changes,
    run,
    signed,
    sums,
    trigger_function,
)
from cohorts.migrations._counting_triggers import (
    CHANGED,
    COUNTED_NEW,
    COUNTED_OLD,
    END_IF,
    IF_PAIRED,
    OF_TOUCHED,
    PAIRED_NEW,
    PAIRED_OLD,
    PILOTS_BESIDE,
    WHERE_COUNTED,
)

KINDS = {
    "has_told": "{m}.told_at IS NOT NULL",
    "mode_state": "{m}.mode_state",
    "switched_hour": "date_trunc('hour', {m}.switched_at, 'UTC')",
    "seen_hour": f"date_trunc('hour', {SEEN_AT}, 'UTC')",
    "is_deferred": "{m}.deferred_from_id IS NOT NULL",
    "is_blocked": "{m}.blocked_since IS NOT NULL",
}
KEYS = f"project_id, cohort_id, {', '.join(KINDS)}, is_white_glove, is_without_address"


def side(alias: str, sign: int) -> str:
    kinds = ", ".join(f"{sql.replace('{m}', alias)} AS {name}" for name, sql in KINDS.items())
    return f"SELECT {sign} AS sign, {alias}.participant_id, {alias}.cohort_id, {kinds}"


# The same sums over the grouped rows: each stands for ``number`` people, less where negative.
GROUPED = {
    name: sql.replace("m.told_at IS NOT NULL", "m.has_told")
    .replace("m.switched_at IS NOT NULL", "m.switched_hour IS NOT NULL")
    .replace("m.switched_at IS NULL", "m.switched_hour IS NULL")
    .replace("m.deferred_from_id IS NOT NULL", "m.is_deferred")
    .replace("m.deferred_from_id IS NULL", "NOT m.is_deferred")
    .replace("m.blocked_since IS NOT NULL", "m.is_blocked")
    .replace("m.blocked_since IS NULL", "NOT m.is_blocked")
    for name, sql in COUNTED.items()
}
BOTH = {"switched": "m.has_switched", "verified": "m.is_verified"}
ALL_AT_ONCE = f"""
    WITH grouped AS MATERIALIZED (
        SELECT {KEYS}, sum(sign) AS number FROM (
            SELECT r.*, p.project_id, p.is_white_glove,
                (p.mail = '' AND p.upn = '') AS is_without_address
            FROM (
                {side("n", 1)} {CHANGED} WHERE {IS_COUNTED}
                UNION ALL {side("o", -1)} {CHANGED} WHERE {IS_COUNTED}
            ) r JOIN cohorts_participant p ON p.id = r.participant_id WHERE p.status = 'active'
        ) g GROUP BY {KEYS} HAVING sum(sign) <> 0
    ), counts AS (
        INSERT INTO cohorts_cohortcount (project_id, cohort_id, {NAMES})
        SELECT m.project_id, m.cohort_id, {sums(GROUPED, "m.number")} FROM grouped m
        GROUP BY m.project_id, m.cohort_id HAVING {not_nothing(GROUPED, "m.number")}
    )
    INSERT INTO cohorts_hourcount (project_id, cohort_id, hour, switched, verified)
    SELECT m.project_id, m.cohort_id, m.hour, {sums(BOTH, "m.number")} FROM (
        SELECT number, project_id, cohort_id, switched_hour AS hour, 1 AS has_switched,
            0 AS is_verified
        FROM grouped WHERE switched_hour IS NOT NULL
        UNION ALL
        SELECT number, project_id, cohort_id, seen_hour, 0, 1
        FROM grouped WHERE seen_hour IS NOT NULL
    ) m GROUP BY m.project_id, m.cohort_id, m.hour HAVING {not_nothing(BOTH, "m.number")}"""
IN_PILOTS = "(SELECT a.participant_id FROM cohorts_membership a WHERE a.kind = 'pilot')"
TOUCHED = (
    f"SELECT n.participant_id {CHANGED} WHERE n.participant_id IN {IN_PILOTS} AND ({IS_PAIRED})"
    " UNION"
    f" SELECT o.participant_id {CHANGED} WHERE o.participant_id IN {IN_PILOTS} AND ({IS_PAIRED})"
)
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
    f"IF is_large THEN EXECUTE $sql${ALL_AT_ONCE}$sql$; ELSE",
    f"{count(signed({1: COUNTED_NEW, -1: COUNTED_OLD}))};",
    f"IF is_paired THEN {hours(signed({1: PAIRED_NEW, -1: PAIRED_OLD}))}; END IF;",
    END_IF,
    IF_PAIRED,
    run(
        pair_changes(
            TOUCHED,
            f"SELECT {member('n')} FROM new_rows n {OF_TOUCHED} n.participant_id UNION ALL",
            f"SELECT {member('o')} FROM old_rows o {OF_TOUCHED} o.participant_id UNION ALL",
            REST_BUT_NEW,
        )
    ),
    END_IF,
    FOLD.format(rows="new_rows"),
).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
