/** Places beside a form: GeoJSON to rows of id, geometry and properties, as ODK's specification of it says. */

/**
 * @param {string} text - a FeatureCollection
 * @returns {{columns: string[], rows: string[][]}} geometry as "lat lon 0 0", points separated by "; "
 */
export function readGeoJson(text) {
  const features = JSON.parse(text).features ?? [];
  const names = new Set(features.flatMap((feature) => Object.keys(feature.properties ?? {})));
  const properties = [...names].filter((name) => name !== "geometry");
  const columns = ["geometry", ...(names.has("id") ? [] : ["id"]), ...properties];
  const rows = features.map((feature) => {
    const values = { id: feature.id, ...feature.properties, geometry: geometryText(feature.geometry) };
    return columns.map((name) => String(values[name] ?? ""));
  });
  return { columns, rows };
}

function geometryText(geometry) {
  const { type, coordinates } = geometry ?? {};
  if (type === "Point") {
    return pointText(coordinates);
  }
  const points = type === "LineString" ? coordinates : type === "Polygon" ? coordinates[0] : [];
  return points.map(pointText).join("; ");
}

function pointText([longitude, latitude]) {
  return `${latitude} ${longitude} 0 0`;
}
