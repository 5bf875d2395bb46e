from django.urls import path

from voronka.ui.undo import views

urlpatterns = [path("undo/<int:event_id>/", views.undo, name="undo")]
