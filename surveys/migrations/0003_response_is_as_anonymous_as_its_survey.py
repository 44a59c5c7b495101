"""A composite foreign key: a response is anonymous exactly when its survey is.

It has no ON UPDATE, so a survey with an answer can no longer change its promise.
"""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0002_planned_opening_and_anonymity")]
    operations: ClassVar = [
        migrations.RunSQL(
            """
            ALTER TABLE surveys_response ADD CONSTRAINT response_is_as_anonymous_as_its_survey
            FOREIGN KEY (survey_id, is_anonymous) REFERENCES surveys_survey (id, is_anonymous)
            DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE surveys_response DROP CONSTRAINT response_is_as_anonymous_as_its_survey",
        )
    ]
