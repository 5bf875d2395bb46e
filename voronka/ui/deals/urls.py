from django.urls import path

from voronka.ui.deals import board, chips, moves

urlpatterns = [
    path("deals/", board.board, name="deals_board"),
    path("deals/column/<int:stage_id>/", board.column, name="deals_column"),
    path("deals/filter/", chips.filter_dialog, name="deals_filter"),
    path("deals/<int:number>/move/", moves.move, name="deal_move"),
    path("deals/<int:number>/win/", moves.win, name="deal_win"),
    path("deals/<int:number>/lose/", moves.lose, name="deal_lose"),
    path("deals/<int:number>/reopen/", moves.reopen, name="deal_reopen"),
    path("deals/<int:number>/assign/", moves.assign, name="deal_assign"),
    path("deals/<int:number>/delete/", moves.delete, name="deal_delete"),
    path("deals/<int:number>/restore/", moves.restore, name="deal_restore"),
    path("deals/<int:number>/moves/<int:event_id>/void/", moves.void_move, name="deal_void_move"),
]
