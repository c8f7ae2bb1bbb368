// One object: its image with the tile grid over it, a tile with its picture and digests, and where all of it came from.

import { all, get, picture } from "./api.js";
import { at, brief, bytes, copyable, count, facts, h, into, link, loading, moment, nothing, panel, plural, position, state, svg, table } from "./dom.js";
import { graph } from "./graph.js";

const content = (derivation, name) => `/v1/derivations/${encodeURIComponent(derivation)}/tiles/${encodeURIComponent(name)}/content`;

export function showObject(main, { rest: [id, wanted], query }) {
  const stop = new AbortController();
  const addresses = [];
  const place = h("div", {});
  main.append(place);
  into(place, () => get(`/v1/objects/${encodeURIComponent(id)}`, {}, stop.signal), (object) => {
    const derivations = object.derivations.filter((derivation) => derivation.tiles !== undefined);
    const chosen = derivations.find((derivation) => derivation.id === query.get("derivation")) ?? derivations.find((derivation) => derivation.current) ?? derivations[0];
    const view = { object, derivation: chosen, stop: stop.signal, addresses, tiles: [] };
    view.tile = h("div", {});
    view.lineage = h("div", { class: "lineage" });
    queueMicrotask(() => {
      if (wanted === undefined) showLineageOf(view, object.id);
    });
    return [heading(object), h("div", { class: "columns spaced" },
      h("div", {}, imagePanel(view, wanted), view.tile),
      h("div", { class: "side" }, side(object, derivations, chosen)), view.lineage)];
  });
  return () => {
    stop.abort();
    for (const address of addresses) URL.revokeObjectURL(address);
  };
}

function heading(object) {
  return h("div", { class: "head" },
    h("div", {}, h("div", { class: "crumbs" }, link("/objects", "Objects"), " / ", link(at("dataset", object.dataset), object.dataset)), h("h1", {}, object.key)),
    h("div", { class: "head-end" }, state(object.state), object.outdated && h("span", { class: "soft" }, "a newer version is known")));
}

/** The image, the grid over it, and what is said of the tile under the pointer. */
function imagePanel(view, wanted) {
  const { object, derivation } = view;
  const frame = h("div", { class: "picture" }, loading());
  const legend = h("div", { class: "legend" }, h("span", {}, derivation ? `${plural(derivation.tiles, "tile", "tiles")}${derivation.skipped ? `, ${count(derivation.skipped)} blank ones left out` : ""}` : "no tiles"));
  const hovered = h("span", {}, derivation ? "Choose a tile with the pointer, or with the arrow keys and Enter." : "");
  legend.append(hovered);
  const whole = panel("Image", "", h("div", { class: "body" }, legend), frame);
  const header = whole.querySelector("header");
  if (object.original_on_disk) {
    header.append(h("button", { class: "plain", onclick: () => open(view, `/v1/objects/${encodeURIComponent(object.id)}/original`) }, "Original"));
  }
  draw(view, frame, hovered, wanted).catch((error) => {
    if (error.name !== "AbortError") frame.replaceChildren(h("div", { class: "noimage" }, error.message));
  });
  return whole;
}

async function open(view, path) {
  const address = await picture(path, view.stop);
  view.addresses.push(address);
  window.open(address, "_blank", "noreferrer");
}

