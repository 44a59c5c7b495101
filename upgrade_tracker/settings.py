"""Every setting comes from the environment (see .env.example). A missing secret fails loudly."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

# ---- where we are
DEVELOPMENT = env.bool("DEVELOPMENT", default=False)
DEBUG = env.bool("DEBUG", default=False)
VAR_DIR = Path(env.str("UPGRADE_TRACKER_VAR", default=str(BASE_DIR / "var")))
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000" if DEVELOPMENT else "").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEVELOPMENT else [])
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []

# ---- secrets: no default outside development
SECRET_KEY = env.str("SECRET_KEY", default="development-only-key" * 3 if DEVELOPMENT else "")
# The first key signs personal links, all of them verify; rotating SECRET_KEY breaks no link.
LINK_KEYS = env.list("LINK_KEYS", default=["development-only-link-key" * 2] if DEVELOPMENT else [])
for _name, _value in (("SECRET_KEY", SECRET_KEY), ("LINK_KEYS", LINK_KEYS), ("SITE_URL", SITE_URL)):
    if not _value:
        raise ImproperlyConfigured(f"Set {_name} in the environment (see .env.example).")

# ---- rooms
INSTALLED_APPS = [
    "common",
    "accounts",
    "playbooks",
    "projects",
    "cohorts",
    "communications",
    "surveys",
    "dashboards",
    "rollout",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",  # brings htmx itself
    "django_prometheus",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Django pads the answer at random, so that its length tells nothing about a token in it.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "common.http.refuse_nul_bytes",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "accounts.middleware.activate_time_zone",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "upgrade_tracker.urls"
WSGI_APPLICATION = "upgrade_tracker.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.theme.frame",
            ],
        },
    },
]

# ---- stores
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Seconds until the page that says we will be right back, when nothing answers at all.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL")
# Limits on sign-in attempts live here. The database serves as the cache, for Redis may be away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# ---- people
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the e-mail is unique through Lower("email")
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a reset for an unknown address sends no mail, says nothing
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# How many proxies of ours stand in front: limits count the address the outermost one saw.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

# ---- mail
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025" if DEVELOPMENT else "")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Upgrade Tracker <upgrade@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Addresses (a@b.c) or domains (@b.c) that may get mail; empty means everybody. A `!` in front of
# one refuses it.
MAIL_ALLOW_LIST = env.list("MAIL_ALLOW_LIST", default=[])
# Where mails come back to, each under a signed address of its own; see docs/operations.md.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
# A Maildir that `start.py` fills in development; /mailbox/ shows it. Empty means there is none.
MAILBOX_DIR = env.str("MAILBOX_DIR", default="")
SEND_LEASE_SECONDS = env.int("SEND_LEASE_SECONDS", default=120)
# Connections to the mail server, for each process that sends.
SEND_CONNECTIONS = env.int("SEND_CONNECTIONS", default=8)
# Workers keep journals there, so that after a `kill -9` fewer mails are uncertain.
SEND_JOURNAL = str(VAR_DIR / "journal")
# Off for a mail server that announces PIPELINING and then stumbles over it.
SEND_PIPELINING = env.bool("SEND_PIPELINING", default=True)

# Hosts that addresses of Workflows may have; with a dot in front all hosts below one.
TEAMS_HOSTS = env.list(
    "TEAMS_HOSTS", default=[".logic.azure.com", ".environment.api.powerplatform.com"]
)
# Without TLS and into one's own network only to try it out, and only to hosts named above.
TEAMS_INSIDE = DEVELOPMENT

# ---- jobs
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # something else under the queue's key ends no worker
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "max_retries": 0,
}
CELERY_DB_REUSE_MAX = 1000  # the Django fixup would close the connection around every task
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "send": {"task": "communications.tasks.pump", "schedule": 5.0, "options": {"expires": 5}},
    "post": {"task": "communications.tasks.post", "schedule": 5.0, "options": {"expires": 5}},
    "close surveys": {
        "task": "surveys.tasks.close_due_surveys",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "tend rosters": {
        "task": "cohorts.tasks.tend_rosters",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "catch up": {
        "task": "communications.tasks.catch_up",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "keep ledgers": {
        "task": "communications.tasks.keep_ledgers",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "follow zone rules": {
        "task": "communications.tasks.follow_zone_rules",
        "schedule": 86400.0,
        "options": {"expires": 3600},
    },
    "fold counts": {
        "task": "cohorts.tasks.fold_counts",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "measure goals": {
        "task": "projects.tasks.measure_all_goals",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# ---- language and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LOCALE_PATHS = [BASE_DIR / "locale"]
PLAYBOOK_DIRS = [BASE_DIR / "playbooks"]

# ---- static files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "upgrade_tracker.finders.NpmFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# ---- safety in the browser
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
if not DEVELOPMENT:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "common.uploads.TidyUploadHandler",
]

# ---- logs: ids, never addresses or tokens; standard error, for commands print results
from upgrade_tracker.logs import LOGGING  # noqa: E402, F401
