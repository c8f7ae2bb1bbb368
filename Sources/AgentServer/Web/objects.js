// All objects, part by part.

import { all, part } from "./api.js";
import { at, bytes, h, into, link, moment, nothing, state, table } from "./dom.js";

const states = ["observed", "fetched", "derived", "quarantined", "superseded", "removed"];
const columns = [
  ["key", (object) => link(at("object", object.id), object.key), "key"], ["state", (object) => state(object.state)],
  ["dataset", (object) => link(at("dataset", object.dataset), object.dataset), "nowrap"],
  ["size", (object) => bytes(object.size), "n"], ["seen", (object) => moment(object.observed_at)],
  ["content", (object) => h("span", { class: "mono soft" }, object.sha256?.slice(0, 12) ?? "–"), "nowrap"],
];

export function showObjects(main, { query }) {
  const wanted = (name) => query.get(name) ?? "";
  const text = h("input", { type: "search", name: "contains", value: wanted("contains"), placeholder: "part of a key" });
  const kind = h("select", { name: "state" }, h("option", { value: "" }, "all"), states.map((name) => h("option", { value: name, selected: name === wanted("state") }, name)));
  const dataset = h("select", { name: "dataset" }, h("option", { value: "" }, "all"));
  const list = h("div", {});
  main.append(h("h1", {}, "Objects"), h("form", { class: "filters", onsubmit: (event) => event.preventDefault() },
    h("label", { class: "wide" }, "Key contains", text), h("label", {}, "State", kind), h("label", {}, "Dataset", dataset)),
  h("section", { class: "panel" }, list));

  /** Where each part that was shown began, to go back to. */
  let trail = [undefined];
  function load() {
    const filter = { contains: text.value, state: kind.value, dataset: dataset.value };
    into(list, () => part("/v1/objects", { ...filter, limit: 100, cursor: trail.at(-1) }), (page) => {
      if (!page.items.length) return trail.length > 1 ? nothing("There are no more.") : nothing("No object is like that.", "Objects appear here as soon as the source is looked at.");
      const move = (change) => () => {
        change();
        load();
        list.scrollIntoView({ block: "nearest" });
      };
      return [table(columns, page.items), (page.next !== undefined || trail.length > 1) && h("div", { class: "pager" },
        h("span", {}, `Part ${trail.length}`),
        h("button", { disabled: trail.length === 1, onclick: move(() => trail.pop()) }, "← Newer"),
        h("button", { disabled: page.next === undefined, onclick: move(() => trail.push(page.next)) }, "Older →"))];
    });
  }
  function again() {
    trail = [undefined];
    load();
  }
  let delay;
  text.addEventListener("input", () => {
    clearTimeout(delay);
    delay = setTimeout(again, 250);
  });
  for (const control of [kind, dataset]) control.addEventListener("change", again);
  if (wanted("dataset")) dataset.append(h("option", { value: wanted("dataset"), selected: true }, wanted("dataset")));
  (async () => {
    for await (const items of all("/v1/datasets")) {
      dataset.append(...items.filter((item) => item.name !== wanted("dataset")).map((item) => h("option", { value: item.name }, item.name)));
    }
  })().catch(() => {});
  load();
  return () => clearTimeout(delay);
}