async function draw(view, frame, hovered, wanted) {
  const { object, derivation } = view;
  const size = derivation?.width ? [derivation.width, derivation.height] : object.image ? [object.image.width, object.image.height] : null;
  let image = h("div", { class: "noimage" }, object.state === "quarantined" ? `In quarantine: ${object.quarantine?.message ?? object.reason}` : "The bytes of the original are not kept here.");
  if (object.original_on_disk && object.image) {
    const address = await picture(`/v1/objects/${encodeURIComponent(object.id)}/original`, view.stop);
    view.addresses.push(address);
    image = h("img", { src: address, alt: `The image ${object.key}`, width: size?.[0], height: size?.[1] });
    await image.decode().catch(() => {});
    // Where the recipe ignores the file's orientation, the windows are in its stored pixels.
    if (size && image.naturalWidth !== size[0] && image.naturalHeight === size[0]) image.style.imageOrientation = "none";
  }
  frame.replaceChildren(image);
  if (!derivation || !size) return;
  const grid = svg("svg", {
    viewBox: `0 0 ${size[0]} ${size[1]}`, preserveAspectRatio: "none", tabindex: 0, role: "application", class: "grid",
    "aria-label": "Tiles: arrow keys move, Enter opens", "data-ready": false,
  });
  frame.append(grid);
  if (!image.src) image.style.aspectRatio = `${size[0]} / ${size[1]}`;
  const rects = new Map();
  for await (const items of all(`/v1/derivations/${encodeURIComponent(derivation.id)}/tiles`, {}, view.stop)) {
    view.tiles.push(...items);
    for (const tile of items) {
      const name = `${tile.row} ${tile.col}`;
      if (rects.has(name)) continue;
      const { x, y, width, height } = tile.window;
      const rect = svg("rect", { x, y, width, height, "data-tile": tile.name });
      rects.set(name, { rect, tile });
      grid.append(rect);
    }
  }
  grid.dataset.ready = "true";
  let under = null;
  const light = (entry) => {
    if (under === entry) return;
    under?.rect.classList.remove("under");
    under = entry;
    if (!entry) return;
    entry.rect.classList.add("under");
    hovered.textContent = `Tile ${entry.tile.row}, ${entry.tile.col}: ${entry.tile.window.width} × ${entry.tile.window.height} at ${entry.tile.window.x}, ${entry.tile.window.y}, ${bytes(entry.tile.bytes)}`;
  };
  const choose = (entry) => {
    grid.querySelector(".chosen")?.classList.remove("chosen");
    entry.rect.classList.add("chosen");
    // Lines of the chosen one lie over its neighbours'.
    grid.append(entry.rect);
    history.replaceState(null, "", `#${at("object", object.id, entry.tile.name)}?derivation=${encodeURIComponent(derivation.id)}`);
    showTile(view, entry.tile);
  };
  const entryOf = (event) => [...rects.values()].find(({ rect }) => rect === event.target);
  grid.addEventListener("pointermove", (event) => light(entryOf(event) ?? null));
  grid.addEventListener("pointerleave", () => light(null));
  grid.addEventListener("click", (event) => {
    const entry = entryOf(event);
    if (entry) choose(entry);
  });
  grid.addEventListener("keydown", (event) => {
    const [row, col] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (row !== undefined) {
      const { tile } = under ?? {};
      const next = tile ? rects.get(`${tile.row + row} ${tile.col + col}`) : rects.values().next().value;
      if (next) light(next);
    } else if ((event.key === "Enter" || event.key === " ") && under) choose(under);
    else return;
    event.preventDefault();
  });
  if (wanted !== undefined) {
    const tile = view.tiles.find((item) => item.name === wanted);
    if (tile) choose({ tile, rect: rects.get(`${tile.row} ${tile.col}`).rect });
    else showLineageOf(view, object.id);
  }
}

/** The chosen tile, its variants, and its lineage. */
function showTile(view, tile) {
  const { derivation, object } = view;
  const image = h("div", {}, loading());
  const variants = view.tiles.filter((other) => other.row === tile.row && other.col === tile.col);
  view.tile.replaceChildren(panel(`Tile ${tile.name}`, `${tile.width ?? tile.window.width} × ${tile.height ?? tile.window.height}, ${bytes(tile.bytes)}`,
    h("div", { class: "body tile", "data-tile": tile.name }, image, facts([
      ["row, column", `${tile.row}, ${tile.col}`], ["window", `${tile.window.width} × ${tile.window.height} at ${tile.window.x}, ${tile.window.y}`],
      ["valid", tile.valid.width !== tile.window.width || tile.valid.height !== tile.window.height ? `${tile.valid.width} × ${tile.valid.height}` : null],
      ["sha256", copyable(tile.sha256)], ["md5", copyable(tile.md5)], ["event", position(tile.position)],
      ["in the dataset", h("code", {}, `${object.dataset}/${object.path}/${tile.name}`)],
      ["augmentation", tile.augmentation && h("code", {}, JSON.stringify(tile.augmentation))],
      ["variants", variants.length > 1 && h("span", {}, variants.map((other) => [h("button", { class: "plain", disabled: other === tile, onclick: () => showTile(view, other) }, other.variant ? `v${other.variant}` : "plain"), " "]))],
    ]))));
  const path = content(derivation.id, tile.name);
  if (!/\.(png|jpe?g)$/.test(tile.name)) image.replaceChildren(h("div", { class: "noimage" }, h("button", { onclick: () => open(view, path) }, "Download")));
  else picture(path, view.stop).then((address) => {
    view.addresses.push(address);
    image.replaceChildren(h("img", { src: address, alt: `The tile ${tile.name}`, width: tile.width ?? tile.window.width, height: tile.height ?? tile.window.height }));
  }).catch((error) => error.name === "AbortError" || image.replaceChildren(h("div", { class: "noimage" }, error.message)));
  showLineageOf(view, `${derivation.id}/${tile.name}`);
}

function showLineageOf(view, id) {
  const place = h("div", {});
  view.lineage.replaceChildren(panel("Lineage", "up to the source, down to the receiver", place));
  into(place, () => get("/v1/lineage", { id }, view.stop), (answer) => h("div", { class: "graph", tabindex: 0, "data-subject": answer.subject.id }, graph(answer)));
}

