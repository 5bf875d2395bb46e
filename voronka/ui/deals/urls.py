from django.urls import path

from voronka.ui.deals import board, card, creating, leaving, led, moves, placing, stage_work, table

urlpatterns = [
    path("deals/", board.board, name="deals_board"),
    path("deals/cell/", board.cell, name="deals_cell"),
    path("deals/column/<int:stage_id>/", board.column, name="deals_column"),
    path("deals/table/", table.table, name="deals_table"),
    path("deals/new/", creating.new, name="deal_new"),
    path("deals/new/funnel/", creating.funnel, name="deal_new_funnel"),
    path("deals/<int:number>/", card.deal, name="deal"),
    path("deals/<int:number>/edit/", card.edit, name="deal_edit"),
    path("deals/<int:number>/dates/", card.dates, name="deal_dates"),
    path("deals/<int:number>/people/", card.person, name="deal_person"),
    path("deals/<int:number>/people/<int:person_id>/remove/", card.person_remove, name="deal_person_remove"),
    path("deals/<int:number>/colleagues/", led.colleague, name="deal_colleague"),
    path(
        "deals/<int:number>/colleagues/<int:pk>/remove/", led.colleague_remove, name="deal_colleague_remove"
    ),
    path("deals/<int:number>/offers/", led.offer, name="deal_offer"),
    path("deals/<int:number>/offers/<int:pk>/remove/", led.offer_remove, name="deal_offer_remove"),
    path("deals/<int:number>/rivals/", led.rival, name="deal_rival"),
    path("deals/<int:number>/rivals/<int:pk>/remove/", led.rival_remove, name="deal_rival_remove"),
    path("deals/<int:number>/tags/", card.tag_add, name="deal_tag_add"),
    path("deals/<int:number>/tags/<int:tag_id>/remove/", card.tag_remove, name="deal_tag_remove"),
    path("deals/<int:number>/move/", moves.move, name="deal_move"),
    path("deals/<int:number>/place/", placing.place, name="deal_place"),
    path("deals/<int:number>/stage/", stage_work.stage, name="deal_stage"),
    path("deals/<int:number>/stage/<int:pk>/tick/", leaving.ticks, name="deal_tick"),
    path("deals/<int:number>/stage/tasks/<int:pk>/", stage_work.task, name="deal_task"),
    path("deals/approvals/", leaving.approvals, name="approvals"),
    path("deals/approvals/<int:pk>/", leaving.approval, name="approval"),
    path("deals/<int:number>/win/", moves.win, name="deal_win"),
    path("deals/<int:number>/lose/", moves.lose, name="deal_lose"),
    path("deals/<int:number>/reopen/", moves.reopen, name="deal_reopen"),
    path("deals/<int:number>/assign/", moves.assign, name="deal_assign"),
    path("deals/<int:number>/accept/", moves.accept, name="deal_accept"),
    path("deals/<int:number>/delete/", moves.delete, name="deal_delete"),
    path("deals/<int:number>/restore/", moves.restore, name="deal_restore"),
    path("deals/<int:number>/moves/<int:event_id>/void/", moves.void_move, name="deal_void_move"),
]
