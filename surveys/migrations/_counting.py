"""The SQL of migration 0005: how many were invited and have answered, kept by statements.

A row of differences for each statement, so nobody waits; few of many are made now and then.
"""

# ruff: noqa: S608 - put together from constants of our own

INVITED = "SELECT survey_id, {sign} AS invited, {sign} * (answered_at IS NOT NULL)::int AS answered"
NEW = f"{INVITED.format(sign=1)} FROM new_rows"
OLD = f"{INVITED.format(sign=-1)} FROM old_rows"
INSERT = """
    INSERT INTO surveys_surveycount (survey_id, invited, answered)
    SELECT survey_id, sum(invited)::int, sum(answered)::int FROM ({rows}) r
    GROUP BY survey_id HAVING sum(invited) <> 0 OR sum(answered) <> 0;
    IF random() < 0.02 THEN PERFORM surveys_fold_counts(); END IF;"""


def function(name: str, rows: str) -> str:
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{INSERT.format(rows=rows)}
    RETURN NULL;
END
$$;
"""


FORWARDS = f"""
CREATE FUNCTION surveys_fold_counts() RETURNS void LANGUAGE sql AS $$
    WITH taken AS (
        DELETE FROM surveys_surveycount WHERE id IN (
            SELECT id FROM surveys_surveycount FOR UPDATE SKIP LOCKED
        ) RETURNING survey_id, invited, answered
    )
    INSERT INTO surveys_surveycount (survey_id, invited, answered)
    SELECT survey_id, sum(invited)::int, sum(answered)::int FROM taken GROUP BY survey_id
    HAVING sum(invited) <> 0 OR sum(answered) <> 0
$$;
{function("surveys_count_invited", NEW)}
{function("surveys_count_changed", f"{NEW} UNION ALL {OLD}")}
{function("surveys_count_gone", OLD)}
CREATE FUNCTION surveys_count_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM surveys_surveycount;
    RETURN NULL;
END
$$;

CREATE FUNCTION surveys_count_survey_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM surveys_surveycount WHERE survey_id = OLD.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_insert AFTER INSERT ON surveys_invitation
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION surveys_count_invited();

CREATE TRIGGER count_update AFTER UPDATE ON surveys_invitation
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION surveys_count_changed();

CREATE TRIGGER count_delete AFTER DELETE ON surveys_invitation
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION surveys_count_gone();

CREATE TRIGGER count_truncate AFTER TRUNCATE ON surveys_invitation
FOR EACH STATEMENT EXECUTE FUNCTION surveys_count_truncated();

CREATE TRIGGER count_survey_gone AFTER DELETE ON surveys_survey
FOR EACH ROW EXECUTE FUNCTION surveys_count_survey_gone();

INSERT INTO surveys_surveycount (survey_id, invited, answered)
SELECT survey_id, count(*), count(answered_at) FROM surveys_invitation GROUP BY survey_id;
"""
BACKWARDS = """
DROP TRIGGER count_survey_gone ON surveys_survey;
DROP TRIGGER count_truncate ON surveys_invitation;
DROP TRIGGER count_delete ON surveys_invitation;
DROP TRIGGER count_update ON surveys_invitation;
DROP TRIGGER count_insert ON surveys_invitation;
DROP FUNCTION surveys_count_survey_gone();
DROP FUNCTION surveys_count_truncated();
DROP FUNCTION surveys_count_gone();
DROP FUNCTION surveys_count_changed();
DROP FUNCTION surveys_count_invited();
DROP FUNCTION surveys_fold_counts();
"""
