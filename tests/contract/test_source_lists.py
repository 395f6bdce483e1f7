"""Lists of URLs, feeds, and a subreddit's listing."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.adapters.sources.lines import MAX_LINE_BYTES
from orchestrator.domain.errors import InvalidArgument, ResourceExhausted, Unavailable
from orchestrator.domain.import_source import FeedSource, Listing, SourceItem, SubredditSource, UrlListSource
from tests.fixtures.sources import contents, listed, sources_of
from tests.fixtures.web_server import Request, WebServer, head, web_server


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


async def rows(tmp_path: Path, text: str | bytes, name: str = "list.csv", **said: str) -> list[SourceItem]:
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return await listed(sources_of(), UrlListSource(uri=(tmp_path / name).as_uri(), **said))


async def test_a_csv_files_other_columns_become_metadata(tmp_path: Path) -> None:
    text = (
        '\ufeffid,url,caption,label\r\n1,https://x/a%20b.jpg,"a ""red"", \r\nlong car",car\r\n'
        "2,https://x/c.png,,\r\n3,,none,\r\n4,https://x/c.png,again,\r\n5,https://x/d,too,many,fields\r\n"
        '6,https://x/"e,half a quote,'
    )
    items = await rows(tmp_path, text)
    first, second, *problems = items
    assert first.key == "https://x/a%20b.jpg"
    assert first.description.caption == 'a "red", \nlong car'
    assert (first.description.display_name, first.description.metadata) == ("a b.jpg", {"id": "1"})
    assert [label.label for label in first.description.labels] == ["car"]
    assert (second.key, second.description.caption) == ("https://x/c.png", "")
    assert [item.problem for item in problems] == ["has no URL in url", "makes no sense", "makes no sense"]
    assert [item.key for item in problems] == ["line 5", "line 7", "line 8"]


async def test_json_lines_and_another_column(tmp_path: Path) -> None:
    lines = [
        json.dumps({"link": "https://x/1.jpg", "labels": ["a", "b"], "size": {"w": 3}}),
        "",
        "no JSON",
        "[1]",
        json.dumps({"link": 7}),
        json.dumps({"link": "https://x/2.jpg"}),
    ]
    items = await rows(tmp_path, "\n".join(lines), "list.jsonl", url_column="link")
    assert [item.key for item in items] == [
        "https://x/1.jpg",
        "line 3",
        "line 4",
        "line 5",
        "https://x/2.jpg",
    ]
    assert items[0].description.metadata == {"size": {"w": 3}}
    assert len(items[0].description.labels) == 2


async def test_tabs_and_a_changed_row(tmp_path: Path) -> None:
    (before,) = await rows(tmp_path, "url\tcaption\nhttps://x/1.jpg\tone\n", "list.tsv")
    (same,) = await rows(tmp_path, "caption\turl\none\thttps://x/1.jpg", "list.tsv")
    (after,) = await rows(tmp_path, "url\tcaption\nhttps://x/1.jpg\ttwo\n", "list.tsv")
    assert before.fingerprint == same.fingerprint != after.fingerprint


async def test_a_list_without_the_column_or_with_an_endless_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="has no column url"):
        await rows(tmp_path, "a,b\n1,2\n")
    with pytest.raises(InvalidArgument, match="line 2"):
        await rows(tmp_path, b"url\n" + b"x" * (MAX_LINE_BYTES + 1))
    with pytest.raises(InvalidArgument):
        await listed(sources_of(), UrlListSource(uri=(tmp_path / "none.csv").as_uri()))


async def test_a_url_of_a_list_is_guarded(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("url\nhttp://169.254.169.254/x.png\nfile:///etc/passwd\n")
    found = await contents(sources_of(), UrlListSource(uri=(tmp_path / "list.csv").as_uri()))
    assert all(isinstance(error, InvalidArgument) for error in found.values())
    assert len(found) == 2


RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Birds</title>
<item><title>A heron</title><link>https://x/heron</link><guid isPermaLink="false">1</guid>
 <category>birds</category>
 <pubDate>Mon, 02 Jan 2026 10:00:00 GMT</pubDate>
 <enclosure url="/heron.jpg" type="image/jpeg" length="3"/>
 <enclosure url="/song.mp3" type="audio/mpeg" length="3"/>
 <description>&lt;img src="/other.jpg"&gt;</description></item>
<item><title>Ducks</title><guid>2</guid><media:content url="/d1.png" medium="image"/>
 <media:content url="/d2.mp4" medium="video"/><media:content url="/d3.webp"/></item>
<item><title>In the text</title><guid>3</guid><content:encoded><![CDATA[<p>See
 <img src="/t1.jpg" alt="x"><img src="data:image/png;base64,xx"><img src="/pixel.gif" width="1">
 <img src="/t1.jpg"></p>]]></content:encoded></item>
<item><title>Thumbnail</title><guid>4</guid><media:thumbnail url="/thumb.jpg"/></item>
<item><title>Nothing</title><guid>5</guid></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><title>E</title><id>1</id>
<link rel="alternate" href="https://x/e"/><link rel="enclosure" type="image/png" href="https://x/e.png"/>
<content type="html">&lt;img src="https://x/f.png"&gt;</content></entry></feed>"""


