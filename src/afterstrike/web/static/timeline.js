// The timeline: events a week, stacked by group, with a window that pointer and keyboard can move.
// The server counts; this only draws. Nothing from a document is ever put in as markup.

const GROUPS = [
  { key: "strike", label: "strikes", kinds: ["strike"] },
  { key: "attack", label: "attacks", kinds: ["attack"] },
  { key: "civilians", label: "violence against civilians", kinds: ["violence_against_civilians"] },
  { key: "other", label: "all other kinds", kinds: null },
];
const SVG = "http://www.w3.org/2000/svg";
const DAY = 86400000;
const PAD = { left: 44, right: 12, top: 10, bottom: 24 };

export function groupOf(kind) {
  const found = GROUPS.find((g) => g.kinds && g.kinds.includes(kind));
  return found ? found.key : "other";
}

export const dayText = (time) => new Date(time).toISOString().slice(0, 10);

function element(name, attributes = {}, text = null) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== null) made.textContent = text;
  return made;
}

function niceStep(top, ticks) {
  const raw = Math.max(top, 1) / ticks;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  return Math.max(1, step);
}

export class Timeline {
  // `onSelect(from, to, isFinal)` gets days as YYYY-MM-DD, or nulls where the window is taken away.
  constructor(host, onSelect) {
    this.host = host;
    this.onSelect = onSelect;
    this.series = { weeks: [], kinds: {} };
    this.window = null; // [first time, last time], inclusive days
    this.svg = element("svg", { class: "timeline-drawing" });
    this.svg.setAttribute("role", "group");
    host.append(this.svg);
    new ResizeObserver(() => this.draw()).observe(host);
    this.listen();
  }

  set(series, from, to) {
    this.series = series;
    const weeks = series.weeks.map((w) => Date.parse(w));
    this.first = weeks[0] ?? 0;
    this.last = (weeks.at(-1) ?? 0) + 7 * DAY;
    this.weeks = weeks;
    this.window = from || to ? [from ? Date.parse(from) : this.first, to ? Date.parse(to) : this.last - DAY] : null;
    this.draw();
  }

  // drawing ------------------------------------------------------------------------------------------------
  stacks() {
    const size = this.weeks.length;
    const base = new Array(size).fill(0);
    return GROUPS.map((group) => {
      const counts = new Array(size).fill(0);
      for (const [kind, row] of Object.entries(this.series.kinds)) {
        if (groupOf(kind) === group.key) row.forEach((n, i) => (counts[i] += n));
      }
      const low = base.slice();
      counts.forEach((n, i) => (base[i] += n));
      return { ...group, low, high: base.slice(), total: counts.reduce((a, b) => a + b, 0) };
    }).filter((stack) => stack.total > 0);
  }

  x(time) {
    const span = Math.max(this.last - this.first, 7 * DAY);
    return PAD.left + ((time - this.first) / span) * (this.width - PAD.left - PAD.right);
  }

  timeAt(clientX) {
    const inner = clientX - this.svg.getBoundingClientRect().left - PAD.left;
    const share = inner / (this.width - PAD.left - PAD.right);
    const span = Math.max(this.last - this.first, 7 * DAY);
    const time = this.first + Math.min(1, Math.max(0, share)) * span;
    return Math.floor(time / DAY) * DAY;
  }

  draw() {
    this.width = Math.max(280, this.host.clientWidth);
    this.height = this.host.clientHeight > 60 ? this.host.clientHeight : 150;
    const focused = this.svg.contains(document.activeElement) ? document.activeElement.dataset.edge : null;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren();
    if (!this.weeks?.length) {
      this.svg.append(element("text", { x: this.width / 2, y: this.height / 2, "text-anchor": "middle", class: "axis" },
        "No event of this selection is known to the week."));
      return;
    }
    const stacks = this.stacks();
    const top = Math.max(1, ...(stacks.at(-1)?.high ?? [1]));
    const step = niceStep(top, 3);
    const ceiling = Math.ceil(top / step) * step;
    const floor = this.height - PAD.bottom;
    const y = (n) => floor - (n / ceiling) * (floor - PAD.top);
    for (let n = 0; n <= ceiling; n += step) {
      this.svg.append(element("line", { x1: PAD.left, x2: this.width - PAD.right, y1: y(n), y2: y(n), class: "grid" }));
      this.svg.append(element("text", { x: PAD.left - 6, y: y(n) + 4, "text-anchor": "end", class: "axis" }, n.toLocaleString("en")));
    }
    for (const stack of stacks) this.svg.append(this.bars(stack, y));
    this.drawYears(floor);
    this.drawWindow(floor);
    if (focused) this.svg.querySelector(`.handle[data-edge=${focused}]`)?.focus();
  }

  bars(stack, y) {
    // one path a group: thousands of weeks stay quick; a bar is never thinner than a device can show
    let d = "";
    this.weeks.forEach((week, i) => {
      if (stack.high[i] === stack.low[i]) return;
      const left = this.x(week);
      const width = Math.max(1, this.x(week + 7 * DAY) - left - 0.4);
      d += `M${left.toFixed(1)} ${y(stack.low[i]).toFixed(1)}V${y(stack.high[i]).toFixed(1)}h${width.toFixed(1)}V${y(stack.low[i]).toFixed(1)}z`;
    });
    return element("path", { d, class: `bar group-${stack.key}` });
  }

