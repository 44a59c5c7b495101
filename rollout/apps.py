from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolloutConfig(AppConfig):
    name = "rollout"
    verbose_name = _("Rollout")

    def ready(self) -> None:
        """Fill the port of audiences: what every message can say to a participant."""
        from communications import audiences
        from rollout.mail_links import MyUpgradeLink

        audiences.register_personal("my_upgrade_link", MyUpgradeLink())
