"""The pictures of an RSS or Atom feed: enclosures, media:content, and those in the entries' text."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import feedparser

from orchestrator.adapters.sources.by_url import is_picture_url, read_url, url_item
from orchestrator.adapters.sources.web.fetcher import Fetcher, to_url
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.import_source import SourceItem

MAX_FEED_BYTES = 16 << 20
MOST_PICTURES = 100
"""Pictures that are taken of one entry."""


class FeedReader:
    """`Source` over a feed."""

    def __init__(self, url: str, fetcher: Fetcher) -> None:
        self._url, self._fetcher = url, fetcher

    async def items(self) -> AsyncIterator[SourceItem]:
        """The pictures of the entries, in the feed's order. Raises InvalidArgument for what is no feed."""
        answer, content = await self._fetcher.get(self._url, limit=MAX_FEED_BYTES)
        seen: set[str] = set()
        for item in await asyncio.to_thread(_parse, content, answer.url):
            if item.key not in seen:
                seen.add(item.key)
                yield item

    async def read(self, item: SourceItem) -> bytes:
        """The picture."""
        return await read_url(self._fetcher, item)


def _parse(content: bytes, url: str) -> list[SourceItem]:
    headers = {"content-location": url}
    try:
        feed = feedparser.parse(io.BytesIO(content), response_headers=headers)  # a text may be read as a path
    except Exception as error:  # it forgives much, and stumbles over the rest in many ways
        raise InvalidArgument("the URL holds no RSS or Atom feed", reason="SOURCE_BROKEN") from error
    if not feed.get("version") and not feed.entries:
        raise InvalidArgument("the URL holds no RSS or Atom feed", reason="SOURCE_BROKEN")
    title = str(feed.feed.get("title", ""))
    return [
        url_item(
            picture,
            source_uri=str(entry.get("link") or picture),
            caption=str(entry.get("title", "")),
            labels=[str(tag.get("term", "")) for tag in entry.get("tags", [])],
            metadata={
                name: value
                for name, value in {
                    "feed": title,
                    "entry": entry.get("id"),
                    "author": entry.get("author"),
                    "published": entry.get("published"),
                }.items()
                if value
            },
        )
        for entry in feed.entries
        for picture in _pictures(entry, url)
    ]


def _pictures(entry: Any, base: str) -> Iterator[str]:
    """URLs of an entry's pictures, each once: attached ones, else those in its text, else its thumbnail."""
    found = dict.fromkeys(_attached(entry)) or dict.fromkeys(_shown(entry))
    if not found:
        found = dict.fromkeys(str(each.get("url", "")) for each in entry.get("media_thumbnail", []))
    for url in list(found)[:MOST_PICTURES]:
        try:
            yield str(to_url(urljoin(base, url.strip())))
        except (InvalidArgument, ValueError):  # a data: URL, or nonsense
            continue


def _attached(entry: Any) -> Iterator[str]:
    for each in [*entry.get("enclosures", []), *entry.get("media_content", [])]:
        url = str(each.get("href") or each.get("url") or "")
        kind = str(each.get("type") or "")
        said = kind.startswith("image/") or each.get("medium") == "image"
        if url and (said or (not kind and not each.get("medium") and is_picture_url(url))):
            yield url


def _shown(entry: Any) -> Iterator[str]:
    texts = [each.get("value", "") for each in entry.get("content", [])] or [entry.get("summary", "")]
    for text in texts:
        parser = _Images()
        parser.feed(str(text))
        yield from parser.found


class _Images(HTMLParser):
    """The sources of `<img>`, as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes `src` down."""
        attributes = dict(attrs)
        tracking = attributes.get("width") == "1" or attributes.get("height") == "1"
        if tag == "img" and (source := attributes.get("src")) and not tracking:
            self.found.append(source)
