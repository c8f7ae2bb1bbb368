// Other settings for what is in the dataset: what they would do, having it done, how far it is, and its end.

import { all, get, part, post, send } from "./api.js";
import { brief, bytes, compact, confirmed, count, duration, facts, h, into, loading, modal, nothing, panel, plural, position, spans, state, table, toast } from "./dom.js";

const groups = [
  ["Windows", ["tile_size", "tile_overlap", "tile_edge", "orientation", "skip_blank"]],
  ["Files", ["tile_format", "png_compression", "jpeg_quality", "jpeg_subsampling", "sample_type", "alpha"]],
  ["Samples and variants", ["normalise", "augment", "variants", "plain_tiles"]],
];

export function showRederive(main, { onStatus }) {
  const running = h("div", { hidden: true });
  const form = h("div", {});
  const list = h("div", {});
  main.append(h("h1", {}, "Re-derive"),
    h("p", { class: "soft" }, "Other settings make the next generation of the dataset beside the one that stands. That one goes on as it is until the next is complete; each partition then gets one commit of it, and its old versions stay in git."),
    running, panel("Settings", "those that you change count from the next generation on", form), panel("Generations", "newest first", list));

  let operable = true;
  const load = () => into(form, async () => {
    const [{ items }, names] = await Promise.all([get("/v1/reprocess/settings"), partitions()]);
    return { items, names };
  }, ({ items, names }) => settingsForm(items, names, () => operable, () => {
    for (const field of form.querySelectorAll(".changed")) field.classList.remove("changed");
    refresh(true).catch((error) => toast(error.message, true));
  }));

  /** When each generation under way was first seen, and how much of it was done. */
  const first = new Map();
  let shown = -1;
  let asking = false;
  let pending = "";
  async function refresh(isForced = false, events = shown) {
    if (asking || (!isForced && events === shown)) return;
    asking = true;
    try {
      const page = await part("/v1/generations", { limit: 50 });
      shown = events;
      const waiting = page.items.filter((item) => ["queued", "deriving"].includes(item.state));
      showRunning(running, waiting, first, operable, () => refresh(true));
      list.replaceChildren(page.items.length ? generations(page.items) : nothing("Nothing was derived anew yet."));
      const now = waiting.map((item) => item.id).join(" ");
      const ended = page.items.find((item) => pending.includes(item.id) && !now.includes(item.id));
      if (ended) toast(ended.state === "cut-over" ? "The dataset went over to the next generation." : "Cancelled: the dataset is as it was.");
      // What comes next builds on it, so the values to begin with are others; what somebody has changed stays.
      if (now !== pending && !form.querySelector(".changed")) load();
      pending = now;
    } finally {
      asking = false;
    }
  }
  list.replaceChildren(loading());
  load();
  return onStatus((status) => {
    const isOther = operable !== status.operable;
    operable = status.operable;
    refresh(isOther, status.events).catch((error) => toast(error.message, true));
  });
}

async function partitions() {
  const names = [];
  for await (const items of all("/v1/datasets")) names.push(...items.map((item) => item.name));
  return names;
}

function settingsForm(items, names, isOperable, onApplied) {
  const byName = new Map(items.map((item) => [item.name, item]));
  const rest = items.filter((item) => !groups.some(([, members]) => members.includes(item.name))).map((item) => item.name);
  const fields = new Map();
  const said = () => [...fields].filter(([name, field]) => field.value.trim() !== byName.get(name).value);

  function field(name) {
    const item = byName.get(name);
    if (!item) return null;
    const id = `setting-${name}`;
    const control = item.choices
      ? h("select", { id, name, "aria-describedby": `${id}-hint` }, item.choices.map((choice) => h("option", { value: choice, selected: choice === item.value }, choice)))
      : h("input", { id, name, value: item.value, "aria-describedby": `${id}-hint`, autocomplete: "off", spellcheck: "false", inputmode: ["variants", "jpeg_quality"].includes(name) ? "numeric" : undefined });
    fields.set(name, control);
    const place = h("div", { class: "setting" }, h("label", { for: id, class: "mono" }, name), control, h("small", { id: `${id}-hint` }, spans(item.summary)));
    control.addEventListener("input", () => place.classList.toggle("changed", control.value.trim() !== item.value));
    return place;
  }

  const which = h("select", { name: "partition", id: "setting-partition" }, h("option", { value: "" }, "all of it"), names.map((name) => h("option", { value: name }, name)));
  const plan = h("button", { class: "primary", type: "submit" }, "See the plan");
  const place = h("form", {
    class: "body settings", "data-ready": "true",
    async onsubmit(event) {
      event.preventDefault();
      const settings = Object.fromEntries(said().map(([name, control]) => [name, control.value.trim()]));
      const wish = { settings, ...(which.value && { partitions: [which.value] }) };
      plan.disabled = true;
      plan.textContent = "Planning …";
      try {
        const found = await (await send("/v1/reprocess/plan", { method: "POST", json: wish })).json();
        showPlan(found, wish, said().map(([name, control]) => [name, byName.get(name).value, control.value.trim()]), isOperable(), onApplied);
      } catch (error) {
        toast(error.message, true);
      } finally {
        plan.disabled = false;
        plan.textContent = "See the plan";
      }
    },
    onreset() {
      for (const changed of place.querySelectorAll(".changed")) changed.classList.remove("changed");
    },
  },
  [...groups, ["Others", rest]].filter(([, members]) => members.length).map(([title, members]) => h("fieldset", {}, h("legend", {}, title), h("div", { class: "fields" }, members.map(field)))),
  h("div", { class: "form-end" }, h("label", { class: "inline", for: "setting-partition" }, "Of the dataset"), which,
    h("button", { type: "reset" }, "As they are"), plan));
  return place;
}

