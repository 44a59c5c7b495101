from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = _("Surveys")

    def ready(self) -> None:
        """Fill the two ports: who is asked, and what the answers measure."""
        from communications import audiences
        from projects import metrics
        from surveys import metrics as figures
        from surveys.mail_audiences import SurveyInvited, SurveyUnanswered
        from surveys.services.surveys import INVITED, UNANSWERED

        audiences.register(INVITED, SurveyInvited())
        audiences.register(UNANSWERED, SurveyUnanswered())
        metrics.register(
            "survey_agree",
            "%",
            _("Answers “agree” and “strongly agree” out of all answers on the scale."),
            figures.survey_agree,
        )
        metrics.register(
            "survey_nps",
            "score",
            _("Percent of 9 and 10 minus percent of 0 to 6, from −100 to 100."),
            figures.survey_nps,
        )
        metrics.register(
            "survey_response_rate",
            "%",
            _("People who answered out of all who were invited."),
            figures.survey_response_rate,
        )
