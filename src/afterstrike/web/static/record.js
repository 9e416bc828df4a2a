// The record page: one selection, which is the address, moves map, timeline and table together.
// The server renders and counts; here parts of its page are put in the place of the old ones.

import { EventMap } from "./map.js";
import { Timeline } from "./timeline.js";

const PARTS = ["counts", "chips", "facets", "weeks-left-out", "left-out", "downloads", "table"];
const host = document.querySelector("#map");
let wanted = 0; // only the answer to the newest question is shown
let lastDrag = 0;

const addressOf = (query) => `${location.pathname}${query.toString() ? `?${query}` : ""}`;
const queryNow = () => new URLSearchParams(location.search);

function mapAddress(query) {
  const asked = new URLSearchParams(query);
  asked.delete("page");
  asked.delete("sort");
  asked.set("zoom", String(Math.floor(eventMap.map.getZoom())));
  return `/record/map.json?${asked}`;
}

function busy(is) {
  document.querySelector("#view").setAttribute("aria-busy", String(is));
}

async function ask(query) {
  const number = ++wanted;
  document.querySelector("#view").dataset.wanted = String(number);
  busy(true);
  try {
    const [page, places] = await Promise.all([
      fetch(addressOf(query), { headers: { Accept: "text/html" } }),
      eventMap ? fetch(mapAddress(query)) : null,
    ]);
    const text = await page.text();
    const answer = places ? await places.json() : null;
    if (number !== wanted) return null;
    return { number, page: new DOMParser().parseFromString(text, "text/html"), answer, isGood: page.ok && (!places || places.ok) };
  } finally {
    if (number === wanted) busy(false);
  }
}

function swap(page) {
  for (const id of PARTS) {
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) continue;
    const open = new Set([...old.querySelectorAll("details[open]")].map((d) => d.dataset.name));
    const focused = old.contains(document.activeElement) ? document.activeElement.id : null;
    fresh.querySelectorAll("details").forEach((d) => (d.open = d.open || open.has(d.dataset.name)));
    old.replaceWith(document.adoptNode(fresh));
    if (focused) document.getElementById(focused)?.focus();
  }
  document.title = page.title;
}

async function show(query, { push = true, fit = false } = {}) {
  let got;
  try {
    got = await ask(query);
  } catch {
    say("The server did not answer; the last selection is still shown.");
    return;
  }
  if (!got) return;
  if (!got.isGood) {
    say(got.page.querySelector("main p")?.textContent ?? "That selection is not possible.");
    shown(got.number);
    return;
  }
  say("");
  swap(got.page);
  if (push) history.pushState(null, "", addressOf(query));
  asked = location.search;
  drawSeries();
  await eventMap?.set(got.answer, fit ? bounds() : null);
  shown(got.number);
}

// which question the page answers: for those who wait for it, such as tests
function shown(number) {
  document.querySelector("#view").dataset.shown = String(number);
}

function say(words) {
  document.querySelector("#trouble").textContent = words;
}

const bounds = () => JSON.parse(document.querySelector("#table").dataset.bounds);

function drawSeries() {
  const series = JSON.parse(document.querySelector("#table").dataset.series);
  const query = queryNow();
  timeline.set(series, query.get("from"), query.get("to"));
}

function changed(change) {
  const query = queryNow();
  query.delete("page");
  change(query);
  return query;
}

// from the timeline: while dragging no more often than the answers come
function onWindow(from, to, isFinal) {
  const query = changed((q) => {
    for (const [name, value] of [["from", from], ["to", to]]) {
      if (value) q.set(name, value);
      else q.delete(name);
    }
  });
  for (const [name, value] of [["from", from], ["to", to]]) {
    const field = document.querySelector(`#filters [name=${name}]`);
    if (field) field.value = value ?? "";
  }
  const now = performance.now();
  if (!isFinal && now - lastDrag < 120) return;
  lastDrag = now;
  if (isFinal) show(query);
  else preview(query);
}

async function preview(query) {
  const got = await ask(query).catch(() => null);
  if (!got?.isGood) return;
  swap(got.page);
  await eventMap?.set(got.answer);
  shown(got.number);
}

const timeline = new Timeline(document.querySelector("#timeline"), onWindow);

function makeMap() {
  try {
    return new EventMap(host, bounds(), {
      onBox: (bbox) => show(changed((q) => q.set("bbox", bbox.join(",")))).then(() => document.querySelector("#table").focus()),
      onMove: (zoom) => remap(zoom),
    });
  } catch {
    host.classList.add("no-map");
    host.textContent = "This browser cannot draw the map (WebGL is off). The table holds the same events.";
    return null;
  }
}

// which countries the events lie in that are not drawn
function tellCountries(leftOut) {
  const sums = {};
  for (const part of [leftOut.country_only, leftOut.no_place_by_adm0]) {
    for (const [country, n] of Object.entries(part)) sums[country] = (sums[country] ?? 0) + n;
  }
  const words = Object.entries(sums).sort((a, b) => b[1] - a[1]).map(([country, n]) => `${country} ${n.toLocaleString("en")}`);
  if (words.length) document.querySelector("#left-out").append(` Not drawn, by country: ${words.join(", ")}.`);
}

let lastZoom = null; // of the map when it was last asked for
let isGrid = false;
async function remap(zoom) {
  const level = Math.floor(zoom);
  const isNew = level !== lastZoom;
  lastZoom = level;
  if (!isNew || !isGrid) return;
  const answer = await fetch(mapAddress(queryNow())).then((r) => (r.ok ? r.json() : null)).catch(() => null);
  if (answer) await eventMap.set(answer);
}

const eventMap = makeMap();
host.eventMap = eventMap;
lastZoom = eventMap && Math.floor(eventMap.map.getZoom());
if (eventMap) {
  const setter = eventMap.set.bind(eventMap);
  eventMap.set = (answer, bounds) => {
    isGrid = Boolean(answer.cells?.length);
    tellCountries(answer.left_out);
    return setter(answer, bounds);
  };
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "filters") return;
  event.preventDefault();
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(event.target)) if (String(value).trim()) query.append(name, String(value).trim());
  show(query, { fit: true });
});

document.addEventListener("change", (event) => {
  if (event.target.closest("#filters") && event.target.matches("input[type=checkbox], select, input[type=date]")) {
    event.target.form.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-view]");
  if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    show(new URLSearchParams(new URL(link.href).search), { fit: link.dataset.view === "fit" });
  }
  if (event.target.closest("#in-view") && eventMap) {
    show(changed((q) => q.set("bbox", eventMap.view().join(","))));
  }
});

// a link within the page is no other selection
let asked = location.search;
window.addEventListener("popstate", () => {
  if (location.search !== asked) show(queryNow(), { push: false });
});

// the page as it came is the first answer; only the map is still to be asked for
async function first() {
  document.querySelector("#view").dataset.wanted = String(++wanted);
  const number = wanted;
  drawSeries();
  if (eventMap) {
    const answer = await fetch(mapAddress(queryNow())).then((r) => (r.ok ? r.json() : null)).catch(() => null);
    if (answer && number === wanted) await eventMap.set(answer);
    if (!answer) say("The map could not be loaded; the table below is complete.");
  }
  shown(number);
}

first();
