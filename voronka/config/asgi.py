"""Pages as WSGI in threads; `/live` will be asynchronous beside them."""

from a2wsgi import WSGIMiddleware

from voronka.config.wsgi import application as pages

application = WSGIMiddleware(pages, workers=8)  # type: ignore[arg-type]
