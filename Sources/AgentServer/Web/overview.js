// The pipeline as a flow, totals, the newest events, what is in quarantine, the datasets.

import { get, post } from "./api.js";
import { at, brief, bytes, compact, count, duration, facts, h, into, link, loading, moment, nothing, panel, plural, position, rate, state, svg, toast } from "./dom.js";
import { describe } from "./events.js";

export function showOverview(main, { onStatus }) {
  const flow = h("ol", { class: "flow", "aria-label": "The pipeline" });
  const side = h("ol", { class: "flow side", "aria-label": "Beside the pipeline", hidden: true });
  const totals = h("div", { class: "totals" });
  const alerts = h("div", { hidden: true });
  const feed = h("ol", { class: "feed", "aria-label": "The newest events" });
  const feedBody = h("div", {}, loading());
  const quarantine = h("div", {}, loading());
  const datasets = h("div", {}, loading());
  const record = h("div", {}, loading());
  const pipeline = panel("Pipeline", "", h("div", {}, loading()));
  const aside = pipeline.querySelector("header").appendChild(h("span", { class: "soft" }));
  main.append(h("h1", { class: "sr" }, "Overview"), alerts, pipeline, h("div", { class: "columns" },
    h("div", {}, panel("Newest events", link("/events", "All events"), feedBody)),
    h("div", {}, panel("Quarantine", link("/quarantine", "All of it"), quarantine), panel("Datasets", link("/datasets", "All datasets"), datasets), panel("Record", "", record))));

  let shown = -1;
  let asking = false;
  let stopped = false;
  async function refresh(status) {
    if (asking || status.events === shown) return;
    asking = true;
    try {
      const page = await get("/v1/events", { order: "newest", limit: 30 });
      if (stopped) return;
      if (!feed.isConnected) feedBody.replaceChildren(feed);
      showFeed(feed, page.items, shown);
      if (!page.items.length) feedBody.replaceChildren(nothing("Nothing was recorded yet."));
      shown = status.events;
      showQuarantine(quarantine, status.quarantine);
    } finally {
      asking = false;
    }
  }
  let audits;
  let versions = "";
  const stop = onStatus((status) => {
    if (!flow.isConnected) pipeline.lastElementChild.replaceWith(h("div", {}, flow, side, totals));
    showFlow(flow, side, status);
    showTotals(totals, status);
    showAlerts(alerts, status);
    aside.textContent = status.last_event_at ? `last event ${new Date(status.last_event_at).toLocaleTimeString("en-GB")}` : "";
    refresh(status).catch(() => {});
    const made = `${status.counts.AuditCompleted ?? 0} ${status.operable}`;
    if (made !== audits) showRecord(record, status.operable);
    audits = made;
    const now = `${status.counts.DatasetCommitted ?? 0} ${status.counts.DatasetPushed ?? 0} ${status.counts.ObjectObserved > 0}`;
    if (now === versions) return;
    versions = now;
    into(datasets, () => get("/v1/datasets", { limit: 8 }), (page) => showDatasets(page.items));
  });
  return () => {
    stopped = true;
    stop();
  };
}

const places = { fetching: "Fetch", tiling: "Tile", versioning: "Version", pushing: "Push", announcing: "Announce", notifying: "Notify" };
/** What is only at work now and then, and shown then. */
const beside = { sharing: "Share by git", rederiving: "Re-derive", "cutting-over": "Cut over", sweeping: "Sweep" };

/** Brings the cards up to date in place, so that neither focus nor movement is lost. */
function showFlow(flow, side, status) {
  const observed = { name: "observe", title: "Observe", done: status.counts.ObjectObserved ?? 0, per_minute: status.per_minute.ObjectObserved ?? 0, source: true };
  const named = status.stages.map((stage) => ({ ...stage, title: places[stage.name] ?? beside[stage.name] ?? stage.name }));
  showCards(flow, status, [observed, ...named.filter((stage) => !(stage.name in beside))]);
  const busy = named.filter((stage) => stage.name in beside && (stage.waiting || status.pauses.some((pause) => pause.stage.split(" ")[0] === stage.name)));
  side.hidden = !busy.length;
  showCards(side, status, busy);
}

function showCards(flow, status, stages) {
  while (flow.children.length > stages.length) flow.lastElementChild.remove();
  stages.forEach((stage, index) => {
    const pauses = status.pauses.filter((pause) => pause.stage.split(" ")[0] === stage.name);
    const broken = stage.source ? Object.values(status.sources ?? {}).filter((source) => source.state === "failing") : [];
    const why = pauses.length ? `Paused: ${pauses[0].message}` : broken.length ? `Source: ${broken[0].message}` : stage.failing ? `${plural(stage.failing, "failure", "failures")}, tried again` : "";
    const queue = stage.source
      ? [count(stage.done), h("small", {}, " seen")]
      : [compact(stage.waiting), h("small", {}, " waiting")];
    const kind = ["stage", stage.waiting ? "busy" : stage.source ? "" : "idle", why ? "trouble" : "", stage.per_minute > 0 ? "moving" : ""];
    const card = h("li", { class: kind.filter(Boolean).join(" "), "data-stage": stage.name },
      h("span", { class: "name" }, stage.title), h("span", { class: "queue", title: count(stage.waiting ?? stage.done) }, queue),
      h("dl", {}, stage.source
        ? [h("dt", {}, "rate"), h("dd", {}, rate(stage.per_minute)), h("dt", {}, "sources"), h("dd", {}, count(Object.keys(status.sources ?? {}).length))]
        : [h("dt", {}, "oldest"), h("dd", {}, duration(stage.oldest_seconds)), stage.done !== undefined && [h("dt", {}, "rate"), h("dd", {}, rate(stage.per_minute)), h("dt", {}, "done"), h("dd", { title: count(stage.done) }, compact(stage.done))]]),
      why && h("span", { class: "why" }, why));
    const old = flow.children[index];
    if (!old) flow.append(card);
    else if (!old.isEqualNode(card)) {
      if (old.className !== card.className) old.className = card.className;
      old.dataset.stage = stage.name;
      old.replaceChildren(...card.childNodes);
    }
  });
}

