"""Addresses for projects: short, readable, unlike any other and unlike our own pages."""

from django.utils.text import slugify
from django.utils.translation import gettext as _

from common.exceptions import DomainError
from projects.models import Project

RESERVED = frozenset({"new"})  # /projects/new/ is the wizard
LONGEST = 60


def free_slug(name: str) -> str:
    """A slug made from ``name`` that no project has: name, name-2, name-3 …"""
    base = slugify(name)[:LONGEST].strip("-_") or "project"
    taken = RESERVED | set(
        Project.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    )
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def require_slug(slug: str) -> str:
    """``slug`` itself, where it is well formed and free; a DomainError otherwise."""
    if slug != slugify(slug)[:LONGEST] or not slug:
        raise DomainError(
            _("An address has at most %(n)s small letters, digits and hyphens.") % {"n": LONGEST}
        )
    if slug in RESERVED or Project.objects.filter(slug=slug).exists():
        raise DomainError(
            _("The address “%(slug)s” is taken. Choose another one.") % {"slug": slug}
        )
    return slug
