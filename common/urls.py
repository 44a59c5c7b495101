from django.urls import path

from common import theme

app_name = "common"

urlpatterns = [
    path("theme/", theme.set_theme, name="set_theme"),
]
