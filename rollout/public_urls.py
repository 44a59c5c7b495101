"""/me/<token>/ and /my-upgrade/…: the pages of participants, who have no account."""

from django.urls import path

from rollout.views import my_upgrade, my_upgrade_deeds

app_name = "my_upgrade"

# /me/ is what mails carry, /my-upgrade/ what the browser shows afterwards
urlpatterns = [
    path("me/<str:token>/", my_upgrade.enter, name="enter"),
    path("my-upgrade/", my_upgrade.home, name="home"),
    path("my-upgrade/switch.ics", my_upgrade.calendar, name="calendar"),
    path("my-upgrade/surveys/<int:pk>/", my_upgrade.survey, name="survey"),
    path("my-upgrade/date/", my_upgrade_deeds.date, name="date"),
    path("my-upgrade/later/", my_upgrade_deeds.later, name="later"),
    path("my-upgrade/later/withdraw/", my_upgrade_deeds.withdraw, name="withdraw"),
    path("my-upgrade/problem/", my_upgrade_deeds.problem, name="problem"),
    path("my-upgrade/champion/", my_upgrade_deeds.champion, name="champion"),
]