function showPlan(plan, wish, changes, operable, onApplied) {
  const isNothing = plan.objects === 0 && plan.from === plan.to;
  const needsFetch = plan.originals_to_fetch > 0;
  const warnings = [
    plan.originals_gone && `${plural(plan.originals_gone, "key has lost its", "keys have lost their")} source bytes, and would leave the dataset: ${plan.keys_gone.slice(0, 5).join(", ")}${plan.originals_gone > 5 ? ", …" : ""}`,
    plan.blank_share === undefined && "How many blank tiles would be left out is not known before they are cut: fewer may be added.",
    plan.disk_needed > plan.disk_free && "The disk may have too little room: make some first.",
    plan.engine_revision_before !== undefined && plan.engine_revision_before !== plan.engine_revision && `The imaging engine is another (${plan.engine_revision_before} → ${plan.engine_revision}): that is a change of the recipe.`,
  ].filter(Boolean);
  const apply = h("button", { class: "primary", type: "button", id: "apply", disabled: isNothing }, "Apply");
  const close = h("button", { type: "button" }, "Close");
  const dialog = modal("plan", "Plan",
    isNothing ? nothing("Everything is of this recipe.", "There is nothing to derive.") : [
      h("p", { class: "soft" }, "Nothing is done yet."),
      changes.length > 0 && h("ul", { class: "changes" }, changes.map(([name, before, after]) => h("li", {}, h("span", { class: "mono" }, name), " ", h("s", {}, before), " → ", h("b", {}, after)))),
      warnings.map((text) => h("div", { class: "alert", role: "alert" }, h("b", {}, "Mind"), h("span", {}, text))),
      facts([
        ["objects", `${count(plan.objects)}${plan.objects_unchanged ? `, and ${count(plan.objects_unchanged)} that are of this recipe` : ""}`],
        ["to cut", `${plural(plan.contents_to_cut, "image", "images")}, ${count(Math.round(plan.pixels / 1e6))} MP`],
        ["to link", plan.contents_to_link > 0 && `${plural(plan.contents_to_link, "image", "images")} that this recipe was applied to before`],
        ["size unknown", plan.contents_of_unknown_size > 0 && `${plural(plan.contents_of_unknown_size, "image", "images")} that could not be decoded so far`],
        ["to fetch", needsFetch ? `${plural(plan.originals_to_fetch, "original", "originals")}, ${bytes(plan.bytes_to_fetch)}: not kept in the store` : plan.contents_to_cut ? "nothing: all originals are kept" : "nothing: no original is needed"],
        ["time", plan.seconds === undefined ? "not known: nothing has been measured yet" : `about ${duration(plan.seconds)}${plan.pixels_per_second ? `, at ${compact(Math.round(plan.pixels_per_second / 1e6))} MP/s measured ${plan.measured_under_this_recipe ? "under this recipe" : "in this store"}` : ""}`],
        ["disk", `${bytes(plan.disk_needed)} at most, ${bytes(plan.disk_free)} free`],
        ["recipe", h("span", { class: "mono" }, `${brief(plan.from) || "–"} → ${brief(plan.to)}`)],
      ]),
      table([
        ["partition", (row) => row.name, "key"], ["objects", (row) => count(row.objects), "n"],
        ["added", (row) => count(row.tiles.added), "n"], ["removed", (row) => count(row.tiles.removed), "n"],
        ["replaced", (row) => count(row.tiles.replaced), "n"], ["kept", (row) => count(row.tiles.kept), "n"],
      ], plan.partitions),
      !operable && h("p", { class: "soft" }, "To apply it here, set ", h("code", {}, "http_operate_token"), "; ", h("code", {}, "swathlog reprocess --apply"), " needs none."),
    ], h("menu", {}, close, operable && apply));
  dialog.classList.add("wide");
  close.onclick = () => dialog.close();
  apply.onclick = async () => {
    apply.disabled = true;
    try {
      const answer = await post("/v1/reprocess/apply", { ...wish, recipe: plan.to });
      dialog.close();
      toast(answer.new ? "Asked for: the next generation is derived." : answer.generation ? "It is asked for already." : "Everything is of this recipe.");
      onApplied();
    } catch (error) {
      apply.disabled = false;
      toast(error.message, true);
    }
  };
  (operable && !isNothing ? apply : close).focus();
}

