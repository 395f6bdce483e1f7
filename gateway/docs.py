"""Swagger UI at /docs and ReDoc at /redoc: what they load ships with the package.

swagger-ui-dist is under Apache-2.0 (static/LICENSE), redoc 2.5.4 under MIT (static/redoc.LICENSE.txt).
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"

# The pages load nothing from elsewhere. Both set styles inline and draw icons as data URLs; ReDoc searches in
# a worker that it makes of its own text.
CSP = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " worker-src 'self' blob:; frame-ancestors 'self'"
)

SWAGGER = """window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
"""
REDOC = """Redoc.init("openapi.json", {
  hideLoading: true,
  hideDownloadButton: false,
  schemaExpansionLevel: 1,
  sortRequiredPropsFirst: true,
}, document.getElementById("redoc"));
"""
INITIALIZERS = {"/docs/initializer.js": SWAGGER, "/docs/redoc-initializer.js": REDOC}


def assets() -> StaticFiles:
    """Serves the assets, below /docs/."""
    return StaticFiles(directory=STATIC)


def swagger_page(title: str) -> bytes:
    """The page on which Swagger UI shows /openapi.json, and calls what it says."""
    return _page(
        title,
        """<link rel="stylesheet" href="docs/swagger-ui.css">""",
        """<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/initializer.js"></script>""",
    )


def redoc_page(title: str) -> bytes:
    """The page on which ReDoc shows /openapi.json, to be read."""
    return _page(
        title,
        "<style>body { margin: 0 }</style>",
        """<div id="redoc"></div>
<script src="docs/redoc.standalone.js"></script>
<script src="docs/redoc-initializer.js"></script>""",
    )


def _page(title: str, head: str, body: str) -> bytes:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
{head}
<link rel="icon" type="image/png" sizes="32x32" href="docs/favicon-32x32.png">
<link rel="icon" type="image/png" sizes="16x16" href="docs/favicon-16x16.png">
</head>
<body>
{body}
</body>
</html>
""".encode()