function side(object, derivations, chosen) {
  const { tags, verbatim, blocks, ...known } = object.image?.metadata ?? {};
  const metadata = flatten(known);
  const rest = flatten({ tags, verbatim, blocks });
  return [
    object.quarantine && h("div", { class: "alert" }, h("b", {}, object.quarantine.reason), h("span", {}, object.quarantine.message, " ", link(`/quarantine?reason=${encodeURIComponent(object.quarantine.reason)}`, "See the quarantine"))),
    panel("Object", "", h("div", { class: "body" }, facts([
      ["id", copyable(object.id)], ["source", `${object.source} ${object.bucket}`], ["size", bytes(object.size)],
      ["image", object.image && `${object.image.format}, ${object.image.width} × ${object.image.height}, ${object.image.channels} × ${object.image.bit_depth} bit ${object.image.colour_model}`],
      ["sha256", object.sha256 && copyable(object.sha256, `${object.sha256.slice(0, 32)}…`)], ["seen", h("span", {}, moment(object.observed_at), " ", position(object.observed_position))],
      ["modified", object.modified_at && moment(object.modified_at)], ["etag", object.etag && h("span", { class: "mono" }, object.etag)],
      ["events", link(`/events?stream=${encodeURIComponent(`object/${object.id}`)}`, "its history")],
    ]))),
    metadata.length > 0 && panel("What the file says", "", h("div", { class: "body stack" }, facts(metadata),
      rest.length > 0 && h("details", {}, h("summary", {}, `${rest.length} tags as they stand in the file`), facts(rest)))),
    derivations.length > 0 && panel("Derivations", "", table([
      ["recipe", (item) => h("span", { class: "mono" }, item === chosen ? h("strong", {}, brief(item.recipe, 10)) : link(`${at("object", object.id)}?derivation=${encodeURIComponent(item.id)}`, brief(item.recipe, 10)))],
      ["tiles", (item) => count(item.tiles), "n"], ["size", (item) => bytes(item.tile_bytes), "n"], ["state", (item) => h("span", { class: `state ${item.current ? "good" : ""}` }, item.current ? "in the dataset" : "kept")],
    ], derivations)),
    object.versions.length > 1 && panel("Versions of the key", "newest first", table([
      ["version", (item) => (item.id === object.id ? h("strong", {}, brief(item.version, 16)) : link(at("object", item.id), brief(item.version, 16)))],
      ["size", (item) => bytes(item.size), "n"], ["state", (item) => state(item.state)], ["seen", (item) => moment(item.observed_at)],
    ], object.versions)),
  ];
}

/** Nested fields by their path, as far as they are short. */
function flatten(value, path = "") {
  return Object.entries(value).flatMap(([name, inner]) => {
    if (inner === undefined) return [];
    const full = path ? `${path} ${name}` : name;
    if (inner && typeof inner === "object" && !Array.isArray(inner)) return flatten(inner, full);
    const text = Array.isArray(inner) ? inner.map((item) => (typeof item === "object" ? JSON.stringify(item) : item)).join(", ") : String(inner);
    return text.length > 400 ? [] : [[full.replaceAll("_", " "), text]];
  });
}

/** Where anything came from, by whatever name it is known. */
export function showLineage(main, { rest }) {
  const id = rest.join("/");
  const place = h("div", {});
  main.append(h("div", { class: "head" }, h("div", {}, h("div", { class: "crumbs" }, "Lineage"), h("h1", {}, id))), place);
  into(place, () => get("/v1/lineage", { id }), (answer) => {
    const step = (name) => answer.steps.find((item) => item.step === name);
    const object = step("observed")?.object;
    const derivation = step("derivation")?.derivation;
    const tile = answer.subject.kind === "tile" ? answer.subject.id.split("/").slice(1).join("/") : null;
    return h("div", { class: "stack" }, panel(answer.subject.kind, object && link(tile ? `${at("object", object, tile)}?derivation=${encodeURIComponent(derivation)}` : at("object", object), "Open the object"),
      answer.steps.length ? h("div", { class: "graph", tabindex: 0, "data-subject": answer.subject.id }, graph(answer)) : nothing("Nothing is recorded of it yet.")),
    panel("Steps", plural(answer.steps.length, "step", "steps"), table([
      ["event", (item) => (item.position ? position(item.position) : "–"), "nowrap"], ["step", (item) => item.step, "nowrap"], ["recorded", (item) => moment(item.recorded_at)],
      ["facts", (item) => h("span", { class: "soft" }, Object.entries(item).filter(([name]) => !["step", "position", "recorded_at", "settings"].includes(name)).map(([name, value]) => `${name} ${value}`).join(" · ")), "wrap"],
    ], answer.steps)));
  });
}
