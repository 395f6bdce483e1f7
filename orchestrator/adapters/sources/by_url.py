"""Items whose pictures lie at URLs of the web."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from orchestrator.adapters.sources.describe import describe
from orchestrator.adapters.sources.files import PICTURES
from orchestrator.adapters.sources.web.answer import PICTURE
from orchestrator.adapters.sources.web.fetcher import Fetcher
from orchestrator.domain.image import MAX_CONTENT_BYTES
from orchestrator.domain.import_source import SourceItem


def url_item(
    url: str,
    *,
    key: str = "",
    source_uri: str = "",
    caption: str = "",
    labels: Iterable[str] = (),
    metadata: Mapping[str, Any] | None = None,
) -> SourceItem:
    """An item whose picture lies at a URL. Unchanged means: the same URL, and the same said of it. That
    what lies there may have changed is not asked of each host each time."""
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    description = describe(
        path=name.replace("/", "_"),
        source_uri=source_uri or url,
        caption=caption,
        labels=labels,
        metadata=metadata,
    )
    told = [url, description.caption, [label.label for label in description.labels], description.metadata]
    return SourceItem(
        key=key or url,
        fingerprint=hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest(),
        locator={"url": url},
        description=description,
    )


async def read_url(fetcher: Fetcher, item: SourceItem) -> bytes:
    """The picture at an item's URL. Raises as `Source.read`."""
    _, content = await fetcher.get(item.locator["url"], limit=MAX_CONTENT_BYTES, kinds=PICTURE)
    return content


def is_picture_url(url: str) -> bool:
    """Whether a URL's path ends as pictures' do."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    return path[path.rfind(".") :].lower() in PICTURES if "." in path else False
