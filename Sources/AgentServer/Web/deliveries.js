// Who is told of what, and whether that has arrived.

import { get, part } from "./api.js";
import { at, count, h, into, link, nothing, panel, position, state, table } from "./dom.js";

export function showDeliveries(main) {
  const endpoints = h("div", {});
  const list = h("div", {});
  const kind = h("select", { name: "state", "aria-label": "State" }, ["all", "queued", "delivered", "abandoned"].map((name) => h("option", { value: name === "all" ? "" : name }, name)));
  main.append(h("h1", {}, "Deliveries"), panel("Endpoints", "", endpoints), panel("Notifications", kind, list));
  into(endpoints, () => get("/v1/endpoints"), ({ items }) => items.length ? table([
    ["endpoint", (endpoint) => endpoint.name, "key"], ["place", (endpoint) => h("span", { class: "mono" }, endpoint.place), "wrap"],
    ["state", (endpoint) => state(endpoint.state)], ["waiting", (endpoint) => count(endpoint.waiting), "n"],
    ["last sequence", (endpoint) => count(endpoint.last_sequence), "n"],
    ["wants", (endpoint) => endpoint.kinds.join(", ") || "everything", "wrap soft"],
  ], items) : nothing("Nobody is told of anything.", "Name a receiver with webhook_url or endpoints."));
  let cursor;
  const load = () => into(list, () => part("/v1/notifications", { state: kind.value, limit: 50, cursor }), (page) => [
    page.items.length ? table([
      ["notification", (item) => link(at("lineage", item.id), `${item.sequence ?? "–"}`), "nowrap mono"],
      ["kind", (item) => item.kind, "nowrap"], ["about", (item) => link(at("lineage", item.subject), item.dataset ?? item.subject), "wrap"],
      ["endpoint", (item) => item.endpoint, "wrap"], ["state", (item) => state(item.state)],
      ["attempts", (item) => count(item.attempts), "n"], ["answer", (item) => item.error ?? (item.status ? String(item.status) : "–"), "wrap soft"],
      ["queued", (item) => position(item.queued_position), "nowrap"],
    ], page.items) : nothing("There is none like that."),
    page.next !== undefined && h("div", { class: "pager" }, h("button", {
      onclick() {
        cursor = page.next;
        load();
      },
    }, "Older →")),
  ]);
  kind.addEventListener("change", () => {
    cursor = undefined;
    load();
  });
  load();
}
