"""The SQL of migration 0008: triggers that keep the figures of people.

Each statement that changes people adds rows of differences; nothing is updated, so nobody waits.
What a person counts depends on their own rows alone:

- a membership changes under its row lock, and whoever changes the person locks their memberships
  first, so each sees what the other has committed;
- a new membership locks its person and their other membership, because nobody can see it yet;
- what counts over both memberships of a person is changed under the lock of the one in the pilot.

So everybody locks people first, then memberships in waves, then those in pilots.

Large statements are planned anew (EXECUTE): a plan made for one row would join a million to a
million row by row.
"""

# ruff: noqa: S608 - put together from constants of our own

COUNTED = {
    "people": "1",
    "told": "(m.told_at IS NOT NULL)::int",
    "switched": "(m.switched_at IS NOT NULL)::int",
    "verified": "(m.mode_state = 'verified')::int",
    "granted": "(m.mode_state = 'granted')::int",
    "drift": "(m.mode_state = 'drift')::int",
    "failed": "(m.mode_state = 'failed')::int",
    "not_applicable": "(m.mode_state = 'not_applicable')::int",
    "deferred": "(m.deferred_from_id IS NOT NULL AND m.mode_state <> 'verified')::int",
    "blocked": "(m.blocked_since IS NOT NULL AND m.mode_state <> 'verified')::int",
    "switched_only": "(m.switched_at IS NOT NULL AND m.mode_state <> 'verified')::int",
    "blocked_only": "({ahead} AND m.blocked_since IS NOT NULL)::int",
    "deferred_only": "({ahead} AND m.blocked_since IS NULL AND m.deferred_from_id IS NOT NULL)::int",
    "told_only": "({ahead} AND m.blocked_since IS NULL AND m.deferred_from_id IS NULL"
    " AND m.told_at IS NOT NULL)::int",
    "white_glove": "m.is_white_glove::int",
    "without_address": "m.is_without_address::int",
}
AHEAD = "m.switched_at IS NULL AND m.mode_state <> 'verified'"
COUNTED = {name: sql.format(ahead=AHEAD) for name, sql in COUNTED.items()}
OF_PERSON = ("people", "white_glove", "without_address")
NAMES = ", ".join(COUNTED)

MEMBER = (
    "id, participant_id, cohort_id, kind, joined_at, switched_at, mode_state, observed_at,"
    " deferred_from_id, told_at, blocked_since"
)
SEEN_AT = (
    "CASE WHEN {m}.mode_state = 'verified'"
    " THEN coalesce({m}.observed_at, {m}.switched_at, {m}.joined_at) END"
)


def member(alias: str) -> str:
    return ", ".join(f"{alias}.{name.strip()}" for name in MEMBER.split(","))


def differs(*expressions: str) -> str:
    """Whether rows ``o`` and ``n`` differ in expressions over ``m``."""
    old = ", ".join(one.replace("{m}", "o") for one in expressions)
    new = ", ".join(one.replace("{m}", "n") for one in expressions)
    return f"({old}) IS DISTINCT FROM ({new})"


# What changes a figure over both cohorts of a person, or over time.
IS_PAIRED = differs(
    "{m}.participant_id", "{m}.cohort_id", "{m}.kind", "{m}.switched_at", f"{SEEN_AT}"
)
IS_COUNTED = differs(
    "{m}.participant_id",
    "{m}.cohort_id",
    "{m}.kind",
    "{m}.switched_at",
    "{m}.mode_state",
    "{m}.observed_at",
    "{m}.told_at IS NULL",
    "{m}.deferred_from_id IS NULL",
    "{m}.blocked_since IS NULL",
)
PERSON = "p.is_white_glove, (p.mail = '' AND p.upn = '') AS is_without_address"


def sums(columns: "dict[str, str]", sign: str = "m.sign") -> str:
    return ", ".join(f"sum({sign} * {sql})::int" for sql in columns.values())


def not_nothing(columns: "dict[str, str]", sign: str = "m.sign") -> str:
    return " OR ".join(f"sum({sign} * {sql}) <> 0" for sql in columns.values())


def signed(rows: "dict[int, str]") -> str:
    """Rows of active people with +1 or -1. ``rows``: {sign: SQL that gives memberships}."""
    parts = [
        f"""SELECT {sign} AS sign, {member("r")}, p.project_id, {PERSON}
        FROM ({sql}) r JOIN cohorts_participant p ON p.id = r.participant_id
        WHERE p.status = 'active'"""
        for sign, sql in rows.items()
    ]
    return " UNION ALL ".join(parts)


def count(rows: str) -> str:
    return f"""
    INSERT INTO cohorts_cohortcount (project_id, cohort_id, {NAMES})
    SELECT m.project_id, m.cohort_id, {sums(COUNTED)} FROM ({rows}) m
    GROUP BY m.project_id, m.cohort_id HAVING {not_nothing(COUNTED)}"""


def hours(rows: str) -> str:
    both = {"switched": "m.has_switched", "verified": "m.is_verified"}
    return f"""
    WITH s AS MATERIALIZED ({rows})
    INSERT INTO cohorts_hourcount (project_id, cohort_id, hour, switched, verified)
    SELECT m.project_id, m.cohort_id, m.hour, {sums(both)} FROM (
        SELECT s.sign, s.project_id, s.cohort_id, date_trunc('hour', s.switched_at, 'UTC') AS hour,
            1 AS has_switched, 0 AS is_verified
        FROM s WHERE s.switched_at IS NOT NULL
        UNION ALL
        SELECT s.sign, s.project_id, s.cohort_id,
            date_trunc('hour', {SEEN_AT.replace("{m}", "s")}, 'UTC'), 0, 1
        FROM s WHERE s.mode_state = 'verified'
    ) m
    GROUP BY m.project_id, m.cohort_id, m.hour HAVING {not_nothing(both)}"""


