"""Addresses of: settings of the workspace and of the person."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.settings import audit, company, first_steps, members, profile, roles, security, teams, tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("", company.start, name="workspace"),
    path("no-rights/", company.no_rights, name="no_rights"),
    path("first-steps/", first_steps.first_steps, name="first_steps"),
    path("first-steps/template/", first_steps.choose_template, name="choose_template"),
    path("settings/", company.index, name="settings"),
    path("settings/company/", company.company, name="company_settings"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/profile/notices/", profile.notices, name="profile_notices"),
    path("settings/profile/security/", security.security, name="security"),
    path("settings/profile/password/", security.password, name="profile_password"),
    path("settings/profile/email/", security.email, name="profile_email"),
    path("settings/profile/email/forget/", security.email_forget, name="profile_email_forget"),
    path("settings/profile/sessions/end/", security.session_end, name="session_end"),
    path("settings/security/", security.company_security, name="company_security"),
    path("settings/members/", members.members, name="members"),
    path("settings/members/<int:pk>/", members.member, name="member"),
    path("settings/members/<int:pk>/edit/", members.edit, name="member_edit"),
    path("settings/members/<int:pk>/leave/", members.leave, name="member_leave"),
    path("settings/members/<int:pk>/return/", members.come_back, name="member_return"),
    path("settings/invitations/new/", members.invite_colleague, name="invite"),
    path("settings/invitations/<int:pk>/again/", members.invitation_again, name="invitation_again"),
    path("settings/invitations/<int:pk>/revoke/", members.invitation_revoke, name="invitation_revoke"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit/file/", audit.file, name="audit_file"),
    path("settings/roles/", roles.roles, name="roles"),
    path("settings/roles/new/", roles.new, name="role_new"),
    path("settings/roles/<int:pk>/", roles.role, name="role"),
    path("settings/roles/<int:pk>/edit/", roles.edit, name="role_edit"),
    path("settings/roles/<int:pk>/preview/", roles.preview, name="role_preview"),
    path("settings/roles/<int:pk>/rename/", roles.rename, name="role_rename"),
    path("settings/roles/<int:pk>/delete/", roles.delete, name="role_delete"),
    path("settings/api/", tokens.tokens, name="tokens"),
    path("settings/api/new/", tokens.new, name="token_new"),
    path("settings/api/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("settings/teams/", teams.teams, name="teams"),
    path("settings/teams/new/", teams.new, name="team_new"),
    path("settings/teams/<int:pk>/edit/", teams.edit, name="team_edit"),
    path("settings/teams/<int:pk>/archive/", teams.archive, name="team_archive"),
    path("settings/teams/<int:pk>/restore/", teams.restore, name="team_restore"),
]
