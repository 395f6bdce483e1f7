"""Qdrant's gRPC contract as `q`: the messages, stubs and servicers that `qdrant_client` ships, and no more.

`import qdrant_client` runs two HTTP clients and a local engine: seconds of CPU at each start, and sixty
megabytes that nobody here uses. So its package stands empty while its `grpc` folder is imported.
"""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec

_PACKAGE = "qdrant_client"


def _empty_package() -> bool:
    """Puts an empty package in the place of `qdrant_client`; False where that is imported already."""
    if _PACKAGE in sys.modules:
        return False
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError(_PACKAGE, name=_PACKAGE)
    spec = ModuleSpec(_PACKAGE, None, is_package=True)
    spec.submodule_search_locations = list(found.submodule_search_locations)
    sys.modules[_PACKAGE] = module_from_spec(spec)
    return True


_emptied = _empty_package()
try:
    from qdrant_client import grpc as q
finally:
    if _emptied:
        # Who imports the package later gets the real one, with this `grpc` in it.
        del sys.modules[_PACKAGE]

__all__ = ["q"]