PAIRED = {
    "people": "1",
    "switched": "(m.pilot_switched_at IS NOT NULL AND m.wave_switched_at IS NOT NULL)::int",
    "pilot_verified": "(m.pilot_seen_at IS NOT NULL)::int",
    "wave_verified": "(m.wave_seen_at IS NOT NULL)::int",
}
PAIR = f"""
    a.participant_id, a.cohort_id AS pilot_id, b.cohort_id AS wave_id,
    a.switched_at AS pilot_switched_at, b.switched_at AS wave_switched_at,
    {SEEN_AT.replace("{m}", "a")} AS pilot_seen_at, {SEEN_AT.replace("{m}", "b")} AS wave_seen_at"""


def couples(rows: str) -> str:
    """One row for each person who has both, out of a CTE of memberships."""
    return f"""SELECT {PAIR} FROM {rows} a JOIN {rows} b ON b.participant_id = a.participant_id
        WHERE a.kind = 'pilot' AND b.kind = 'wave'"""


def pairs(ctes: str, couples_with_sign: str) -> str:
    """Differences over both cohorts, and the hours that would count a person twice."""
    both = {"switched": "m.has_switched", "verified": "m.is_verified"}
    return f"""
    WITH {ctes} couple AS MATERIALIZED ({couples_with_sign}),
    written AS (
        INSERT INTO cohorts_paircount (project_id, pilot_id, wave_id, {", ".join(PAIRED)})
        SELECT m.project_id, m.pilot_id, m.wave_id, {sums(PAIRED)} FROM couple m
        GROUP BY m.project_id, m.pilot_id, m.wave_id HAVING {not_nothing(PAIRED)}
    )
    INSERT INTO cohorts_hourcount (project_id, cohort_id, hour, switched, verified)
    SELECT m.project_id, NULL, m.hour, {sums(both, "-m.sign")} FROM (
        SELECT c.sign, c.project_id, 1 AS has_switched, 0 AS is_verified,
            date_trunc('hour', greatest(c.pilot_switched_at, c.wave_switched_at), 'UTC') AS hour
        FROM couple c WHERE c.pilot_switched_at IS NOT NULL AND c.wave_switched_at IS NOT NULL
        UNION ALL
        SELECT c.sign, c.project_id, 0, 1,
            date_trunc('hour', greatest(c.pilot_seen_at, c.wave_seen_at), 'UTC')
        FROM couple c WHERE c.pilot_seen_at IS NOT NULL AND c.wave_seen_at IS NOT NULL
    ) m
    GROUP BY m.project_id, m.hour HAVING {not_nothing(both)}"""


def pair_changes(touched: str, after: str, before: str, rest: str) -> str:
    """``after`` and ``before``: SQL of the rows written; ``rest``: the memberships left alone."""
    ctes = f"""
    touched AS MATERIALIZED ({touched}),
    rest AS MATERIALIZED (SELECT {member("r")} FROM ({rest}) r),
    new_side AS MATERIALIZED ({after} SELECT {MEMBER} FROM rest),
    old_side AS MATERIALIZED ({before} SELECT {MEMBER} FROM rest),"""
    couple = f"""
        SELECT c.*, p.project_id FROM (
            SELECT 1 AS sign, n.* FROM ({couples("new_side")}) n
            UNION ALL SELECT -1, o.* FROM ({couples("old_side")}) o
        ) c JOIN cohorts_participant p ON p.id = c.participant_id WHERE p.status = 'active'"""
    return pairs(ctes, couple)


def run(sql: str) -> str:
    """The statement with the plan at hand for few rows, and with a plan of its own for many."""
    return f"IF is_large THEN EXECUTE $sql${sql}$sql$; ELSE {sql}; END IF;"


def ask(sql: str, into: str) -> str:
    plain = sql.replace("/*INTO*/", f"INTO {into}")
    return f"IF is_large THEN EXECUTE $sql${sql}$sql$ INTO {into}; ELSE {plain}; END IF;"


def lock(sql: str) -> str:
    """Runs a SELECT … FOR for its locks alone."""
    return f"IF is_large THEN EXECUTE $sql${sql}$sql$; ELSE PERFORM FROM ({sql}) held; END IF;"


FEW = 64
FOLD = """IF random() < 0.02 THEN PERFORM cohorts_fold_counts((
        SELECT c.project_id FROM {rows} r JOIN cohorts_cohort c ON c.id = r.cohort_id LIMIT 1));
    END IF;"""


def trigger_function(name: str, rows: str, *steps: str) -> str:
    body = "\n    ".join(steps)
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $function$
DECLARE is_large boolean; is_counted boolean; is_paired boolean;
BEGIN
    SELECT count(*) > {FEW} INTO is_large FROM (SELECT FROM {rows} LIMIT {FEW + 1}) few;
    {body}
    RETURN NULL;
END
$function$;
"""


def plain(table: str, condition: str = "") -> str:
    return f"SELECT {MEMBER} FROM {table} {condition}"


REST = "SELECT s.* FROM cohorts_membership s JOIN touched t ON t.participant_id = s.participant_id"
REST_BUT_NEW = f"{REST} WHERE NOT EXISTS (SELECT FROM new_rows n WHERE n.id = s.id)"