async def feed_items(web: WebServer, text: str | bytes) -> list[SourceItem]:
    web.pages["/feed"] = text.encode() if isinstance(text, str) else text
    return await listed(sources_of(), FeedSource(url=f"{web.address}/feed"))


async def test_an_rss_feeds_pictures(web: WebServer) -> None:
    items = await feed_items(web, RSS)
    paths = [item.key.removeprefix(web.address) for item in items]
    assert paths == ["/heron.jpg", "/d1.png", "/d3.webp", "/t1.jpg", "/thumb.jpg"]
    said = items[0].description
    assert (said.caption, said.source_uri, said.labels[0].label) == ("A heron", "https://x/heron", "birds")
    assert said.metadata == {"feed": "Birds", "entry": "1", "published": "Mon, 02 Jan 2026 10:00:00 GMT"}


async def test_an_atom_feeds_pictures(web: WebServer) -> None:
    (item,) = await feed_items(web, ATOM)
    assert (item.key, item.description.source_uri) == ("https://x/e.png", "https://x/e")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + ']><rss version="2.0"><channel><title>&m;</title><item><title>&m;</title>'
    + '<enclosure url="/a.jpg" type="image/jpeg"/></item></channel></rss>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel>'
    "<title>x</title><item><title>&a;</title>"
    '<enclosure url="/a.jpg" type="image/jpeg"/></item></channel></rss>'
)


async def test_entities_neither_explode_nor_reach_out(web: WebServer) -> None:
    for text in (BOMB, OUTSIDE):
        for item in await feed_items(web, text):
            assert "root:" not in str(item)
            assert len(str(item)) < 10_000


@pytest.mark.parametrize("text", ["", "<html><p>Not found</p></html>", "{}", b"\x89PNG\r\n", "/etc/passwd"])
async def test_what_is_no_feed(web: WebServer, text: str | bytes) -> None:
    with pytest.raises(InvalidArgument):
        await feed_items(web, text)


def post(identifier: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "title": f"post {identifier}",
        "permalink": f"/r/x/comments/{identifier}/",
        **more,
    }


POSTS = [
    post(
        "a1",
        url="https://i.redd.it/a.jpg",
        author="somebody",
        created_utc=1767225600.0,
        link_flair_text="Cat",
    ),
    post("b2", url="https://www.youtube.com/watch?v=1"),
    post("c3", url="https://x/r/x/comments/c3", is_self=True),
    post("d4", url_overridden_by_dest="https://i.redd.it/d.png?width=1&amp;s=2"),
    post(
        "e5",
        url="https://www.reddit.com/gallery/e5",
        gallery_data={"items": [{"media_id": "m2"}, {"media_id": "m1"}, {"media_id": "gone"}, 7]},
        media_metadata={
            "m1": {"e": "Image", "s": {"u": "https://preview.redd.it/m1.jpg?a=1&amp;b=2"}},
            "m2": {"e": "Image", "s": {"u": "https://preview.redd.it/m2.jpg"}},
            "gone": {"status": "failed"},
        },
    ),
    post("../f6", url="https://i.redd.it/f.jpg"),
]


