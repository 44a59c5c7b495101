"""Forgets what a person wrote: free texts go, what is counted stays.

Answers of anonymous surveys stay as they are: nothing says whose they were.
"""

from django.db import transaction

from cohorts.models import Participant
from surveys.enums import QuestionKind
from surveys.models import Invitation, Response


@transaction.atomic
def forget_texts(*, participant: Participant) -> int:
    """Take the free texts out of the person's answers; how many answers were touched.

    Their links open nothing any more, and what they had begun to answer is gone.
    """
    touched = 0
    responses = Response.objects.filter(invitation__participant=participant).order_by("pk")
    for response in responses.select_for_update(of=("self",)):
        texts = response.survey.questions.filter(kind=QuestionKind.TEXT)
        keys = set(texts.values_list("key", flat=True)) & set(response.answers)
        if keys:
            kept = {key: value for key, value in response.answers.items() if key not in keys}
            Response.objects.filter(pk=response.pk).update(answers=kept)
            touched += 1
    invitations = Invitation.objects.filter(participant=participant).order_by("pk")
    for invitation in invitations.select_for_update():
        invitation.generation += 1
        invitation.draft = {}
        invitation.save(update_fields=["generation", "draft"])
    return touched