  drawYears(floor) {
    const years = (this.last - this.first) / (365.25 * DAY);
    const months = years > 12 ? 24 : years > 5 ? 12 : years > 2 ? 6 : years > 0.7 ? 2 : 1;
    const start = new Date(this.first);
    let tick = new Date(Date.UTC(start.getUTCFullYear(), 0, 1));
    let lastX = -99;
    while (tick.getTime() < this.last) {
      const x = this.x(tick.getTime());
      if (tick.getTime() >= this.first && x - lastX > 58) {
        lastX = x;
        const words = tick.getUTCMonth() === 0 ? String(tick.getUTCFullYear())
          : tick.toLocaleString("en", { month: "short", year: "numeric", timeZone: "UTC" });
        this.svg.append(element("line", { x1: x, x2: x, y1: floor, y2: floor + 4, class: "tick" }));
        const anchor = x > this.width - 40 ? "end" : "middle";
        this.svg.append(element("text", { x, y: floor + 17, "text-anchor": anchor, class: "axis" }, words));
      }
      tick = new Date(Date.UTC(tick.getUTCFullYear(), tick.getUTCMonth() + months, 1));
    }
  }

  drawWindow(floor) {
    if (!this.window) return;
    const [from, to] = this.window;
    const left = Math.max(this.x(from), PAD.left);
    const right = Math.min(this.x(to + DAY), this.width - PAD.right);
    const shade = (x1, x2) => x2 > x1 && this.svg.append(
      element("rect", { x: x1, width: x2 - x1, y: PAD.top, height: floor - PAD.top, class: "outside" }));
    shade(PAD.left, left);
    shade(right, this.width - PAD.right);
    for (const [edge, x, time] of [["from", left, from], ["to", right, to]]) {
      const handle = element("g", {
        class: "handle", tabindex: 0, role: "slider", "data-edge": edge,
        "aria-label": edge === "from" ? "First day of the window" : "Last day of the window",
        "aria-valuemin": Math.round(this.first / DAY), "aria-valuemax": Math.round(this.last / DAY),
        "aria-valuenow": Math.round(time / DAY), "aria-valuetext": dayText(time),
      });
      handle.append(element("rect", { x: x - 12, y: PAD.top, width: 24, height: floor - PAD.top, class: "grip" }));
      handle.append(element("line", { x1: x, x2: x, y1: PAD.top, y2: floor, class: "edge" }));
      handle.append(element("circle", { cx: x, cy: (PAD.top + floor) / 2, r: 5, class: "knob" }));
      this.svg.append(handle);
    }
  }

  // moving -------------------------------------------------------------------------------------------------
  listen() {
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.weeks?.length) return;
      const edge = event.target.closest?.(".handle")?.dataset.edge;
      const at = this.timeAt(event.clientX);
      const fixed = edge === "from" ? this.window[1] : edge === "to" ? this.window[0] : at;
      this.svg.setPointerCapture(event.pointerId);
      const startX = event.clientX;
      let moved = Boolean(edge);
      const move = (now) => {
        moved ||= Math.abs(now.clientX - startX) > 4;
        if (!moved) return;
        const time = this.timeAt(now.clientX);
        this.choose(Math.min(fixed, time), Math.max(fixed, time), false);
      };
      const end = (now) => {
        this.svg.removeEventListener("pointermove", move);
        this.svg.removeEventListener("pointerup", end);
        this.svg.removeEventListener("pointercancel", end);
        if (moved && this.window) {
          move(now);
          this.choose(...this.window, true);
        } else if (!moved && this.window) {
          this.clear(); // a click beside the window takes it away
        }
      };
      this.svg.addEventListener("pointermove", move);
      this.svg.addEventListener("pointerup", end);
      this.svg.addEventListener("pointercancel", end);
      event.preventDefault();
    });
    this.svg.addEventListener("keydown", (event) => {
      const edge = event.target.closest?.(".handle")?.dataset.edge;
      if (!edge) return;
      const step = { ArrowLeft: -7, ArrowRight: 7, PageDown: -28, PageUp: 28 }[event.key];
      if (event.key === "Escape") {
        this.clear();
      } else if (step) {
        const [from, to] = this.window;
        const index = edge === "from" ? 0 : 1;
        const next = [from, to];
        next[index] = Math.min(this.last - DAY, Math.max(this.first, next[index] + step * DAY));
        if (next[0] > next[1]) return;
        this.choose(...next, true);
      } else return;
      event.preventDefault();
    });
  }

  choose(from, to, isFinal) {
    this.window = [from, to];
    this.draw();
    this.onSelect(dayText(from), dayText(to), isFinal);
  }

  clear() {
    this.window = null;
    this.draw();
    this.onSelect(null, null, true);
  }
}
