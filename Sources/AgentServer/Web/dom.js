// Elements and texts. Whatever comes from a store becomes text, never markup.

/** Makes an element: attributes and listeners (onclick) by name, then children. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Makes an SVG element. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(3).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** What stands between backquotes in a text becomes code. */
export const spans = (text) => text.split("`").map((piece, index) => (index % 2 ? h("code", {}, piece) : piece));

const numbers = new Intl.NumberFormat("en-GB");
const short = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });

export const count = (value) => numbers.format(value ?? 0);
export const compact = (value) => ((value ?? 0) < 10_000 ? count(value) : short.format(value));
export const plural = (value, one, many) => `${count(value)} ${value === 1 ? one : many}`;
export const brief = (id, digits = 12) => (id ?? "").slice(0, digits);

export function bytes(value) {
  let [amount, unit] = [value ?? 0, 0];
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  while (amount >= 1000 && unit < units.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  return `${unit && amount < 100 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}

/** A length of time in its two greatest units at most. */
export function duration(seconds) {
  if (seconds === undefined || seconds === null) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

export function rate(perMinute) {
  if (!perMinute) return "–";
  return perMinute >= 600 ? `${compact(Math.round(perMinute / 60))}/s` : `${compact(Math.round(perMinute * 10) / 10)}/min`;
}

/** A moment, as its reader's clock has it; the exact one on hover. */
export function moment(text, withDate = true) {
  if (!text) return h("span", {}, "–");
  const date = new Date(text);
  const time = date.toLocaleTimeString("en-GB");
  const isToday = date.toDateString() === new Date().toDateString();
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  return h("time", { datetime: text, title: text, class: "nowrap" }, withDate && !isToday ? `${day}, ${time}` : time);
}

const kinds = {
  derived: "good", delivered: "good", enabled: "good", watching: "good", observed: "going", fetched: "going",
  queued: "going", deriving: "going", "cut-over": "good", quarantined: "bad", abandoned: "bad", failing: "bad", gone: "bad", waiting: "warn",
};
export const state = (name) => h("span", { class: `state ${kinds[name] ?? ""}` }, name);

/** A link to one of the page's parts. */
export const link = (path, ...children) => h("a", { href: `#${path}` }, ...children);
export const at = (...parts) => "/" + parts.map(encodeURIComponent).join("/");
export const position = (number) => link(at("event", number), `#${number}`);

/** A panel with a heading. */
export function panel(title, aside, ...children) {
  return h("section", { class: "panel" }, h("header", {}, h("h2", {}, title), aside && h("span", { class: "soft" }, aside)), ...children);
}

/** A table whose columns are [name, cell of a row, class]; narrow screens show its rows as cards. */
export function table(columns, rows) {
  return h("div", { class: "scroll" }, h("table", { class: "cards" },
    h("thead", {}, h("tr", {}, columns.map(([name, , kind]) => h("th", { scope: "col", class: kind }, name)))),
    h("tbody", {}, rows.map((row) => tableRow(columns, row)))));
}

export function tableRow(columns, row) {
  return h("tr", {}, columns.map(([name, cell, kind]) => h("td", { class: kind, "data-name": name }, cell(row))));
}

export function facts(entries) {
  return h("dl", { class: "facts" }, entries.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false)
    .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

export const nothing = (title, ...more) => h("div", { class: "note" }, h("strong", {}, title), ...more.map((text) => h("p", {}, text)));
export const loading = () => h("div", { class: "loading", role: "progressbar", "aria-label": "loading" });
export function failed(error, again) {
  return h("div", { class: "note bad", role: "alert" }, h("strong", {}, error.title ?? "That did not work"), h("p", {}, error.message),
    again && h("button", { onclick: again }, "Try again"));
}

/** What each place was asked to show last: an answer that was overtaken is thrown away. */
const asked = new WeakMap();

/** Fills a place with what is fetched, and says so while it is on its way and when it does not come. */
export async function into(place, fetch, show) {
  asked.set(place, fetch);
  place.replaceChildren(loading());
  try {
    const value = await fetch();
    if (asked.get(place) !== fetch) return;
    place.replaceChildren(...[show(value)].flat(3).filter(Boolean));
  } catch (error) {
    if (error.name === "AbortError" || asked.get(place) !== fetch) return;
    place.replaceChildren(failed(error, () => into(place, fetch, show)));
  }
}

export function toast(text, isBad = false) {
  const element = h("div", { class: isBad ? "toast bad" : "toast" }, text);
  document.getElementById("toasts").append(element);
  setTimeout(() => element.remove(), isBad ? 9000 : 4000);
}

/** A dialogue that is open; it is gone once it is closed, and the focus is where it was. */
export function modal(id, title, ...children) {
  const dialog = h("dialog", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), ...children);
  dialog.addEventListener("close", () => dialog.remove(), { once: true });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks whether something is really to be done. */
export function confirmed(title, text, yes, no) {
  return new Promise((resolve) => {
    const doIt = h("button", { class: "primary", type: "button", "data-confirm": true }, yes);
    const dialog = modal("confirm", title, h("p", {}, text), h("menu", {}, h("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, no), doIt));
    doIt.onclick = () => dialog.close("yes");
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** A digest or id that is copied with a click. */
export function copyable(text, shown = text) {
  return h("button", {
    class: "plain mono key", title: `Copy ${text}`,
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text);
        toast("Copied.");
      } catch {
        toast(text);
      }
    },
  }, shown);
}
