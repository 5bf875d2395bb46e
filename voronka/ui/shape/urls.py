"""Addresses of: own fields and their choices."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.shape import fields, layouts, own

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/fields/", fields.first, name="fields_first"),
    path("settings/fields/<slug:subject>/", fields.page, name="fields"),
    path("settings/fields/<slug:subject>/new/", fields.new, name="field_new"),
    path("settings/fields/<slug:subject>/order/", fields.order, name="fields_order"),
    path("settings/field/<int:pk>/", fields.edit, name="field_edit"),
    path("settings/field/<int:pk>/kind/", fields.kind, name="field_kind"),
    path("settings/field/<int:pk>/archive/", fields.archive, name="field_archive"),
    path("settings/field/<int:pk>/restore/", fields.restore, name="field_restore"),
    path("settings/field/<int:pk>/options/", fields.options, name="field_options"),
    path("settings/field/<int:pk>/options/add/", fields.options_add, name="field_options_add"),
    path("settings/option/<int:pk>/", fields.option, name="field_option"),
    path("settings/option/<int:pk>/archive/", fields.option_archive, name="field_option_archive"),
    path("settings/option/<int:pk>/restore/", fields.option_restore, name="field_option_restore"),
    path("settings/option/<int:pk>/merge/", fields.option_merge, name="field_option_merge"),
    path("settings/layout/<slug:subject>/", layouts.layout, name="card_layout"),
    path("settings/numbering/", layouts.numbering, name="numbering"),
    path("own/<slug:subject>/<int:pk>/", own.edit, name="own_edit"),
    path("choices/colleagues/", own.colleagues, name="colleague_choices"),
    path("choices/<int:pk>/", fields.choices, name="field_choices"),
]
