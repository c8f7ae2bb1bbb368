// What could not be processed, why, and what can be done about it.

import { part, post } from "./api.js";
import { at, confirmed, count, h, into, link, nothing, position, table, toast } from "./dom.js";

export function showQuarantine(main, { query, onStatus }) {
  const reason = h("select", { name: "reason" }, h("option", { value: "" }, "all"));
  const which = h("select", { name: "dismissed" }, h("option", { value: "false" }, "in quarantine"), h("option", { value: "true" }, "dismissed"));
  const list = h("div", {});
  const everything = h("div", { class: "head-end" });
  if (query.get("reason")) reason.append(h("option", { value: query.get("reason"), selected: true }, query.get("reason")));
  main.append(h("div", { class: "head" }, h("h1", {}, "Quarantine"), everything),
    h("p", { class: "soft" }, "Nothing is dropped in silence: what a stage gave up on stays here until it is released, dismissed, or uploaded anew."),
    h("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, h("label", {}, "Reason", reason), h("label", {}, "Show", which)),
    h("section", { class: "panel" }, list));

  const locked = h("p", { class: "soft", hidden: true }, "To release and dismiss here, set ", h("code", {}, "http_operate_token"), "; ", h("code", {}, "swathlog quarantine release"), " needs none.");
  list.parentElement.before(locked);
  let [cursor, operable] = [undefined, true];
  const load = () => into(list, () => part("/v1/quarantine", { reason: reason.value, dismissed: which.value, limit: 100, cursor }), (page) => {
    showWhole(page.items);
    if (!page.items.length) return which.value === "true" ? nothing("Nothing was dismissed.") : nothing("Nothing is in quarantine.", "Everything that was seen was processed, or is about to be.");
    return [table([
      ["object", (item) => (item.kind === "object" ? link(at("object", item.id), item.key) : h("span", {}, "notice ", h("span", { class: "mono" }, item.id.slice(0, 12)))), "key"],
      ["reason", (item) => h("span", { class: "state bad" }, item.reason), "nowrap"],
      ["what is wrong", (item) => item.message, "wrap"], ["stage", (item) => item.stage || "–", "nowrap soft"],
      ["event", (item) => position(item.position), "nowrap"], ["", (item) => actions(item), "n"],
    ], page.items), page.next !== undefined && h("div", { class: "pager" }, h("button", {
      onclick() {
        cursor = page.next;
        load();
      },
    }, "Older →"))];
  });

  function actions(item) {
    const isDismissed = which.value === "true";
    return h("span", { class: "actions" },
      item.kind === "object" && operable && (item.outdated
        ? h("span", { class: "soft", title: "A newer version of the key is known." }, "outdated")
        : h("button", { class: "small", "data-release": item.id, onclick: (event) => act(event, item, "release", "Released: it is tried again.") }, "Release")),
      !isDismissed && operable && h("button", { class: "small", onclick: (event) => act(event, item, "dismiss", "Dismissed.") }, "Dismiss"));
  }

  async function act(event, item, name, done) {
    const row = event.currentTarget.closest("tr");
    const buttons = row.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    try {
      await post(`/v1/quarantine/${encodeURIComponent(item.id)}/${name}`);
      toast(done);
      row.remove();
      if (!list.querySelector("tbody tr")) load();
    } catch (error) {
      for (const button of buttons) button.disabled = false;
      toast(error.message, true);
    }
  }

  /** All that is under a reason goes in one request, whatever of it is shown. */
  function showWhole(items) {
    const isOffered = operable && reason.value && which.value === "false" && items.length > 0;
    everything.replaceChildren(...(isOffered ? [
      items.some((item) => item.kind === "object") && h("button", { id: "release-all", onclick: () => actOnAll("release", "tried again") }, `Release all under ${reason.value}`),
      h("button", { id: "dismiss-all", onclick: () => actOnAll("dismiss", "laid aside") }, "Dismiss all of them"),
    ].filter(Boolean) : []));
  }

  async function actOnAll(name, done) {
    const code = reason.value;
    const isSure = name === "release" || (await confirmed("Dismiss all of them?", `Everything under ${code} stays out, and counts as trouble no more. It can be released later.`, "Dismiss them", "Leave them"));
    if (!isSure) return;
    for (const button of everything.querySelectorAll("button")) button.disabled = true;
    try {
      const { recorded, left } = await post(`/v1/reasons/${encodeURIComponent(code)}/${name}`);
      toast(`${count(recorded)} ${done}${left ? `; ${count(left)} can't be: notices, or replaced by a newer version` : ""}.`);
    } catch (error) {
      toast(error.message, true);
    }
    cursor = undefined;
    load();
  }

  const stop = onStatus((status) => {
    if (operable !== status.operable) {
      operable = status.operable;
      locked.hidden = operable;
      load();
    }
    const known = new Set([...reason.options].map((option) => option.value));
    for (const name of Object.keys(status.quarantine).sort()) if (!known.has(name)) reason.append(h("option", { value: name }, name));
  });
  for (const control of [reason, which]) control.addEventListener("change", () => {
    cursor = undefined;
    load();
  });
  load();
  return stop;
}
