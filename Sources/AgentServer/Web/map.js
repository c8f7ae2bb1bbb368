// The ground under the images, drawn from their coordinates alone.

import { get } from "./api.js";
import { at, count, h, nothing, panel, plural, svg } from "./dom.js";

const perPart = 1000;
const most = 20_000;

export function showMap(main, { query }) {
  const stop = new AbortController();
  const dataset = query.get("dataset") ?? undefined;
  const picture = svg("svg", { tabindex: 0, role: "application", "aria-label": "Map of footprints: arrow keys move, plus and minus zoom, Enter opens" });
  const tip = h("div", { class: "tip", hidden: true });
  const scale = h("div", { class: "scale" });
  const tools = h("div", { class: "tools" });
  const map = h("div", { class: "map" }, picture, tip, scale, tools);
  const whole = panel(dataset ? `Footprints of ${dataset}` : "Footprints", "loading", map);
  const said = whole.querySelector("header .soft");
  main.append(h("h1", {}, "Map"), whole);

  const areas = [];
  let [view, origin, under] = [null, null, null];
  /** Metres east and north of the first image's corner; good to a few per cent over a survey. */
  const project = ([lon, lat]) => [(lon - origin[0]) * 111_320 * Math.cos((origin[1] * Math.PI) / 180), -(lat - origin[1]) * 110_574];

  function add(features) {
    for (const feature of features) {
      const ring = feature.geometry.coordinates[0];
      origin ??= ring[0];
      const points = ring.map(project);
      const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
      areas.push({ feature, points, box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] });
    }
  }

  const outline = (points) => `M${points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join("L")}Z`;
  const lines = svg("path", { class: "lines" });
  const [good, bad, lit] = [svg("path", { class: "area" }), svg("path", { class: "area bad" }), svg("path", { class: "under" })];
  picture.append(lines, good, bad, lit);

  /** All areas are two paths: ten thousand of them move as easily as one. */
  function draw() {
    const isBad = ({ feature }) => feature.properties.state === "quarantined";
    good.setAttribute("d", areas.filter((area) => !isBad(area)).map(({ points }) => outline(points)).join(""));
    bad.setAttribute("d", areas.filter(isBad).map(({ points }) => outline(points)).join(""));
  }

  function home() {
    const box = areas.reduce(([a, b, c, d], { box }) => [Math.min(a, box[0]), Math.min(b, box[1]), Math.max(c, box[2]), Math.max(d, box[3])], [Infinity, Infinity, -Infinity, -Infinity]);
    const margin = Math.max(box[2] - box[0], box[3] - box[1], 10) * 0.08;
    look([box[0] - margin, box[1] - margin, box[2] - box[0] + 2 * margin, box[3] - box[1] + 2 * margin]);
  }

  function look(next) {
    const limits = picture.getBoundingClientRect();
    const ratio = limits.width / Math.max(1, limits.height);
    let [x, y, width, height] = next;
    if (width / height < ratio) [x, width] = [x - (height * ratio - width) / 2, height * ratio];
    else [y, height] = [y - (width / ratio - height) / 2, width / ratio];
    view = [x, y, width, height];
    picture.setAttribute("viewBox", view.join(" "));
    const step = 10 ** Math.floor(Math.log10(width / 3)) * ([5, 2, 1].find((factor) => factor * 10 ** Math.floor(Math.log10(width / 3)) <= width / 3) ?? 1);
    let grid = "";
    for (let at = Math.ceil(x / step) * step; at < x + width; at += step) grid += `M${at} ${y}v${height}`;
    for (let at = Math.ceil(y / step) * step; at < y + height; at += step) grid += `M${x} ${at}h${width}`;
    lines.setAttribute("d", grid);
    const pixels = Math.min(170, (step / width) * limits.width);
    scale.replaceChildren(step >= 1000 ? `${count(step / 1000)} km` : `${step < 1 ? step.toFixed(2) : count(step)} m`,
      svg("svg", { viewBox: "0 0 180 6", "aria-hidden": "true" }, svg("path", { d: `M1 1V5H${pixels}V1`, fill: "none", stroke: "currentColor" })));
  }

  function zoom(factor, [x, y] = [view[0] + view[2] / 2, view[1] + view[3] / 2]) {
    const width = Math.min(Math.max(view[2] * factor, 1), 4e7);
    const by = width / view[2];
    look([x - (x - view[0]) * by, y - (y - view[1]) * by, view[2] * by, view[3] * by]);
  }

  const place = (event) => {
    const limits = picture.getBoundingClientRect();
    return [view[0] + ((event.clientX - limits.left) / limits.width) * view[2], view[1] + ((event.clientY - limits.top) / limits.height) * view[3]];
  };
  function find([x, y]) {
    for (let index = areas.length - 1; index >= 0; index--) {
      const { box, points } = areas[index];
      if (x < box[0] || y < box[1] || x > box[2] || y > box[3]) continue;
      let inside = false;
      for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
        const [[xi, yi], [xj, yj]] = [points[i], points[j]];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
      }
      if (inside) return areas[index];
    }
    return null;
  }
  function light(area) {
    if (area === under) return;
    under = area;
    lit.setAttribute("d", area ? outline(area.points) : "");
    tip.hidden = !area;
    if (area) {
      const error = area.feature.properties.error_m;
      tip.textContent = `${area.feature.properties.key}${error ? `, good to ${error.toFixed(1)} m` : ""}`;
    }
  }

  let drag = null;
  picture.addEventListener("pointerdown", (event) => {
    if (!view) return;
    drag = { from: [event.clientX, event.clientY], view: [...view], moved: false };
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (!view) return;
    if (!drag) return light(find(place(event)));
    const [dx, dy] = [event.clientX - drag.from[0], event.clientY - drag.from[1]];
    if (Math.hypot(dx, dy) > 4) drag.moved = true;
    if (!drag.moved) return;
    picture.classList.add("dragging");
    const limits = picture.getBoundingClientRect();
    look([drag.view[0] - (dx / limits.width) * drag.view[2], drag.view[1] - (dy / limits.height) * drag.view[3], drag.view[2], drag.view[3]]);
  });
  picture.addEventListener("pointerup", (event) => {
    picture.classList.remove("dragging");
    const moved = drag?.moved;
    drag = null;
    if (!moved && view) open(find(place(event)));
  });
  picture.addEventListener("pointercancel", () => { drag = null; });
  picture.addEventListener("wheel", (event) => {
    if (!view) return;
    event.preventDefault();
    zoom(1.0015 ** event.deltaY, place(event));
  }, { passive: false });
  picture.addEventListener("keydown", (event) => {
    if (!view) return;
    const [x, y] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key] ?? [];
    if (x !== undefined) {
      look([view[0] + x * view[2] * 0.1, view[1] + y * view[3] * 0.1, view[2], view[3]]);
      light(find([view[0] + view[2] / 2, view[1] + view[3] / 2]));
    } else if (event.key === "+" || event.key === "=") zoom(0.7);
    else if (event.key === "-") zoom(1 / 0.7);
    else if (event.key === "0") home();
    else if (event.key === "Enter") open(under);
    else return;
    event.preventDefault();
  });
  const open = (area) => {
    if (area) location.hash = `#${at("object", area.feature.id)}`;
  };
  for (const [name, text, act] of [["Closer", "+", () => zoom(0.7)], ["Farther", "−", () => zoom(1 / 0.7)], ["All of it", "⌂", home]]) {
    tools.append(h("button", { title: name, "aria-label": name, onclick: () => view && act() }, text));
  }
  const resized = new ResizeObserver(() => view && look(view));
  resized.observe(picture);

  (async () => {
    let cursor;
    do {
      const part = await get("/v1/footprints", { dataset, limit: perPart, cursor }, stop.signal);
      const isFirst = !areas.length;
      add(part.features);
      cursor = part.next;
      if (areas.length) {
        draw();
        if (isFirst || cursor === undefined) home();
      }
      said.textContent = `${plural(areas.length, "image", "images")}${cursor === undefined ? "" : ", loading more"}`;
    } while (cursor !== undefined && areas.length < most);
    if (cursor !== undefined) said.textContent = `the newest ${count(areas.length)} images`;
    if (!areas.length) map.replaceChildren(nothing("No image here says where it was taken.", "A footprint needs the position, the height and the view in EXIF or XMP."));
    map.dataset.ready = "true";
  })().catch((error) => {
    if (error.name !== "AbortError") map.replaceChildren(nothing("The map could not be loaded.", error.message));
  });
  return () => {
    stop.abort();
    resized.disconnect();
  };
}
