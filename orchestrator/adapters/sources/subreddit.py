"""The pictures that a subreddit lists: its public JSON, page by page, galleries included."""

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from orchestrator.adapters.sources.by_url import is_picture_url, read_url, url_item
from orchestrator.adapters.sources.web.fetcher import Fetcher
from orchestrator.domain.errors import InvalidArgument, ResourceExhausted, Unavailable
from orchestrator.domain.import_source import SourceItem, SubredditSource

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{1,20}")

_MAX_PAGE_BYTES = 8 << 20
_PAGE = 100
_PATIENCE = 120.0


class SubredditReader:
    """`Source` over a subreddit's listing at `base_url`; at most `limit` posts are looked at."""

    def __init__(self, source: SubredditSource, base_url: str, fetcher: Fetcher) -> None:
        self._source, self._base, self._fetcher = source, base_url.rstrip("/"), fetcher

    async def items(self) -> AsyncIterator[SourceItem]:
        """The pictures of the posts, in the listing's order."""
        after, left = "", self._source.limit
        seen: set[str] = set()
        while left > 0:
            posts, after = await self._page(min(left, _PAGE), after)
            for post in posts:
                for item in self._items(post):
                    if item.key not in seen:
                        seen.add(item.key)
                        yield item
            left -= len(posts)
            if not after or not posts:
                return

    async def read(self, item: SourceItem) -> bytes:
        """The picture."""
        return await read_url(self._fetcher, item)

    async def _page(self, size: int, after: str) -> tuple[list[Mapping[str, Any]], str]:
        query = {"limit": size, "raw_json": 1, **({"after": after} if after else {})}
        listing = f"{self._source.subreddit}/{self._source.listing.value}.json"
        url = f"{self._base}/r/{listing}?{urlencode(query)}"
        try:
            _, content = await self._fetcher.get(url, limit=_MAX_PAGE_BYTES)
        except ResourceExhausted as error:
            if not after or (error.retry_after or 0) > _PATIENCE:
                raise
            await asyncio.sleep(error.retry_after or 1)  # sooner than from the first page again
            _, content = await self._fetcher.get(url, limit=_MAX_PAGE_BYTES)
        try:
            data = json.loads(content)["data"]
            posts: list[Mapping[str, Any]] = [
                child["data"] for child in data["children"] if isinstance(child["data"], dict)
            ]
            following = data.get("after") or ""
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Unavailable("the listing is not what it should be", retry_after=30.0) from error
        return posts, following if isinstance(following, str) else ""

    def _items(self, post: Mapping[str, Any]) -> Iterator[SourceItem]:
        identifier = str(post.get("id", ""))
        if not re.fullmatch(r"\w{1,32}", identifier):
            return
        for part, url in _pictures(post):
            created = post.get("created_utc")
            yield url_item(
                url,
                key=f"{identifier}/{part}" if part else identifier,
                source_uri=f"{self._base}{post.get('permalink') or ''}",
                caption=str(post.get("title") or ""),
                labels=[str(post["link_flair_text"])] if post.get("link_flair_text") else [],
                metadata={
                    name: value
                    for name, value in {
                        "subreddit": post.get("subreddit"),
                        "author": post.get("author"),
                        "created": _moment(created),
                        "over_18": post.get("over_18"),
                    }.items()
                    if value is not None
                },
            )


def _pictures(post: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which picture of the post, empty for its only one, and the URL."""
    gallery, media = post.get("gallery_data"), post.get("media_metadata")
    if isinstance(gallery, dict) and isinstance(media, dict):
        for entry in gallery.get("items") or []:
            name = str(entry.get("media_id", "")) if isinstance(entry, dict) else ""
            found = media.get(name)
            shown = found.get("s") if isinstance(found, dict) and found.get("e") == "Image" else None
            if isinstance(shown, dict) and isinstance(shown.get("u"), str):
                yield name, html.unescape(shown["u"])
        return
    url = post.get("url_overridden_by_dest") or post.get("url")
    if isinstance(url, str) and is_picture_url(html.unescape(url)):
        yield "", html.unescape(url)


def _moment(seconds: Any) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def check_subreddit(source: SubredditSource) -> None:
    """Raises InvalidArgument for a name that no subreddit bears, and a limit that is none."""
    if not NAME.fullmatch(source.subreddit):
        raise InvalidArgument.field("subreddit", "is letters, digits and '_', 2 to 21")
    if not 1 <= source.limit <= 1000:
        raise InvalidArgument.field("limit", "is 1 to 1,000 posts")
