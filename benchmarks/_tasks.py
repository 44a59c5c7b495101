"""The usual way: a task for each mail finds its row, renders, connects, sends, writes "sent".

Celery and Django as they come, but for the broker's address.
"""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
app = Celery("per-mail", broker=os.environ.get("REDIS_URL", ""))
app.conf.task_default_queue = "per-mail"
app.conf.task_ignore_result = True

TEXT = "Hello {{ name }},\n\n{% for line in lines %}{{ line }}\n{% endfor %}"
HTML = "<html><body><p>Hello {{ name }},</p>{% for line in lines %}<p>{{ line }}</p>{% endfor %}"
LINES = ["a line of text as mails have them, not too long"] * 10


@app.task
def send_one(pk: int) -> None:
    from django.core.mail import EmailMultiAlternatives
    from django.template import Context, Template
    from django.utils.timezone import now

    from communications.models import Delivery

    row = Delivery.objects.select_related("participant", "occurrence__message").get(pk=pk)
    person: Any = row.participant
    context = Context({"name": person.display_name, "lines": LINES})
    mail = EmailMultiAlternatives(
        f"A word to {person.display_name}",
        Template(TEXT).render(context),
        "a@localhost",
        [person.address],
        headers={"Message-ID": f"<{row.message_id}@per-mail.localhost>"},
    )
    mail.attach_alternative(Template(HTML).render(context), "text/html")
    mail.send()
    Delivery.objects.filter(pk=pk).update(state="sent", sent_at=now())
