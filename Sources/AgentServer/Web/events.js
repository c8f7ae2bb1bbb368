// The log: by position, by type, by stream, as it grows.

import { follow, get, part, save } from "./api.js";
import { at, bytes, copyable, count, facts, h, into, link, loading, moment, nothing, panel, position, table, tableRow, toast } from "./dom.js";

/** What an event says, in a few words. */
export function describe(event) {
  const said = event.payload;
  const about = event.stream.includes("/") ? event.stream.slice(event.stream.indexOf("/") + 1) : event.stream;
  switch (event.type) {
    case "ObjectObserved": return `${said.key}, ${bytes(said.size)}`;
    case "ObjectFetched": return `${bytes(said.bytes)}, ${said.kept}`;
    case "ObjectValidated": return `${said.format}, ${said.width} × ${said.height}`;
    case "ObjectQuarantined": case "StageFailed": return `${said.reason}: ${said.message}`;
    case "TileWritten": return `${said.name}, ${bytes(said.bytes)}`;
    case "DerivationCompleted": return `${count(said.tiles)} tiles of ${said.width} × ${said.height}`;
    case "DatasetCommitStarted": return `${said.partition}: +${count(said.added)} ~${count(said.changed)} −${count(said.removed)}`;
    case "DatasetCommitted": return `${said.partition} ${(said.git_commit ?? "").slice(0, 10)}`;
    case "AgentStarted": return `${said.mode} ${said.version} on ${said.host}`;
    case "AgentStopped": return said.reason;
    default: return said.name ?? said.reason ?? said.endpoint ?? about;
  }
}

const target = (stream) => {
  const [kind, ...id] = stream.split("/");
  if (kind === "object") return link(at("object", id.join("/")), stream);
  if (kind === "dataset") return link(at("dataset", id.join("/")), stream);
  if (kind === "derivation" || kind === "notification") return link(at("lineage", id.join("/")), stream);
  return stream;
};

const columns = [
  ["position", (event) => position(event.position), "nowrap mono"], ["recorded", (event) => moment(event.recorded_at)],
  ["type", (event) => event.type, "nowrap"], ["what", (event) => describe(event), "wrap soft"],
  ["stream", (event) => h("span", { class: "mono" }, target(event.stream)), "wrap"],
];

export function showEvents(main, { query, onStatus }) {
  const types = h("select", { name: "type" }, h("option", { value: "" }, "all"));
  if (query.get("type")) types.append(h("option", { value: query.get("type"), selected: true }, query.get("type")));
  const stream = h("input", { name: "stream", placeholder: "object/ID, dataset/NAME, agent", value: query.get("stream") ?? "" });
  const order = h("select", { name: "order" }, h("option", { value: "newest" }, "newest first, live"), h("option", { value: "oldest" }, "oldest first"));
  const list = h("div", {}, loading());
  main.append(h("h1", {}, "Events"), h("form", { class: "filters", onsubmit: (event) => event.preventDefault() },
    h("label", {}, "Type", types), h("label", { class: "wide" }, "Stream", stream), h("label", {}, "Order", order)),
  h("section", { class: "panel" }, list));
  let stopFollowing = () => {};

  function load() {
    stopFollowing();
    const filter = { type: types.value, stream: stream.value };
    into(list, () => part("/v1/events", { ...filter, order: order.value, limit: 100 }), (page) => {
      const shown = table(columns, page.items);
      const rows = shown.querySelector("tbody");
      const more = h("div", { class: "pager" });
      const empty = nothing("No event is like that.");
      empty.hidden = page.items.length > 0;
      addMore(more, rows, filter, page.next);
      if (order.value === "newest") {
        const query = { ...filter, after: page.items[0]?.position ?? 0 };
        stopFollowing = follow("/v1/events/stream", query, {
          onMessage(event) {
            empty.hidden = true;
            rows.prepend(tableRow(columns, event));
            // Thousands a second would otherwise fill the memory.
            while (rows.children.length > 400) rows.lastElementChild.remove();
          },
        });
      }
      return [shown, empty, more];
    });
  }

  function addMore(place, rows, filter, next) {
    place.hidden = next === undefined;
    place.replaceChildren(h("button", {
      async onclick() {
        const page = await part("/v1/events", { ...filter, order: order.value, limit: 100, cursor: next });
        rows.append(...page.items.map((event) => tableRow(columns, event)));
        addMore(place, rows, filter, page.next);
      },
    }, "More"));
  }

  const stopStatus = onStatus((status) => {
    const known = new Set([...types.options].map((option) => option.value));
    for (const type of Object.keys(status.counts).sort()) if (!known.has(type)) types.append(h("option", { value: type }, type));
  });
  for (const control of [types, stream, order]) control.addEventListener("change", load);
  load();
  return () => {
    stopFollowing();
    stopStatus();
  };
}

export function showEvent(main, { rest: [number] }) {
  const place = h("div", {});
  main.append(h("h1", {}, `Event #${number}`), place);
  into(place, () => get(`/v1/events/${encodeURIComponent(number)}`), (event) => h("div", { class: "columns" },
    h("div", {}, panel(event.type, describe(event), h("div", { class: "body" }, h("pre", { tabindex: 0 }, JSON.stringify(event.payload, null, 2))))),
    h("div", {}, panel("Envelope", "", h("div", { class: "body" }, facts([
      ["recorded", moment(event.recorded_at)], ["stream", target(event.stream)], ["revision", count(event.revision)],
      ["because of", event.causation && position(event.causation)], ["observation", event.correlation && position(event.correlation)],
      ["actor", event.actor], ["schema version", event.schema_version], ["event id", copyable(event.event_id)],
      ["proof", h("button", { class: "plain", onclick: () => save(`/v1/events/${event.position}/proof`, `event-${event.position}.tlog-proof`).catch((error) => toast(error.message, true)) }, "tlog-proof")],
    ]))))));
}
