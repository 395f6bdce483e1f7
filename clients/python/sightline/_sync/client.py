# Made from _async/client.py by generate_sync.py. Do not edit.
"""The client: every call of the API on one object."""

from sightline._sync.collections import Collections
from sightline._sync.images import Images
from sightline._sync.models import Models
from sightline._sync.schedules import Schedules
from sightline._sync.search import Search
from sightline._sync.segmentation import Segmentation
from sightline._sync.texts import Texts


class Sightline(Collections, Images, Segmentation, Texts, Search, Models, Schedules):
    """A connection to a Sightline server.

    ```python
    with Sightline() as sightline:
        sightline.create_image("holiday/beach.jpg")
        for hit in sightline.search("a red umbrella", target="regions"):
            print(hit.relevance, hit.image, hit.box)
    ```

    Answers are the messages of `sightline.v1`. Every call raises the errors of `sightline.errors`; each has a
    deadline (`timeout`), and those that change nothing when repeated are retried while the server is away.
    """
