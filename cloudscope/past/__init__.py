"""Bring your past with you: what older programs left beside a recording, read and taken over.

`find_past` reads the sidecars of acqstore / CloudScope (version 2) and KymFlow (versions 0 to 3)
and says what is in them; `import_past` takes it over into the recording, item by item. Their files
are never changed: where one of them stands under the name that cloudscope's own sidecar needs, the
next save keeps it under another name.
"""

from __future__ import annotations

from cloudscope.past.find import find_past
from cloudscope.past.record import PastRecord
from cloudscope.past.take_over import ImportItem, import_past

__all__ = ["ImportItem", "PastRecord", "find_past", "import_past"]
