"""Addresses of: the sales book: funnels, products, reasons."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from voronka.ui.book.views import funnels, home, kpis, lists, parts, products, stages, versions

urlpatterns: list[URLPattern | URLResolver] = [
    path("book/", home.home, name="book"),
    path("book/template/", home.template, name="book_template"),
    path("book/versions/", versions.versions, name="book_versions"),
    path("book/versions/<int:number>/", versions.version, name="book_version"),
    path("book/order/", home.order_funnels, name="book_order"),
    path("book/funnels/new/", funnels.new, name="book_funnel_new"),
    path("book/funnels/<int:pk>/", funnels.page, name="book_funnel"),
    path("book/funnels/<int:pk>/edit/", funnels.edit, name="book_funnel_edit"),
    path("book/funnels/<int:pk>/archive/", funnels.archive, name="book_funnel_archive"),
    path("book/funnels/<int:pk>/restore/", funnels.restore, name="book_funnel_restore"),
    path("book/funnels/<int:pk>/order/", funnels.order, name="book_funnel_order"),
    path("book/funnels/<int:pk>/key/", funnels.key, name="book_funnel_key"),
    path("book/funnels/<int:pk>/stages/new/", stages.new, name="book_stage_new"),
    path("book/stages/<int:pk>/", stages.page, name="book_stage"),
    path("book/stages/<int:pk>/archive/", stages.archive, name="book_stage_archive"),
    path("book/stages/<int:pk>/restore/", stages.restore, name="book_stage_restore"),
    path("book/stages/<int:pk>/merge/", stages.merge, name="book_stage_merge"),
    path("book/stages/<int:pk>/parts/", parts.parts, name="book_stage_parts"),
    path("book/stages/<int:pk>/parts/<slug:code>/new/", parts.new, name="book_part_new"),
    path("book/stages/<int:pk>/parts/<slug:code>/order/", parts.order, name="book_parts_order"),
    path("book/parts/<slug:code>/<int:pk>/", parts.edit, name="book_part"),
    path("book/parts/<slug:code>/<int:pk>/away/", parts.away, name="book_part_away"),
    path("book/kpis/", kpis.page, name="book_kpis"),
    path("book/kpis/new/", kpis.new, name="book_kpi_new"),
    path("book/kpis/order/", kpis.order, name="book_kpis_order"),
    path("book/kpis/<int:pk>/", kpis.edit, name="book_kpi"),
    path("book/kpis/<int:pk>/away/", kpis.away, name="book_kpi_away"),
    path("book/lists/", lists.first, name="book_lists"),
    path("book/lists/product/", lists.page, {"code": "product"}, name="book_products"),
    path("book/lists/product/new/", lists.new, {"code": "product"}, name="book_product_new"),
    path("book/products/<int:pk>/", products.product, name="book_product"),
    path("book/lists/<slug:code>/", lists.page, name="book_list"),
    path("book/lists/<slug:code>/new/", lists.new, name="book_entry_new"),
    path("book/lists/<slug:code>/order/", lists.order, name="book_list_order"),
    path("book/lists/<slug:code>/<int:pk>/", lists.edit, name="book_entry"),
    path("book/lists/<slug:code>/<int:pk>/archive/", lists.archive, name="book_entry_archive"),
    path("book/lists/<slug:code>/<int:pk>/restore/", lists.restore, name="book_entry_restore"),
    path("book/lists/<slug:code>/<int:pk>/merge/", lists.merge, name="book_entry_merge"),
]
