from django.urls import path

from common import views

app_name = "common"

urlpatterns = [
    path("theme/", views.set_theme, name="set_theme"),
]
