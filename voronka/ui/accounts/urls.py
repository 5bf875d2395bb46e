"""Addresses of: sign-up, sign-in, second factors, invitations.

The names that begin with `account_` and `mfa_` are django-allauth's.
"""

from __future__ import annotations

from allauth.account import views as allauth
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import URLPattern, URLResolver, path, re_path

from voronka.ui.accounts import invitations, security, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("companies/", views.my_companies, name="my_companies"),
    path("invitation/<slug:token>/", invitations.invitation, name="invitation"),
    path("accounts/signup/", views.sign_up, name="account_signup"),
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/login/second/", security.second_step, name="mfa_authenticate"),
    path("accounts/login/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/again/", allauth.reauthenticate, name="account_reauthenticate"),
    path("accounts/again/code/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/security/", security.second_factor, name="mfa_index"),
    path("accounts/security/app/", app.activate_totp, name="mfa_activate_totp"),
    path("accounts/security/app/off/", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/security/codes/", security.recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/security/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/security/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("accounts/security/passkeys/<int:pk>/remove/", security.remove_passkey, name="mfa_remove_webauthn"),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/confirm/", allauth.email_verification_sent, name="account_email_verification_sent"),
    path("accounts/confirm/again/", views.confirm_again, name="confirm_again"),
    path("accounts/confirm/<path:key>/", allauth.confirm_email, name="account_confirm_email"),
    path("accounts/password/", allauth.password_reset, name="account_reset_password"),
    path("accounts/password/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/password/set/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # The key has hyphens of its own.
    re_path(
        r"^accounts/password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
