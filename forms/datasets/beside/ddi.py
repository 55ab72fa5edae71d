"""⑨ A dataset described for catalogues and archives: DDI-Codebook 2.5, as IHSN's and NADA's tools read it.

Source: https://ddialliance.org/ddi-codebook-v2.5
Knows: lxml's writer; one file stands for each table, tied together by KEY and PARENT_KEY.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Final

from lxml import etree

from forms.datasets.beside.codebook import languages
from forms.datasets.beside.ddi_variables import Variables
from forms.datasets.beside.report_words import cited, day, has_personal_data, moment
from forms.datasets.beside.statistics import Edge, Statistics, statistics
from forms.datasets.beside.xml_text import XML, lang, put, put_in
from forms.datasets.description import KEY, PARENT_KEY, Dataset, Table, spoken
from forms.datasets.material import Origin
from forms.datasets.plain_words import plain
from forms.datasets.spool import Spool
from forms.phrases import template

NAMESPACE: Final = "ddi:codebook:2_5"
_SCHEMA: Final = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"

CODEBOOK_OF: Final = template("Codebook of “{title}”")
UNIVERSE: Final = template("Records of “{title}” from {places}; the export report says which were left out.")
KIND: Final = template("survey data")
MODE: Final = template("asked or reported in a form on a phone, a tablet or in a browser")
CLEANED: Final = template(
    "Answers are checked as they come; those changed after they were sent stand in the log of corrections."
)
PERSONS: Final = template(
    "It holds answers by which persons can be recognised: only for the purpose it was taken out for, not to "
    "be passed on."
)
KEYS: Final = template("{parent_key} holds {key} of the row of “{table}” that a row belongs to.")
ONE_ROW: Final = template("one row for each record; {key} names it")


def ddi(spool: Spool, origin: Origin) -> bytes:
    """The whole description, valid by the official schema; the same bytes for the same dataset."""
    file = io.BytesIO()
    writer = _Writer(spool, origin)
    with etree.xmlfile(file, encoding="utf-8") as out:
        out.write_declaration()
        attributes = {
            "version": "2.5",
            "ID": "codebook",
            f"{{{_INSTANCE}}}schemaLocation": f"{NAMESPACE} {_SCHEMA}",
            **lang(origin.language),
        }
        # What is written inside without a namespace takes that of the root.
        with out.element("codeBook", attributes, nsmap={None: NAMESPACE, "xsi": _INSTANCE, "xml": XML}):
            for part in writer.heads():
                out.write("\n", part)
            out.write("\n")
            with out.element("dataDscr"):
                for part in writer.variables.groups():
                    out.write("\n", part)
                for part in writer.variables.every():
                    out.write("\n", part)
            out.write("\n")
    return file.getvalue()


class _Writer:
    def __init__(self, spool: Spool, origin: Origin) -> None:
        self._spool, self._origin = spool, origin
        self._dataset: Dataset = spool.dataset
        self._counted: Statistics = statistics(spool, protected=bool(origin.protection))
        self.variables = Variables(self._dataset, self._counted, origin)

    def heads(self) -> list[etree._Element]:
        """All that stands before the variables."""
        return [self._document(), self._study(), *map(self._file, self._dataset.tables)]

    def _document(self) -> etree._Element:
        document = etree.Element("docDscr")
        citation = put(document, "citation")
        title = self._origin.words(CODEBOOK_OF, title=plain(self._dataset.title))
        put(put(citation, "titlStmt"), "titl", title)
        self._produced(citation)
        return document

    def _produced(self, citation: etree._Element) -> None:
        taken = day(self._origin.taken_at)
        produced = put(citation, "prodStmt")
        put(produced, "producer", self._origin.publisher)
        put(produced, "prodDate", taken.isoformat(), date=taken.isoformat())
        put(produced, "software", "Collector")

    def _study(self) -> etree._Element:
        study = etree.Element("stdyDscr")
        self._cite(put(study, "citation"))
        self._information(put(study, "stdyInfo"))
        collection = put(put(study, "method"), "dataColl")
        put(collection, "collMode", self._origin.say(MODE))
        put(collection, "cleanOps", self._origin.say(CLEANED))
        self._access(study)
        return study

    def _cite(self, citation: etree._Element) -> None:
        origin = self._origin
        titles = put(citation, "titlStmt")
        put(titles, "titl", plain(self._dataset.title))
        put(titles, "subTitl", origin.project)
        put(titles, "IDNo", self._dataset.form_id)
        put(put(citation, "rspStmt"), "AuthEnty", origin.publisher)
        self._produced(citation)
        put(put(citation, "distStmt"), "distrbtr", origin.publisher)
        put(put(citation, "verStmt"), "version", origin.release or moment(origin.taken_at))
        put(citation, "biblCit", cited(self._dataset, origin))
        if origin.digest:
            put(citation, "notes", origin.digest, type="sha256")

    def _information(self, information: etree._Element) -> None:
        origin, summary = self._origin, put(information, "sumDscr")
        for event, when in zip(("start", "end"), self._collected(), strict=True):
            if when is not None:
                put(summary, "collDate", when.isoformat(), event=event, date=when.isoformat())
        put(summary, "nation", "Việt Nam", abbr="VN")
        put(summary, "geogCover", origin.places)
        for table in self._dataset.tables:
            put(summary, "anlyUnit", self._called(table))
        title = plain(self._dataset.title)
        put(summary, "universe", origin.words(UNIVERSE, title=title, places=origin.places))
        put(summary, "dataKind", origin.say(KIND))

    def _collected(self) -> tuple[date | None, date | None]:
        """The first and last day: of the question that says it, else of receipt."""
        root = self._dataset.root
        by_role = [one for one in root.variables if one.role == "date" and one.kind in {"date", "moment"}]
        received = [one for one in root.variables if one.kind == "moment" and one.role == "receipt"]
        for one in (*by_role, *received):
            figures = self._counted[root.name][one.name]
            if figures.least is not None:
                return _day(figures.least), _day(figures.most)
        return None, None

    def _access(self, study: etree._Element) -> None:
        origin, use = self._origin, put(put(study, "dataAccs"), "useStmt")
        said = [f"{heading}: {words}" for heading, words in origin.protection.items()]
        if not said and has_personal_data(self._dataset):
            said = [origin.say(PERSONS)]
        if said:
            put(use, "confDec", "; ".join(said), required="yes")
        put(use, "citReq", cited(self._dataset, origin))

    def _file(self, table: Table) -> etree._Element:
        number = self._dataset.tables.index(table) + 1
        described = etree.Element("fileDscr", ID=f"F{number}")
        text = put(described, "fileTxt")
        put(text, "fileName", table.name)
        structure = put(text, "fileStrc", type="relational")
        self._keys(table, structure, number)
        size = put(text, "dimensns")
        put(size, "caseQnty", str(self._spool.count(table)))
        put(size, "varQnty", str(len(table.variables)))
        return described

    def _keys(self, table: Table, structure: etree._Element, number: int) -> None:
        attributes = {"ID": f"R{number}"}
        if KEY in table.by_name:
            attributes |= {"keyvar": self.variables.id_of(table, KEY), "recidvar": KEY}
        parent = self._dataset.by_path.get(table.parent) if table.parent is not None else None
        if parent is not None:
            attributes["recGrp"] = f"R{self._dataset.tables.index(parent) + 1}"
        group = put(structure, "recGrp", **attributes)
        for language in languages(self._dataset):
            words = plain(table.labels.get(language, ""))
            if words:
                put_in(group, "labl", words, language)
        if parent is None:
            put(structure, "notes", self._origin.words(ONE_ROW, key=KEY), type="key")
            return
        said = self._origin.words(KEYS, parent_key=PARENT_KEY, key=KEY, table=self._called(parent))
        put(structure, "notes", said, type="key")

    def _called(self, table: Table) -> str:
        return plain(spoken(table.labels, self._origin.language)) or table.name


def _day(edge: Edge) -> date | None:
    if isinstance(edge, datetime):
        return day(edge)
    return edge if isinstance(edge, date) else None
