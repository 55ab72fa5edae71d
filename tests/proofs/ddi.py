"""What we write as DDI-Codebook, held against the official schema.

`python -m tests.proofs.ddi …/codebook.xsd`, the schema of version 2.5 with the files it names beside it
(https://ddialliance.org/ddi-codebook-v2.5). Describes a dataset made by hand and every survey as shipped.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from collector.saying import say_in
from forms.datasets.beside.ddi import ddi
from forms.datasets.describing import Version, describe
from tests.forms.datasets.made import made_dataset, made_origin, made_spool
from tests.xlsforms.surveys import SURVEYS, converted


def faults(xsd: Path, folder: Path) -> Iterator[str]:
    """What the schema does not allow, each with the dataset it was found in."""
    schema = etree.XMLSchema(etree.parse(xsd))
    every = {"made": made_dataset()}
    every |= {form_id: describe([Version(converted(form_id).xform, "1")]) for form_id in SURVEYS}
    for name, dataset in every.items():
        for language in ("vi", "en"):
            spool = made_spool(folder / name / language, dataset)
            for protection in ({}, {"k": "5"}):
                origin = replace(made_origin(language), say=say_in(language), protection=protection)
                if not schema.validate(etree.fromstring(ddi(spool, origin))):
                    yield from (f"{name} {language}: {one}" for one in schema.error_log)


def main() -> int:
    """Print what is wrong; 0 where nothing is."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    with TemporaryDirectory() as folder:
        found = list(faults(Path(sys.argv[1]), Path(folder)))
    print(
        "\n".join(found)
        or f"{len(SURVEYS) + 1} datasets in two languages, protected and not: valid DDI-Codebook 2.5"
    )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
