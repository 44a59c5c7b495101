"""Abstract bases. Anything that names a cohort or a survey lives elsewhere."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicIdModel(models.Model):
    """A row with an id that may be shown outside: unguessable, never reused, never the key."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
