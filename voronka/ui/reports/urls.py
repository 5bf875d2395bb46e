"""Addresses of: reports."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.reports import conditions, funnel, index, listing, standard

urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/", index.index, name="reports"),
    path("reports/funnel/", funnel.funnel, name="report_funnel"),
    path("reports/funnel/filter/", funnel.filter_dialog, name="report_funnel_filter"),
    path("reports/funnel/file/", funnel.file, name="report_funnel_file"),
    path("reports/funnel/deals/", listing.deals, name="report_funnel_deals"),
    path("reports/funnel/deals/file/", listing.deals_file, name="report_funnel_deals_file"),
    path("reports/conditions/", conditions.conditions, name="report_conditions"),
    path("reports/<slug:name>/", standard.report, name="report"),
    path("reports/<slug:name>/filter/", standard.filter_dialog, name="report_filter"),
    path("reports/<slug:name>/file/", standard.file, name="report_file"),
    path("reports/<slug:name>/list/", standard.deals, name="report_list"),
    path("reports/<slug:name>/list/file/", standard.deals_file, name="report_list_file"),
]
