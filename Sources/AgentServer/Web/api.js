// Asks the agent's API: JSON, pictures, and streams of server-sent events.

let token = sessionStorage.getItem("swathlog-token") ?? "";
let asking = null;
/** Whether somebody would rather give no token: then only what they do themselves asks again. */
let declined = false;

/** What the API refused, in its words. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.detail ?? `The agent answered with ${status}.`);
    this.status = status;
    this.code = body.code;
    this.title = { 404: "Not found", 401: "A token is needed", 403: "That is not allowed", 409: "That can't be done" }[status];
  }
}

const headers = () => (token ? { Authorization: `Bearer ${token}` } : {});

/** Asks for a token; resolves to whether one was given. Who asks meanwhile waits for the same answer. */
function askForToken(why) {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("token");
    dialog.querySelector("#token-why").textContent = why;
    const input = dialog.querySelector("input");
    input.value = "";
    dialog.returnValue = "";
    dialog.querySelector("button[type=button]").onclick = () => dialog.close("");
    dialog.addEventListener("close", () => {
      asking = null;
      declined = dialog.returnValue !== "ok" || !input.value;
      if (declined) return resolve(false);
      token = input.value;
      sessionStorage.setItem("swathlog-token", token);
      resolve(true);
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

/** Sends a request, with `json` as its body where there is one; `unasked` for what the page does by itself. */
export async function send(path, { json, unasked = false, ...options } = {}) {
  if (json !== undefined) options = { ...options, body: JSON.stringify(json), headers: { "Content-Type": "application/json" } };
  for (;;) {
    const sent = token;
    let response;
    try {
      response = await fetch(path, { ...options, headers: { ...headers(), ...options.headers } });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw Object.assign(new Error("The agent can't be reached. Is it running?"), { title: "No answer" });
    }
    if (response.ok) return response;
    const body = await response.json().catch(() => ({}));
    const refusal = new Refusal(response.status, body);
    const mayHelp = (response.status === 401 || (response.status === 403 && options.method === "POST")) && !/is set$/.test(refusal.message);
    // Another request may have been given a token meanwhile.
    if (mayHelp && (sent !== token || (!(unasked && declined) && (await askForToken(refusal.message))))) continue;
    throw refusal;
  }
}

function url(path, query = {}) {
  const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return said.length ? `${path}?${new URLSearchParams(said)}` : path;
}

export const get = async (path, query, signal) => (await send(url(path, query), { signal })).json();
/** Whoever changes something needs a token: it is asked for before, not after a refusal. */
export async function post(path, json) {
  if (!token && !(await askForToken("This changes the course of things: it takes the token of http_operate_token."))) {
    throw new Error("Nothing was changed.");
  }
  return (await send(path, { method: "POST", json })).json();
}

/** One part of a list that has at least one item, unless there are no more: a filter may leave parts empty. */
export async function part(path, query, signal) {
  for (let cursor = query.cursor; ;) {
    const page = await get(path, { ...query, cursor }, signal);
    if (page.items.length || page.next === undefined) return page;
    cursor = page.next;
  }
}

/** All items of a list, part by part. */
export async function* all(path, query = {}, signal) {
  for (let cursor; ;) {
    const page = await get(path, { limit: 1000, ...query, cursor }, signal);
    yield page.items;
    if (page.next === undefined) return;
    cursor = page.next;
  }
}

/** A picture as an address for <img>; to be let go of with URL.revokeObjectURL. */
export async function picture(path, signal) {
  return URL.createObjectURL(await (await send(path, { signal })).blob());
}

/** Gives what is at a path to the browser's downloads. */
export async function save(path, name) {
  const address = await picture(path);
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Resolves once the page can be seen. */
function whenSeen() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true })).then(whenSeen);
}

/** Gives each message of a stream to `take`, as its fields. */
async function read(response, take) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const messages = text.split("\n\n");
    text = messages.pop();
    for (const message of messages) {
      const fields = message.split("\n").map((line) => line.match(/^([^:]*): ?(.*)$/)?.slice(1) ?? [line, ""]);
      const values = (wanted) => fields.filter(([name]) => name === wanted).map(([, value]) => value);
      take(values("id")[0], values("data").join("\n"));
    }
  }
}

/**
 * Follows a stream until it is stopped, and takes it up again where it was when the connection breaks.
 * EventSource can't send a token, so the few lines of the format are read here. A page that nobody sees lets go of its
 * connection: a browser has only six for all the tabs of one server.
 */
export function follow(path, query, { onMessage, onState = () => {} }) {
  const stop = new AbortController();
  (async () => {
    let [last, wait] = [undefined, 500];
    while (!stop.signal.aborted) {
      let lost = "lost";
      await whenSeen();
      const connection = new AbortController();
      const letGo = () => document.hidden && connection.abort();
      const leave = () => connection.abort();
      document.addEventListener("visibilitychange", letGo);
      window.addEventListener("pagehide", leave);
      try {
        const more = last === undefined ? {} : { "Last-Event-ID": last };
        const signal = AbortSignal.any([stop.signal, connection.signal]);
        const response = await send(url(path, query), { signal, headers: more, unasked: true });
        onState("live");
        wait = 500;
        await read(response, (id, data) => {
          last = id ?? last;
          if (data) onMessage(JSON.parse(data));
        });
      } catch (error) {
        if (stop.signal.aborted) return;
        if (error.status === 401) lost = "locked";
        // The log is another, or an older one: it is followed from where it ends.
        if (error.code === "position-unknown") last = undefined;
      } finally {
        document.removeEventListener("visibilitychange", letGo);
        window.removeEventListener("pagehide", leave);
      }
      if (connection.signal.aborted && document.hidden) continue;
      onState(lost);
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(wait * 2, 8000);
    }
  })();
  return () => stop.abort();
}
