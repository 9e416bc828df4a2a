// The map: what is known of each place and no more. An exact place is a dot; a place known to 25 km, a district or
// a governorate is an area of that size; a country is a number beside the map. Names are text, never markup.

import { groupOf } from "./timeline.js";

const maplibregl = window.maplibregl;
const EARTH_KM = 6371.0088;
const FIT = { padding: 40, maxZoom: 7, animate: false };
const RADIUS_KM = { 2: 25, 3: 35, 4: 80 };
const PRECISION_WORDS = {
  1: "exact place", 2: "within about 25 km of this place", 3: "somewhere in this district", 4: "somewhere in this governorate or province",
};

const cssColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function ring(lon, lat, km, steps = 40) {
  const points = [];
  const d = km / EARTH_KM;
  const la = (lat * Math.PI) / 180;
  const lo = (lon * Math.PI) / 180;
  for (let i = 0; i <= steps; i += 1) {
    const bearing = (2 * Math.PI * i) / steps;
    const y = Math.asin(Math.sin(la) * Math.cos(d) + Math.cos(la) * Math.sin(d) * Math.cos(bearing));
    const x = lo + Math.atan2(Math.sin(bearing) * Math.sin(d) * Math.cos(la), Math.cos(d) - Math.sin(la) * Math.sin(y));
    points.push([(x * 180) / Math.PI, (y * 180) / Math.PI]);
  }
  return [points];
}

function mainGroup(kinds) {
  const sums = {};
  for (const [kind, n] of Object.entries(kinds)) sums[groupOf(kind)] = (sums[groupOf(kind)] ?? 0) + n;
  return Object.entries(sums).sort((a, b) => b[1] - a[1])[0]?.[0] ?? "other";
}

// Rounding must not leave out what lies on an edge.
function outward([west, south, east, north]) {
  const step = 1e5;
  return [Math.floor(west * step) / step, Math.floor(south * step) / step, Math.ceil(east * step) / step, Math.ceil(north * step) / step];
}

const feature = (type, coordinates, properties) => ({ type: "Feature", geometry: { type, coordinates }, properties });
const collection = (features) => ({ type: "FeatureCollection", features });

// A ring that crosses 180 degrees would be drawn right across the world: its western part is moved beyond 180.
function unbroken(country) {
  const { type, coordinates } = country.geometry;
  const polygons = (type === "Polygon" ? [coordinates] : coordinates).map((polygon) => polygon.map((points) => {
    const jumps = points.some((p, i) => i && Math.abs(p[0] - points[i - 1][0]) > 180);
    const isPolar = points.some((p) => Math.abs(p[1]) > 89);
    return jumps && !isPolar ? points.map(([lon, lat]) => [lon < 0 ? lon + 360 : lon, lat]) : points;
  }));
  return { ...country, geometry: { type: "MultiPolygon", coordinates: polygons } };
}

// The name, middle and bounds of the largest part of a country.
function middle(country) {
  const rings = country.geometry.coordinates.map((polygon) => polygon[0]);
  let best = null;
  for (const points of rings) {
    let [area, x, y] = [0, 0, 0];
    for (let i = 0; i < points.length - 1; i += 1) {
      const [[x0, y0], [x1, y1]] = [points[i], points[i + 1]];
      const cross = x0 * y1 - x1 * y0;
      [area, x, y] = [area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross];
    }
    if (best && Math.abs(area) <= best.size) continue;
    const lons = points.map((p) => p[0]);
    const lats = points.map((p) => p[1]);
    best = { size: Math.abs(area), at: [x / (3 * area), y / (3 * area)], box: [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)] };
  }
  return { name: country.properties.name, at: best.at, box: best.box };
}

function features(answer) {
  const dots = [];
  const areas = [];
  const cells = [];
  for (const p of answer.points ?? []) {
    const about = { n: p.n, precision: p.precision, kinds: JSON.stringify(p.kinds), place: p.place ?? "", group: mainGroup(p.kinds), lat: p.lat, lon: p.lon };
    if (p.precision === 1) dots.push(feature("Point", [p.lon, p.lat], about));
    else areas.push(feature("Polygon", ring(p.lon, p.lat, RADIUS_KM[p.precision]), { ...about, km: RADIUS_KM[p.precision] }));
  }
  for (const c of answer.cells ?? []) {
    cells.push(feature("Point", [c.lon, c.lat],
      { n: c.n, sites: c.sites, kinds: JSON.stringify(c.kinds), group: mainGroup(c.kinds), bbox: JSON.stringify(c.bbox) }));
  }
  // the vague lie below the exact, so that nothing hides a known place
  areas.sort((a, b) => b.properties.precision - a.properties.precision);
  return { dots, areas, cells };
}

