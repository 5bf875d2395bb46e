"""Addresses of: plans by seller and month, KPIs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.plans import kpis, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("plans/", views.plans, name="plans"),
    path("plans/save/", views.save, name="plans_save"),
    path("plans/corrections/", views.corrections_list, name="plan_corrections"),
    path("plans/corrections/<int:number>/post-back/", views.posting, name="plan_post_back"),
    path("kpis/", kpis.kpis, name="kpis"),
    path("kpis/<int:pk>/", kpis.kpi, name="kpi"),
]
