from django.db import models
from django.utils.translation import gettext_lazy as _

from communications.models.message import Message


class MessageVariant(models.Model):
    """A message's text once more in another language. Without a short text of its own, who joins
    late gets the message's."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="variants", verbose_name=_("message")
    )
    # As `communications.languages.tag` writes it: "de", "de-at".
    language = models.CharField(_("language"), max_length=35)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    short_subject = models.CharField(_("short subject"), max_length=200, blank=True)
    short_body = models.TextField(_("short text"), blank=True)
    # The message's own text was changed since this one was written.
    is_behind = models.BooleanField(_("behind the own text"), default=False)

    class Meta:
        verbose_name = _("language of a message")
        verbose_name_plural = _("languages of messages")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint("message", "language", name="variant_once_a_language"),
        ]

    def __str__(self) -> str:
        return self.language