def listing(posts: list[dict[str, Any]], after: str | None = None) -> bytes:
    children = [{"kind": "t3", "data": each} for each in posts]
    return json.dumps({"kind": "Listing", "data": {"children": children, "after": after}}).encode()


async def test_a_subreddits_pictures_and_galleries(web: WebServer) -> None:
    web.pages["/r/pics/new.json"] = listing(POSTS)
    items = await listed(sources_of(reddit_url=web.address), SubredditSource(subreddit="pics"))
    assert [(item.key, item.locator["url"]) for item in items] == [
        ("a1", "https://i.redd.it/a.jpg"),
        ("d4", "https://i.redd.it/d.png?width=1&s=2"),
        ("e5/m2", "https://preview.redd.it/m2.jpg"),
        ("e5/m1", "https://preview.redd.it/m1.jpg?a=1&b=2"),
    ]
    said = items[0].description
    assert (said.caption, said.labels[0].label) == ("post a1", "Cat")
    assert said.source_uri == f"{web.address}/r/x/comments/a1/"
    assert said.metadata == {"author": "somebody", "created": "2026-01-01T00:00:00+00:00"}


async def test_pages_are_followed_up_to_the_limit(web: WebServer) -> None:
    def page(request: Request) -> bytes:
        after = request.target.partition("after=t3_")[2]
        first = int(after or 0)
        size = int(request.target.partition("limit=")[2].partition("&")[0])
        posts = [post(f"p{n}", url=f"https://x/{n}.jpg") for n in range(first, first + size)]
        return listing(posts, f"t3_{first + size}")

    async def talk(request: Request, writer: Any) -> None:
        body = page(request)
        writer.write(head(content_length=str(len(body))) + body)

    web.pages["/r/pics/top.json"] = talk
    source = SubredditSource(subreddit="pics", listing=Listing.TOP, limit=250)
    items = await listed(sources_of(reddit_url=web.address), source)
    assert len(items) == 250
    assert len(web.requests) == 3


async def test_its_rate_limit_is_kept_to(web: WebServer) -> None:
    headers = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "300", "x-ratelimit-used": "100"}
    web.pages["/r/pics/new.json"] = (200, headers, listing(POSTS[:1], "t3_a1"))
    sources = sources_of(reddit_url=web.address)
    with pytest.raises(ResourceExhausted) as failed:
        await listed(sources, SubredditSource(subreddit="pics", limit=200))
    assert 290 < (failed.value.retry_after or 0) <= 300
    assert len(web.requests) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data": {"children": [7]}}', b"[" * 100_000])
async def test_a_listing_that_makes_no_sense_may_be_asked_for_again(web: WebServer, body: bytes) -> None:
    web.pages["/r/pics/new.json"] = body
    with pytest.raises(Unavailable):
        await listed(sources_of(reddit_url=web.address), SubredditSource(subreddit="pics"))


async def test_a_subreddit_that_is_private_or_not_there(web: WebServer) -> None:
    for status in (403, 404):
        web.pages["/r/pics/new.json"] = (status, {}, b"")
        with pytest.raises(InvalidArgument):
            await listed(sources_of(reddit_url=web.address), SubredditSource(subreddit="pics"))


@pytest.mark.parametrize(
    ("name", "limit"), [("../x", 1), ("", 1), ("a b", 1), ("x" * 30, 1), ("pics", 0), ("pics", 1001)]
)
def test_names_and_limits_are_checked(name: str, limit: int) -> None:
    with pytest.raises(InvalidArgument):
        sources_of().check(SubredditSource(subreddit=name, limit=limit))


def test_feeds_urls_are_checked() -> None:
    for url in ("", "ftp://x", "file:///etc/passwd", "https://user:secret@x/"):
        with pytest.raises(InvalidArgument):
            sources_of().check(FeedSource(url=url))
