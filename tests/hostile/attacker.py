"""Somebody who sends garbage: every request is rolled back, so each meets the same rows."""

from typing import Any

from django.db import transaction
from django.test import Client

from tests.hostile.garbage import FORM, MULTIPART, Fields, File, multipart, urlencoded
from tests.hostile.tables import rows_of

FINE = {200, 204, 302, 400, 403, 404, 405, 409, 413, 422, 429}


class Attacker:
    """One persona at one address; collects what went wrong instead of stopping at the first."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address = client, address
        client.raise_request_exception = False
        self.jar = {name: morsel.value for name, morsel in client.cookies.items()}
        self.look_at_rows()
        self.faults: list[str] = []
        self.mark = ""

    def look_at_rows(self) -> None:
        """From now on whatever differs from this was written by a request."""
        self.rows = rows_of()

    def send(
        self, what: str, method: str, *, address: str = "", query: str = "", **body: Any
    ) -> int:
        self.client.cookies.load(self.jar)
        path = address or self.address
        with transaction.atomic():
            response = self.client.generic(method, f"{path}?{query}", **body)
            status = response.status_code
            if status == 200 and hasattr(response, "streaming_content"):
                b"".join(response.streaming_content)
            if status not in FINE:
                self.faults.append(f"{method} {what}: {status} {_raised(response)}")
            elif (method == "GET" or status >= 400) and (written := self._written()):
                self.faults.append(f"{method} {what}: {status}, but wrote {written}")
            transaction.set_rollback(True)
        return status

    def _written(self) -> set[tuple[str, int]]:
        return rows_of().items() - self.rows.items()

    def cookie(self, what: str, header: str) -> int:
        """A request that carries nothing but this Cookie header."""
        environ = {"HTTP_COOKIE": header}
        self.jar, kept = {}, self.jar
        self.client.cookies.clear()
        try:
            return self.send(what, "GET", **environ)
        finally:
            self.jar = kept

    def post(self, what: str, fields: Fields, query: str = "") -> int:
        return self.send(
            what, "POST", query=query, data=urlencoded(fields).encode(), content_type=FORM
        )

    def post_parts(self, what: str, fields: Fields, **files: File) -> int:
        data = multipart(fields, files)
        return self.send(what, "POST", data=data, content_type=MULTIPART)


def _raised(response: Any) -> str:
    about = getattr(response, "exc_info", None)
    return repr(about[1])[:200] if about else ""
