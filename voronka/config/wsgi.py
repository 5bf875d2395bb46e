"""Pages for people and JSON for programs."""

import gc
import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")
application = get_wsgi_application()
# Addresses, views and templates are read now, not while the first visitor of each process waits.
get_resolver().url_patterns  # noqa: B018
_templates = Path(__file__).resolve().parents[1] / "ui" / "templates"
for _path in _templates.rglob("*.html"):
    get_template(str(_path.relative_to(_templates)))
# What is loaded stays for ever. Without this the collector walks over all of it every few pages: 100 ms each time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
