"""Addresses of the palette and of the star."""

from django.urls import path

from voronka.ui.palette import views

urlpatterns = [
    path("palette/", views.palette, name="palette"),
    path("at-hand/", views.hand, name="at_hand"),
    path("favourites/<slug:kind>/<int:pk>/add/", views.favourite_on, name="favourite_on"),
    path("favourites/<slug:kind>/<int:pk>/remove/", views.favourite_off, name="favourite_off"),
]
