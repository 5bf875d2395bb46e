"""The calendar for other programs: the dialog with its secret link, and the feed itself."""

from __future__ import annotations

import hashlib
import zoneinfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from voronka.activities.calendar_link import close_link, link_of, open_link, reader_of
from voronka.activities.ical import feed_of
from voronka.core.tenancy import scope
from voronka.ui.access import MemberRequest, workspace_view
from voronka.ui.htmx import done, render_page
from voronka.ui.navigation import workspace_url
from voronka.workspaces.rights import Subject
from voronka.workspaces.viewer import viewing


@sensitive_variables("secret", "address")
@workspace_view(Subject.ACTIVITY)
def link(request: MemberRequest) -> HttpResponse:
    """What there is, and the button that makes a link (anew). Its secret stands in that one answer alone."""
    address = ""
    if request.method == "POST":
        secret = open_link(actor=request.member)
        address = settings.BASE_URL + reverse("calendar_feed", args=(secret,))
    context = {
        "room": "calendar",
        "link": link_of(request.member),
        "address": address,
        "webcal": address.replace("https://", "webcal://").replace("http://", "webcal://"),
    }
    response = render_page(request, "activities/calendar_link.html", context, "form")
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@workspace_view(Subject.ACTIVITY)
def close(request: MemberRequest) -> HttpResponse:
    """The link opens nothing from now on."""
    close_link(actor=request.member)
    return done(request, _("The link is closed"), redirect=workspace_url("calendar", request.workspace.slug))


@sensitive_variables("secret")
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar of whoever the secret belongs to; 404 for any that opens nothing, whatever the reason."""
    member = reader_of(secret)
    if member is None:
        raise Http404
    workspace = member.workspace
    zone = zoneinfo.ZoneInfo(workspace.time_zone)
    language = (member.user.language if member.user else "") or workspace.language
    with (
        scope(workspace.pk),
        timezone.override(zone),
        viewing(member),
        translation.override(language),
    ):
        body = feed_of(
            member,
            address=lambda row: settings.BASE_URL + workspace_url("activity", workspace.slug, row.pk),
            name=f"{_('Voronka')}: {member.name}",
        )
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = 'inline; filename="voronka.ics"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
