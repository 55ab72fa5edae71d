"""② The published form, read: XForm bytes in, identity and Schema out.

Source: https://getodk.github.io/xforms-spec/
Knows: XForms of pyxform, of ODK Build, and hand-written ones without prefixes.
"""

from forms.xform.document import Identity, identify, open_xform, with_version
from forms.xform.reading import read_schema

__all__ = ["Identity", "identify", "open_xform", "read_schema", "with_version"]
