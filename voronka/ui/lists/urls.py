"""Addresses that every list shares; the lists themselves stand with their rooms."""

from django.urls import path

from voronka.ui.lists import editing, filters, layout, table, working

urlpatterns = [
    path("lists/deals/options/", filters.deals_options, name="list_deals_options"),
    path("lists/jobs/<int:pk>/", working.job, name="list_job"),
    path("lists/jobs/<int:pk>/file/", working.job_file, name="list_job_file"),
    path("lists/jobs/<int:pk>/undo/", working.job_undo, name="list_job_undo"),
    path("lists/<slug:code>/totals/", table.list_totals, name="list_totals"),
    path("lists/<slug:code>/filter/", filters.filter_dialog, name="list_filter"),
    path("lists/<slug:code>/condition/", filters.condition_row, name="list_condition"),
    path("lists/<slug:code>/columns/", layout.columns, name="list_columns"),
    path("lists/<slug:code>/layout/", layout.layout, name="list_layout"),
    path("lists/<slug:code>/views/", layout.views_dialog, name="list_views"),
    path("lists/<slug:code>/views/new/", layout.view_new, name="list_view_new"),
    path("lists/<slug:code>/views/first/", layout.view_first, name="list_view_first"),
    path("lists/<slug:code>/views/<int:pk>/", layout.view_edit, name="list_view_edit"),
    path("lists/<slug:code>/views/<int:pk>/overwrite/", layout.view_overwrite, name="list_view_overwrite"),
    path("lists/<slug:code>/views/<int:pk>/delete/", layout.view_delete, name="list_view_delete"),
    path("lists/<slug:code>/bulk/<slug:verb>/", working.bulk_dialog, name="list_bulk"),
    path("lists/<slug:code>/export/", working.export, name="list_export"),
    path("lists/<slug:code>/<int:pk>/<slug:name>/", editing.cell, name="list_cell"),
]
