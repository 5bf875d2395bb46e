"""Pages for people and JSON for programs."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")
application = get_wsgi_application()
# Addresses and views are read now, not while the first visitor waits.
get_resolver().url_patterns  # noqa: B018
