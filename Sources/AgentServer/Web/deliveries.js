// Who is told of what, and whether that has arrived.

import { get, part, post } from "./api.js";
import { at, count, h, into, link, nothing, panel, position, state, table, toast } from "./dom.js";

export function showDeliveries(main, { onStatus }) {
  let operable = false;
  const endpoints = h("div", {});
  const list = h("div", {});
  const kind = h("select", { name: "state", "aria-label": "State" }, ["all", "queued", "delivered", "abandoned"].map((name) => h("option", { value: name === "all" ? "" : name }, name)));
  main.append(h("h1", {}, "Deliveries"), panel("Endpoints", "", endpoints), panel("Notifications", kind, list));
  const loadEndpoints = () => into(endpoints, () => get("/v1/endpoints"), ({ items }) => items.length ? table([
    ["endpoint", (endpoint) => endpoint.name, "key"], ["place", (endpoint) => h("span", { class: "mono" }, endpoint.place), "wrap"],
    ["state", (endpoint) => state(endpoint.state)], ["waiting", (endpoint) => count(endpoint.waiting), "n"],
    ["last sequence", (endpoint) => count(endpoint.last_sequence), "n"],
    ["wants", (endpoint) => endpoint.kinds.join(", ") || "everything", "wrap soft"],
    ["", (endpoint) => operable && endpoint.state === "gone" && act("Enable", `/v1/endpoints/${encodeURIComponent(endpoint.name)}/enable`, "It is told again.", loadEndpoints), "n"],
  ], items) : nothing("Nobody is told of anything.", "Name a receiver with webhook_url or endpoints."));
  let cursor;
  const load = () => into(list, () => part("/v1/notifications", { state: kind.value, limit: 50, cursor }), (page) => [
    page.items.length ? table([
      ["notification", (item) => link(at("lineage", item.id), `${item.sequence ?? "–"}`), "nowrap mono"],
      ["kind", (item) => item.kind, "nowrap"], ["about", (item) => link(at("lineage", item.subject), item.dataset ?? item.subject), "wrap"],
      ["endpoint", (item) => item.endpoint, "wrap"], ["state", (item) => state(item.state)],
      ["attempts", (item) => count(item.attempts), "n"], ["answer", (item) => item.error ?? (item.status ? String(item.status) : "–"), "wrap soft"],
      ["queued", (item) => position(item.queued_position), "nowrap"],
      ["", (item) => operable && item.state !== "queued" && act("Send again", `/v1/notifications/${encodeURIComponent(item.id)}/redeliver`, "It is sent once more.", load), "n"],
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
  return onStatus((status) => {
    if (operable === status.operable && list.childElementCount) return;
    operable = status.operable;
    loadEndpoints();
    load();
  });
}

function act(name, path, done, again) {
  return h("button", {
    class: "small",
    async onclick(event) {
      const button = event.currentTarget;
      button.disabled = true;
      try {
        await post(path);
        toast(done);
        again();
      } catch (error) {
        button.disabled = false;
        toast(error.message, true);
      }
    },
  }, name);
}
