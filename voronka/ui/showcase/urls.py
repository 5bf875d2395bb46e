"""Address of the page that shows every component."""

from __future__ import annotations

from django.urls import path

from voronka.ui.showcase import views

urlpatterns = [path("components/", views.components, name="ui_components")]