function showTotals(totals, status) {
  const objects = Object.entries(status.objects).sort();
  const all = objects.reduce((sum, [, value]) => sum + value, 0);
  const entries = [
    [compact(all), "object versions"], [compact(status.objects.derived), "derived"], [compact(status.derivations), "derivations"],
    [compact(status.tiles), "tiles"], [bytes(status.tile_bytes), "in tiles"], [`${compact(Math.round(status.pixels / 1e6))} MP`, "cut"],
    [rate(status.per_minute.TileWritten), "tiles now"],
  ];
  totals.replaceChildren(...entries.map(([value, name]) => h("div", {}, h("b", {}, value), h("span", {}, name))));
}

function showAlerts(alerts, status) {
  const stopped = status.views.filter((view) => view.failed_position !== undefined);
  const lag = Math.max(0, ...status.views.map((view) => status.events - view.position));
  const texts = [
    ...stopped.map((view) => ["View stopped", `${view.name} at position ${view.failed_position}: ${view.failure}`]),
    ...(lag > 5000 ? [["Behind", `The views are ${count(lag)} events behind the log: what is shown is older than what is recorded.`]] : []),
    ...(status.unknown_events ? [["Newer events", `${plural(status.unknown_events, "event is", "events are")} of a kind that this program does not know: kept, and shown nowhere.`]] : []),
  ];
  alerts.hidden = !texts.length;
  alerts.replaceChildren(...texts.map(([name, text]) => h("div", { class: "alert", role: "alert" }, h("b", {}, name), h("span", {}, text))));
}

function showFeed(feed, events, before) {
  feed.replaceChildren(...events.map((event) => h("li", { class: before >= 0 && event.position > before ? "new" : undefined },
    link(at("event", event.position), h("span", { class: "mono" }, `#${event.position}`)),
    h("span", {}, event.type), h("span", { class: "what" }, describe(event)), moment(event.recorded_at))));
}

function showQuarantine(place, reasons) {
  const entries = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
  if (!entries.length) return place.replaceChildren(nothing("Nothing is in quarantine."));
  const most = entries[0][1];
  place.replaceChildren(h("div", { class: "body" }, h("ul", { class: "bars" }, entries.slice(0, 6).map(([reason, value]) => h("li", {},
    link(`/quarantine?reason=${encodeURIComponent(reason)}`, reason), h("span", {}, count(value)),
    h("span", { class: "track" }, svg("svg", { viewBox: "0 0 100 3", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { width: Math.max(1, (100 * value) / most), height: 3 }))))))));
}

/** What the newest audit found; another can be asked for. */
function showRecord(place, operable) {
  into(place, () => get("/v1/audit"), ({ newest, checkpoint, size, requested, running, failure }) => {
    const isUnderWay = requested || running;
    if (isUnderWay) setTimeout(() => place.isConnected && showRecord(place, operable), 1000);
    return h("div", { class: "body" }, facts([
      ["audited", newest ? h("span", {}, moment(newest.recorded_at), " ", position(newest.position)) : "not yet"],
      ["found", newest && (newest.damages ? h("span", { class: "state bad" }, plural(newest.damages, "damage", "damages")) : h("span", { class: "state good" }, `${plural(newest.events, "event", "events")}, and the record holds`))],
      ["failed", failure],
      ["signed", checkpoint ? `${count(checkpoint.size)} of ${plural(size, "event", "events")}` : "not yet"],
    ]), operable && h("button", { class: "small spaced-top", id: "audit", disabled: isUnderWay, onclick: () => audit(place) }, isUnderWay ? "Being audited …" : "Audit it now"));
  });
}

async function audit(place) {
  try {
    await post("/v1/audit");
    showRecord(place, true);
  } catch (error) {
    toast(error.message, true);
  }
}

function showDatasets(items) {
  if (!items.length) return nothing("There is no dataset yet.", "One is made for the first folder of the keys, once their tiles are cut.");
  return h("ul", { class: "feed" }, items.map((dataset) => h("li", {},
    link(at("dataset", dataset.name), dataset.name),
    h("span", { class: "soft" }, dataset.newest ? plural(dataset.newest.files, "file", "files") : "no version yet"),
    h("span", { class: "what" }, dataset.newest ? `${bytes(dataset.newest.bytes)}, ${plural(dataset.versions, "version", "versions")}` : ""),
    dataset.uncommitted ? state("waiting") : h("span", { class: "mono" }, brief(dataset.newest?.git_commit, 8)))));
}
