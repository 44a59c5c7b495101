"""/accounts/…: signing in and one's own profile.

Of allauth's pages only those that we offer: sign-up, addresses and codes have no address here.
"""

from django.urls import include, path, re_path

from accounts.views import profile, signing_in

own = (
    [
        path("profile/", profile.profile, name="profile"),
        path("first-admin/<str:token>/", profile.first_admin, name="first_admin"),
    ],
    "accounts",
)
urlpatterns = [
    path("", include(own)),
    path("login/", signing_in.login, name="account_login"),
    path("logout/", signing_in.logout, name="account_logout"),
    path("inactive/", signing_in.inactive, name="account_inactive"),
    path("reauthenticate/", signing_in.reauthenticate, name="account_reauthenticate"),
    # password/
    path("password/change/", signing_in.password_change, name="account_change_password"),
    path("password/set/", signing_in.password_set, name="account_set_password"),
    path("password/reset/", signing_in.password_reset, name="account_reset_password"),
    path(
        "password/reset/done/", signing_in.password_reset_done, name="account_reset_password_done"
    ),
    path(
        "password/reset/key/done/",
        signing_in.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        signing_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
