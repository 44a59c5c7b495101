"""What sending is compared with: bare smtplib, and one Celery task for each mail; and what building
is: Django's mails and templates."""

import contextlib
import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime, formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.template import Context, Template

from communications.bounces import return_path
from communications.models import Delivery, Occurrence
from communications.personal_links import UNSUBSCRIBE, one_click, unsubscribe_address
from communications.rendering import read_mail
from communications.rendering.placeholders import is_link
from communications.services.pipeline.build import Draft
from upgrade_tracker.launch.places import ROOT

A_CONNECTION = 100  # mails, as ours
WEB = "https://"


def send_bare(host: str, port: int, mails: int, connections: int, size: int) -> None:
    """One prepared mail of ``size`` bytes again and again, each thread on its own connection."""
    head = "From: a@localhost\r\nTo: b@localhost\r\nMessage-ID: <bare@localhost>\r\n\r\n"
    line = "A line of text as mails have them, not too long.\r\n"
    mail = (head + line * ((size - len(head)) // len(line))).encode()
    shares = [mails // connections + (n < mails % connections) for n in range(connections)]
    crew = [threading.Thread(target=_thread, args=(host, port, n, mail)) for n in shares if n]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()


def _thread(host: str, port: int, number: int, mail: bytes) -> None:
    for start in range(0, number, A_CONNECTION):
        with smtplib.SMTP(host, port, local_hostname="localhost") as client:
            for _mail in range(min(A_CONNECTION, number - start)):
                client.sendmail("a@localhost", ["b@localhost"], mail)


def task_rate(occurrence: Occurrence, host: str, port: int, concurrency: int) -> float:
    """Mails a second with a real worker and a real broker, from the first task to the last row."""
    from benchmarks._tasks import send_one

    pks = list(Delivery.objects.filter(occurrence=occurrence).values_list("pk", flat=True))
    warm, measured = pks[: concurrency * 2], pks[concurrency * 2 :]
    with _celery(host, port, concurrency):
        for pk in warm:
            send_one.delay(pk)
        _wait_until_sent(occurrence, len(warm))
        start = time.perf_counter()
        for pk in measured:
            send_one.delay(pk)
        _wait_until_sent(occurrence, len(pks))
        return len(measured) / (time.perf_counter() - start)


def _wait_until_sent(occurrence: Occurrence, number: int) -> None:
    end = time.monotonic() + 300
    while Delivery.objects.filter(occurrence=occurrence, state="sent").count() < number:
        if time.monotonic() > end:
            raise SystemExit("The worker of one task for each mail did not finish.")
        time.sleep(0.02)


@contextmanager
def _celery(host: str, port: int, concurrency: int) -> Iterator[None]:
    it = connection.settings_dict
    address = f"{it['USER']}:{it['PASSWORD']}@{it['HOST']}:{it['PORT']}/{it['NAME']}"
    process = subprocess.Popen(
        [
            *[sys.executable, "-m", "celery", "--app", "benchmarks._tasks", "worker"],
            *["--concurrency", str(concurrency), "--loglevel", "ERROR", "--queues", "per-mail"],
            *["--without-gossip", "--without-mingle", "--without-heartbeat"],
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"postgres://{address}",
            "EMAIL_URL": f"smtp://{host}:{port}",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class DjangoMails:
    """The same mails as Django makes them: two compiled templates a person, then bytes."""

    def __init__(self, draft: Draft) -> None:
        """The templates are ``draft``'s own mail with {{ name }} in the place of each value."""
        skeleton = draft.part.skeleton
        sample = skeleton.render(
            values={n: f"{WEB if is_link(n) else ''}{{{{ {n} }}}}" for n in skeleton.names},
            to_name="",
            to_address="a@localhost",
            message_id="<sample@localhost>",
            date=draft.at,
        )
        mail = read_mail(sample)
        text, html = (part.replace(f"{WEB}{{{{", "{{") for part in (mail.text, mail.html))
        self._text = Template(f"{{% autoescape off %}}{text}{{% endautoescape %}}")
        self._html = Template(html)
        self._is_optional = UNSUBSCRIBE in skeleton.names
        self._headers = {
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Date": format_datetime(draft.at),
        }

    def build(self, draft: Draft) -> bytes:
        recipient, message_id = draft.claimed.recipient, draft.claimed.message_id
        values = {**draft.values}
        headers = {**self._headers, "Message-ID": f"<{message_id}@{draft.domain}>"}
        if self._is_optional:
            values[UNSUBSCRIBE] = unsubscribe_address(message_id)
            headers.update(one_click(values[UNSUBSCRIBE]))
        if settings.BOUNCE_ADDRESS:
            return_path.address(settings.BOUNCE_ADDRESS, message_id)
        context = Context(values)
        mail = EmailMultiAlternatives(
            draft.part.text.subject.format(**values),
            self._text.render(context),
            settings.DEFAULT_FROM_EMAIL,
            [formataddr((recipient.name, recipient.address))],
            headers=headers,
        )
        mail.attach_alternative(self._html.render(context), "text/html")
        return mail.message().as_bytes()
