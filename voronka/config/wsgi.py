"""Pages for people and JSON for programs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")
application = get_wsgi_application()
