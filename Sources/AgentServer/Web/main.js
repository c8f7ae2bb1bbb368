// The frame: what is shown for an address, the bar, and the status that all parts share.

import { follow } from "./api.js";
import { count, h, nothing } from "./dom.js";
import { showOverview } from "./overview.js";
import { showEvent, showEvents } from "./events.js";
import { showObjects } from "./objects.js";
import { showLineage, showObject } from "./object.js";
import { showDataset, showDatasets } from "./datasets.js";
import { showDeliveries } from "./deliveries.js";
import { showQuarantine } from "./quarantine.js";
import { showMap } from "./map.js";
import { showRederive } from "./rederive.js";

const parts = [
  ["", "Overview", showOverview], ["objects", "Objects", showObjects], ["datasets", "Datasets", showDatasets],
  ["map", "Map", showMap], ["rederive", "Re-derive", showRederive], ["quarantine", "Quarantine", showQuarantine], ["deliveries", "Deliveries", showDeliveries],
  ["events", "Events", showEvents],
];
const pages = {
  ...Object.fromEntries(parts.map(([name, , show]) => [name, show])),
  object: showObject, dataset: showDataset, event: showEvent, lineage: showLineage,
};
/** Which part of the bar a page belongs to. */
const owners = { object: "objects", dataset: "datasets", event: "events", lineage: "objects" };

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const live = document.getElementById("live");
const listeners = new Set();
let newest = null;
let leave = () => {};

/** Calls back with the newest status and each one after it; answers how to stop that. */
export function onStatus(listener) {
  listeners.add(listener);
  if (newest) listener(newest);
  return () => listeners.delete(listener);
}

function show() {
  leave();
  leave = () => {};
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").map(decodeURIComponent);
  for (const item of nav.children) {
    if (item.dataset.part === (owners[name] ?? name)) item.setAttribute("aria-current", "page");
    else item.removeAttribute("aria-current");
  }
  const page = Object.hasOwn(pages, name) ? pages[name] : null;
  main.replaceChildren();
  main.dataset.part = name;
  window.scrollTo(0, 0);
  const title = parts.find(([own]) => own === name)?.[1] ?? `${name[0]?.toUpperCase()}${name.slice(1)}`;
  document.title = name ? `${title} · Swathlog` : "Swathlog";
  if (!page) return main.replaceChildren(nothing("There is no such page.", h("a", { href: "#/" }, "To the overview")));
  leave = page(main, { rest, query: new URLSearchParams(query), onStatus }) ?? leave;
}

for (const [name, title] of parts) {
  nav.append(h("a", { href: `#/${name}`, "data-part": name }, title, name === "quarantine" && h("span", { class: "badge", hidden: true })));
}

onStatus((status) => {
  const badge = nav.querySelector(".badge");
  const troubled = Object.values(status.quarantine).reduce((sum, value) => sum + value, 0);
  badge.hidden = !troubled;
  badge.textContent = count(troubled);
  live.lastElementChild.textContent = `${count(status.events)} events`;
});

follow("/v1/status/stream", {}, {
  onMessage(status) {
    newest = status;
    for (const listener of listeners) listener(status);
  },
  onState(name) {
    live.dataset.state = name;
    if (name === "locked") live.lastElementChild.textContent = "a token is needed";
    else if (name === "lost") live.lastElementChild.textContent = "reconnecting";
    else if (newest) live.lastElementChild.textContent = `${count(newest.events)} events`;
  },
});

const find = document.getElementById("find");
find.addEventListener("submit", (event) => {
  event.preventDefault();
  const id = find.elements.id.value.trim();
  if (id) location.hash = `#/lineage/${encodeURIComponent(id)}`;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  event.preventDefault();
  find.elements.id.focus();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", show);
show();
