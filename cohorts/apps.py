from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CohortsConfig(AppConfig):
    name = "cohorts"
    verbose_name = _("Cohorts")

    def ready(self) -> None:
        """Fills the port of figures."""
        from cohorts import go_metrics
        from cohorts.metrics import SWITCHED_FORMULA, VERIFIED_FORMULA, switched, verified
        from projects import metrics

        metrics.register("switched", "%", SWITCHED_FORMULA, switched, is_growing=True)
        metrics.register("verified", "%", VERIFIED_FORMULA, verified, is_growing=True)
        go_metrics.register_all()
