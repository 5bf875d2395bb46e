"""Addresses of the search in the head of every page."""

from django.urls import path

from voronka.ui.search import views

urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("search/suggest/", views.suggest, name="search_suggest"),
]
