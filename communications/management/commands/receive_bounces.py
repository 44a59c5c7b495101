"""Listens by LMTP for mails that came back, until it is stopped."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from communications import lmtp
from communications.services.bounces import read_mail

BIGGEST_PORT = 65535


class Command(BaseCommand):
    help = "Take mails that came back by LMTP and suppress the addresses that are gone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", default="127.0.0.1:2424", metavar="HOST:PORT")

    def handle(self, *args: Any, listen: str, **options: Any) -> None:
        host, _colon, port = listen.rpartition(":")
        if not host or not port.isdecimal() or int(port) > BIGGEST_PORT:
            raise CommandError(_("Write --listen as HOST:PORT, like 127.0.0.1:2424."))
        try:
            asyncio.run(self._serve(host, int(port)))
        except OSError as error:
            sentence = _("%(listen)s cannot be listened on: %(why)s.")
            raise CommandError(sentence % {"listen": listen, "why": error.strerror}) from error

    async def _serve(self, host: str, port: int) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await lmtp.listen(host, port, read_mail, self._say, stop)

    def _say(self, port: int) -> None:
        self.stdout.write(_("Listening on port %(port)s.") % {"port": port})
        self.stdout.flush()