/** What changes is replaced and the rest left as it is: a button that is about to be pressed stays the same. */
function showRunning(place, waiting, first, operable, onCancelled) {
  place.hidden = !waiting.length;
  const shown = new Map([...place.children]
    .filter((section) => Boolean(section.querySelector("[data-cancel]")) === operable)
    .map((section) => [section.dataset.generation, section]));
  const sections = waiting.map((item) => {
    const done = item.objects - item.waiting;
    if (!first.has(item.id) && item.state === "deriving") first.set(item.id, { at: Date.now(), done });
    const since = first.get(item.id);
    const left = since && done > since.done && item.waiting ? ((Date.now() - since.at) / 1000 / (done - since.done)) * item.waiting : undefined;
    const words = item.state === "queued" ? "waits for the one before it" : item.waiting ? `${count(done)} of ${plural(item.objects, "object", "objects")}` : "complete, about to take its place";
    const body = h("div", { class: "body" }, h("progress", { max: Math.max(1, item.objects), value: item.state === "queued" ? 0 : done, "aria-label": "objects that are derived" }),
      h("p", { class: "legend" }, h("span", {}, words), left !== undefined && h("span", {}, `about ${duration(left)} left`),
        h("span", {}, plural(item.tiles, "tile", "tiles")), item.failed > 0 && h("span", { class: "state bad" }, plural(item.failed, "failure", "failures")),
        item.partitions.length > 0 && h("span", {}, `of ${item.partitions.join(", ")}`)));
    const section = shown.get(item.id) ?? h("section", { class: "panel generation", "data-generation": item.id },
      h("header", {}, h("h2", {}, "Next generation"), h("span", { class: "soft mono" }, brief(item.recipe)),
        operable && h("button", { class: "small", "data-cancel": item.id, onclick: () => cancel(item, onCancelled) }, "Cancel …")),
      h("div", { class: "body" }));
    section.dataset.state = item.state;
    section.querySelector(".body").replaceWith(body);
    return section;
  });
  const isSame = sections.length === place.children.length && sections.every((section, index) => section === place.children[index]);
  if (!isSame) place.replaceChildren(...sections);
}

async function cancel(item, onCancelled) {
  const isSure = await confirmed("Cancel the re-derivation?", "The dataset stays as it is. What was made for the next generation is removed, and would have to be cut again.", "Cancel it", "Go on with it");
  if (!isSure) return;
  try {
    await post(`/v1/generations/${encodeURIComponent(item.id)}/cancel`);
    onCancelled();
  } catch (error) {
    toast(error.message, true);
  }
}

function generations(items) {
  return table([
    ["state", (item) => state(item.state)], ["recipe", (item) => h("span", { class: "mono" }, brief(item.recipe)), "nowrap"],
    ["of", (item) => item.partitions.join(", ") || (item.prefix ?? "all"), "wrap"], ["objects", (item) => count(item.objects), "n"],
    ["failed", (item) => count(item.failed), "n"], ["tiles", (item) => count(item.tiles), "n"],
    ["asked for", (item) => position(item.requested_position), "nowrap"], ["ended", (item) => (item.ended_position ? position(item.ended_position) : "–"), "nowrap"],
  ], items);
}
