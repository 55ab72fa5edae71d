"""What cannot be read as outlines of places, with its sentence: where, what, what now."""

from __future__ import annotations

from forms.problems import Problem


class OutlinesTooLarge(Problem):
    """A file of more bytes, outlines or points than a map needs."""

    sentence = (
        "The file is too large: at most {megabytes} MB, {features} outlines and {points} points. Simplify "
        "the outlines in your map program (100 metres are fine enough) and send it again."
    )


class OutlinesNotGeoJson(Problem):
    """A file that is no GeoJSON, or one without areas."""

    sentence = (
        "The file is no GeoJSON with areas: {cause} Export the communes from your map program as GeoJSON "
        "(polygons, WGS 84) and send it again."
    )


class OutlinesNotDegrees(Problem):
    """Coordinates that are not degrees east and north."""

    sentence = (
        "{name}: {east}, {north} are no degrees east and north. The file is in another coordinate system, "
        "VN-2000 for one. Export it again as GeoJSON in WGS 84 (EPSG:4326)."
    )


class OutlinesElsewhere(Problem):
    """Outlines in another part of the world, or with east and north exchanged."""

    sentence = (
        "{name}: {east} degrees east, {north} degrees north is not in Viet Nam. Choose a file of this "
        "country; if the two numbers are exchanged, export it again as GeoJSON (east first)."
    )


class OutlineEmpty(Problem):
    """A ring with too few corners to hold anything."""

    sentence = (
        "{name}: the outline number {number} has only {corners} corners. Mend the outline in your map "
        "program (“fix geometries”) and send the file again."
    )


class OutlineCrossing(Problem):
    """A ring that crosses itself."""

    sentence = (
        "{name}: the outline crosses itself near {east}, {north}. Mend it in your map program "
        "(“fix geometries”) and send the file again."
    )


class OutlinesUnmatched(Problem):
    """A file in which no place of the chosen area is found."""

    sentence = (
        "None of the {number} outlines belongs to a place of {area}. The file needs a property with the "
        "official code or the name of each commune, and the right area has to be chosen."
    )


class OutlineFileGone(Problem):
    """Taking back a file of outlines that was never entered, or was taken back."""

    sentence = "There is no file of outlines {number} to be taken back. Load the page again."
