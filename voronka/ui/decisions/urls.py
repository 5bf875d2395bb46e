from django.urls import path

from voronka.ui.decisions import reanimation, views

urlpatterns = [
    path("decisions/", views.inbox, name="decisions"),
    path("decisions/badge/", views.badge, name="decisions_badge"),
    path("decisions/dead/", views.dead, name="dead_deals"),
    path("decisions/losses/<int:pk>/", views.loss, name="loss"),
    path("decisions/losses/<int:pk>/withdraw/", views.withdraw, name="loss_withdraw"),
    path("deals/reanimation/", reanimation.reanimation, name="reanimation"),
    path("deals/<int:number>/keep/", views.keep, name="deal_keep"),
]