export class EventMap {
  // `onBox(bbox)` is asked for the events of a place; `onMove(zoom)` for another level of detail.
  constructor(host, bounds, { onBox, onMove }) {
    this.host = host;
    this.onBox = onBox;
    this.map = new maplibregl.Map({
      container: host, style: this.style(), ...(bounds ? { bounds, fitBoundsOptions: FIT } : { center: [20, 25], zoom: 1.5 }), minZoom: 1, maxZoom: 11,
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0,
      locale: { "Map.Title": "Map of the selected events" },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), "bottom-left");
    this.map.addControl(new maplibregl.AttributionControl({ compact: false, customAttribution: "Outlines: Natural Earth, public domain" }), "bottom-right");
    this.drawn = { dots: [], areas: [], cells: [] };
    this.ready = new Promise((resolve) => this.map.once("load", resolve));
    this.map.on("moveend", () => {
      this.nameCountries();
      onMove(this.map.getZoom());
    });
    this.countries = [];
    this.names = [];
    fetch(host.dataset.basemap).then((r) => r.json()).then(async (answer) => {
      const land = collection(answer.features.map(unbroken));
      this.countries = land.features.map(middle);
      await this.ready;
      this.map.getSource("land").setData(land);
      this.nameCountries();
    });
    for (const layer of ["dots", "areas", "cells"]) {
      this.map.on("click", layer, (event) => this.open(event));
      this.map.on("mouseenter", layer, () => (this.map.getCanvas().style.cursor = "pointer"));
      this.map.on("mouseleave", layer, () => (this.map.getCanvas().style.cursor = ""));
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
  }

  colours() {
    return ["match", ["get", "group"], "strike", cssColour("--strike"), "attack", cssColour("--attack"),
      "civilians", cssColour("--civilians"), cssColour("--other")];
  }

  style() {
    const empty = { type: "geojson", data: collection([]) };
    const shade = ["interpolate", ["linear"], ["ln", ["get", "n"]], 0, 0.05, 6, 0.35];
    return {
      version: 8,
      sources: { land: empty, areas: empty, cells: { ...empty }, dots: { ...empty } },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": cssColour("--sea") } },
        { id: "land", type: "fill", source: "land", paint: { "fill-color": cssColour("--land") } },
        { id: "borders", type: "line", source: "land", paint: { "line-color": cssColour("--border"), "line-width": 0.8 } },
        { id: "areas", type: "fill", source: "areas", paint: { "fill-color": this.colours(), "fill-opacity": shade } },
        { id: "area-edges", type: "line", source: "areas", paint: { "line-color": this.colours(), "line-width": 0.8, "line-dasharray": [2, 3], "line-opacity": 0.45 } },
        { id: "dots", type: "circle", source: "dots", paint: {
          "circle-color": this.colours(), "circle-opacity": 0.75, "circle-stroke-color": cssColour("--card"), "circle-stroke-width": 0.8,
          "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "n"]], 1, 3, 30, 18] } },
        // too many places to draw one by one: a hollow ring stands for several, and says how many when asked
        { id: "cells", type: "circle", source: "cells", paint: {
          "circle-color": this.colours(), "circle-opacity": 0.35, "circle-stroke-color": this.colours(), "circle-stroke-width": 1.5,
          "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "n"]], 1, 4, 60, 15] } },
      ],
    };
  }

  recolour() {
    const fresh = this.style();
    for (const layer of fresh.layers) {
      for (const [name, value] of Object.entries(layer.paint)) this.map.setPaintProperty(layer.id, name, value);
    }
  }

  async set(answer, bounds = null) {
    await this.ready;
    const made = features(answer);
    this.shown = answer.drawn;
    this.drawn = { dots: made.dots.map((f) => f.properties), areas: made.areas.map((f) => f.properties), cells: made.cells.map((f) => f.properties) };
    for (const name of ["dots", "areas", "cells"]) this.map.getSource(name).setData(collection(made[name]));
    this.popup?.remove();
    if (bounds) this.map.fitBounds(bounds, FIT);
  }

  open(event) {
    const about = event.features[0].properties;
    const kinds = Object.entries(JSON.parse(about.kinds)).sort((a, b) => b[1] - a[1]);
    const box = document.createElement("div");
    box.className = "popup";
    const title = document.createElement("strong");
    title.dir = "auto";
    title.textContent = about.place || (about.sites ? `${about.sites.toLocaleString("en")} places near each other` : "place not named");
    const words = document.createElement("p");
    words.textContent = about.precision ? PRECISION_WORDS[about.precision] : "counted exactly; zoom in to tell them apart";
    const list = document.createElement("ul");
    for (const [kind, n] of kinds) {
      const item = document.createElement("li");
      item.textContent = `${n.toLocaleString("en")} ${kind.replaceAll("_", " ")}`;
      list.append(item);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = about.n === 1 ? "Show this event in the table" : `Show these ${about.n.toLocaleString("en")} in the table`;
    const at = 0.0005;
    const bbox = about.bbox ? JSON.parse(about.bbox) : [about.lon - at, about.lat - at, about.lon + at, about.lat + at];
    button.addEventListener("click", () => this.onBox(outward(bbox)));
    box.append(title, words, list, button);
    this.popup?.remove();
    this.popup = new maplibregl.Popup({ maxWidth: "18rem" }).setLngLat(event.lngLat).setDOMContent(box).addTo(this.map);
    event.preventDefault?.();
  }

  // Names are text of the page, not of the map: any script is drawn by the system's own fonts.
  nameCountries() {
    this.names.forEach((marker) => marker.remove());
    this.names = [];
    const { width, height } = this.map.getCanvas().getBoundingClientRect();
    for (const { name, at, box } of this.countries) {
      const [west, east] = [box[0], box[2]].map((lon) => this.map.project([lon, at[1]]).x);
      const { x, y } = this.map.project(at);
      if (east - west < 11 * name.length ** 0.8 || x < 20 || y < 12 || x > width - 20 || y > height - 12) continue;
      const element = document.createElement("div");
      element.className = "country";
      element.ariaHidden = "true";
      element.textContent = name;
      this.names.push(new maplibregl.Marker({ element }).setLngLat(at).addTo(this.map));
    }
  }

  view() {
    const b = this.map.getBounds();
    return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((x) => Number(x.toFixed(3)));
  }
}
