"""Django settings. What an installation may change comes from `environment.py`, nothing else."""

from __future__ import annotations

from pathlib import Path

from voronka.config.databases import databases
from voronka.config.environment import Environment
from voronka.config.mail import mail_settings
from voronka.config.secrets import secret_key
from voronka.config.static import never_changes

ENV = Environment.read()
PACKAGE = Path(__file__).resolve().parents[1]

SECRET_KEY = secret_key(ENV)
DEBUG = ENV.debug
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver", *ENV.hosts]
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ENV.hosts]
ROOT_URLCONF = "voronka.config.urls"
WSGI_APPLICATION = "voronka.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = databases(ENV)
CACHES = {
    # allauth keeps its rate limits here; they must hold for every web process alike. Django's own limit of 300
    # entries would throw them (and the tokens of `ui.once`) out at random on a busy day.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "voronka_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

# The house, from the ground up (docs/map.md): a room registers with those below it, so they come first.
# import-linter holds the arrows.
INSTALLED_APPS = [
    "voronka.core",
    "voronka.journal",
    "voronka.workspaces",
    "voronka.desk",
    "voronka.catalog",
    "voronka.clients",
    "voronka.playbook",
    "voronka.deals",
    "voronka.activities",
    "voronka.targets",
    "voronka.analytics",
    "voronka.integrations",
    "voronka.api",
    "voronka.ui",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "procrastinate.contrib.django",
    "django.contrib.postgres",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "voronka.ui.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "voronka.ui.middleware.ContentSecurityMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "voronka.ui.middleware.WorkspaceMiddleware",
    "voronka.api.middleware.ApiMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            # Explicit loaders, as django-template-partials' SimpleAppConfig wants (architecture.md, Parts).
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            ["django.template.loaders.app_directories.Loader"],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "voronka.ui.templatetags.voronka",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "voronka.ui.context.frame",
            ],
        },
    }
]

AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "voronka.workspaces.passwords.OneComplaint", "OPTIONS": {"min_length": 10}},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
# With a mail server nobody comes in before the address is confirmed, and sign-up tells nobody which addresses are
# known. Without one (a trial on one's own machine) a new company starts at once and confirms later.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if ENV.email_url else "optional"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "voronka.ui.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "voronka.ui.accounts.forms.SignInForm",
    "signup": "voronka.ui.accounts.forms.SignUpForm",
    "reset_password": "voronka.ui.accounts.forms.ForgottenForm",
    "reset_password_from_key": "voronka.ui.accounts.forms.NewPasswordForm",
    "reauthenticate": "voronka.ui.accounts.factor_forms.AgainForm",
}
# One address: a new one takes the place of the old when it is confirmed.
ACCOUNT_CHANGE_EMAIL = True
# A letter about every change of the way in, so that nobody's is changed unnoticed.
ACCOUNT_EMAIL_NOTIFICATIONS = True

MFA_ADAPTER = "voronka.ui.accounts.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Clocks of telephones go wrong by half a minute; a code used once is refused for as long as it would be taken.
MFA_TOTP_TOLERANCE = 1
# Who has come in may protect the account: with a mail server nobody does before confirming (see above), and
# without one a company that requires a factor must not lock its people out for a letter that cannot come.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "voronka.ui.accounts.factor_forms.SecondStepForm",
    "reauthenticate": "voronka.ui.accounts.factor_forms.CodeAgainForm",
    "activate_totp": "voronka.ui.accounts.factor_forms.AppForm",
    "add_webauthn": "voronka.ui.accounts.factor_forms.PasskeyForm",
    "authenticate_webauthn": "voronka.ui.accounts.factor_forms.PasskeyStepForm",
    "login_webauthn": "voronka.ui.accounts.factor_forms.PasskeySignInForm",
}

BASE_URL = ENV.base_url
globals().update(mail_settings(ENV))

LANGUAGE_CODE = ENV.language
# Languages are called in their own words, so these are not translated.
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Europe/Moscow"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [("vendor", PACKAGE / "ui" / "vendor")]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ENV.data / "files"},
    },
    "staticfiles": {"BACKEND": "voronka.config.static.DigestStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = never_changes
WHITENOISE_MAX_AGE = 600
MEDIA_ROOT = ENV.data / "files"

# How often a token of the API may ask, all web processes together.
API_PER_MINUTE = ENV.api_per_minute

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "voronka.ui.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Background work: each app's jobs.py, and the schedule.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["voronka.config.schedule"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    # It tells of every job it starts and ends.
    "loggers": {
        "procrastinate": {"level": "DEBUG" if ENV.log_level == "DEBUG" else "WARNING"},
        # It writes down which passkey came in.
        "fido2": {"level": "WARNING"},
    },
}
