from django.db import models
from django.utils.translation import gettext_lazy as _

from communications.models.message import Occurrence


class DeliveryCount(models.Model):
    """The ledger of an occurrence that is done: how many rows stand in which state.

    Kept by triggers of the database; gone as soon as a row changes, and made again later. Nobody
    else writes it.
    """

    occurrence = models.ForeignKey(
        Occurrence,
        on_delete=models.DO_NOTHING,
        related_name="+",
        verbose_name=_("occurrence"),
        db_constraint=False,
    )
    state = models.CharField(max_length=12)
    rows = models.IntegerField()

    class Meta:
        verbose_name = _("ledger of what is done")
        verbose_name_plural = _("ledgers of what is done")
