"""Delivery reports as mail servers write them, for tests."""

from uuid import UUID

REPORT = """\
From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 01 Mar 2038 10:00:00 +0000

Final-Recipient: rfc822; {person}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {text}

--b
Content-Type: text/rfc822-headers

From: upgrade@example.org
Message-ID: <{message_id}@example.org>
Subject: Your upgrade

--b--
"""


def report(
    *,
    to: str = "upgrade@example.org",
    message_id: UUID | str = "none",
    person: str = "ana@example.org",
    action: str = "failed",
    status: str = "5.1.1",
    text: str = "550 5.1.1 User unknown",
) -> bytes:
    filled = REPORT.format(
        to=to, message_id=message_id, person=person, action=action, status=status, text=text
    )
    return filled.encode()
