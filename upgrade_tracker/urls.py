"""Who answers which address. Each room keeps its own list; the prefix stands here."""

from django.contrib import admin
from django.urls import include, path
from django_prometheus.exports import ExportToDjangoView

from upgrade_tracker import health

handler500 = "upgrade_tracker.errors.server_error"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", ExportToDjangoView, name="metrics"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("", include("common.urls")),
    path("", include("rollout.urls")),
    path("", include("dashboards.urls")),
    path("", include("surveys.public_urls")),
    path("", include("rollout.public_urls")),
    path("", include("communications.public_urls")),
    path("", include("communications.site_urls")),
    path("", include("communications.mailbox_urls")),
    path("projects/<slug:slug>/", include("projects.urls")),
    path("projects/<slug:slug>/", include("cohorts.urls")),
    path("projects/<slug:slug>/communications/", include("communications.urls")),
    path("projects/<slug:slug>/surveys/", include("surveys.urls")),
]
