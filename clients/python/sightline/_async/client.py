"""The client: every call of the API on one object."""

from sightline._async.collections import AsyncCollections
from sightline._async.images import AsyncImages
from sightline._async.models import AsyncModels
from sightline._async.schedules import AsyncSchedules
from sightline._async.search import AsyncSearch
from sightline._async.segmentation import AsyncSegmentation
from sightline._async.texts import AsyncTexts


class AsyncSightline(
    AsyncCollections, AsyncImages, AsyncSegmentation, AsyncTexts, AsyncSearch, AsyncModels, AsyncSchedules
):
    """A connection to a Sightline server.

    ```python
    async with AsyncSightline() as sightline:
        await sightline.create_image("holiday/beach.jpg")
        async for hit in sightline.search("a red umbrella", target="regions"):
            print(hit.relevance, hit.image, hit.box)
    ```

    Answers are the messages of `sightline.v1`. Every call raises the errors of `sightline.errors`; each has a
    deadline (`timeout`), and those that change nothing when repeated are retried while the server is away.
    """
