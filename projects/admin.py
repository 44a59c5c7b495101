"""A look into projects for site administrators. Changes belong on the project's own pages, where
they leave a trace; the admin only reads."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from projects.models import Event, Project, Stakeholder


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Project)
class ProjectAdmin(ReadOnly):
    list_display = ("name", "slug", "playbook_key", "starts_on", "target_on", "status")
    list_filter = ("status", "playbook_key")
    search_fields = ("name", "slug")
    exclude = ("playbook_snapshot",)


@admin.register(Stakeholder)
class StakeholderAdmin(ReadOnly):
    list_display = ("name", "email", "project", "access")
    list_filter = ("access",)
    list_select_related = ("project",)
    search_fields = ("name", "email")


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("at", "project", "actor", "sentence")
    list_select_related = ("project", "actor")
    show_full_result_count = False
