// Lineage as a graph: from the source, by what was made, down to who was told.

import { brief, bytes, count, svg } from "./dom.js";

const columns = [
  ["source", ["observed", "sources"]], ["content", ["fetched", "validated", "quarantined", "superseded", "removed"]],
  ["derivation", ["derivation", "derived"]], ["tile", ["tile", "damage"]], ["dataset version", ["dataset", "commit"]],
  ["remote", ["push"]], ["told", ["notification"]],
];
const [width, height, gapX, gapY, top] = [172, 62, 34, 12, 26];

/** Lines of a step: what it is, and its two most telling facts. */
function lines(step) {
  switch (step.step) {
    case "observed": return ["Observed", (step.key ?? "").split("/").at(-1), step.bytes && bytes(step.bytes)];
    case "sources": return ["Sources", `${count(step.objects)} objects`, ""];
    case "fetched": return ["Fetched", `sha256 ${brief(step.sha256)}`, ""];
    case "validated": return ["Validated", "every pixel decoded", ""];
    case "derivation": return ["Derivation", `recipe ${brief(step.recipe, 10)}`, step.host];
    case "derived": return ["Completed", step.tiles ? `${count(step.tiles)} tiles` : "", step.width && `${step.width} × ${step.height}`];
    case "tile": return ["Tile", (step.path ?? "").split("/").at(-1), `sha256 ${brief(step.sha256)}`];
    case "dataset": return ["Version", step.partition, `${count(step.files)} files`];
    case "commit": return ["Git commit", brief(step.git_commit), step.log_size && `anchors ${count(step.log_size)} events`];
    case "push": return ["Pushed", (step.remote ?? "").split("/").at(-1), ""];
    case "notification": return [`Told, ${step.state}`, step.kind, step.status ? `answered ${step.status}` : step.error];
    default: return [step.step, step.reason ?? "", step.message ?? ""];
  }
}

const fit = (text, letters) => (text && text.length > letters ? `${text.slice(0, letters - 1)}…` : text ?? "");
const isBad = (step) => ["quarantined", "removed", "damage"].includes(step.step) || step.state === "abandoned";
const subjects = { object: "observed", tile: "tile", derivation: "derivation", "dataset version": "dataset", notification: "notification" };

/** Draws the answer of /v1/lineage. */
export function graph({ subject, steps }) {
  const filled = columns.map(([title, kinds]) => [title, steps.filter((step) => kinds.includes(step.step))]).filter(([, found]) => found.length);
  const rows = Math.max(1, ...filled.map(([, found]) => found.length));
  const size = [filled.length * (width + gapX) - gapX + 2, top + rows * (height + gapY)];
  const picture = svg("svg", { width: size[0], height: size[1], viewBox: `0 0 ${size[0]} ${size[1]}`, role: "group", "aria-label": `Lineage of ${subject.kind} ${subject.id}` });
  const middle = (index) => top + index * (height + gapY) + height / 2;
  filled.forEach(([title, found], column) => {
    const x = column * (width + gapX) + 1;
    picture.append(svg("text", { x, y: 12, class: "column" }, title));
    const before = filled[column - 1]?.[1] ?? [];
    // Within a column one thing follows the other; from one to the next the ends are joined.
    for (let index = 1; index < found.length && !["source", "told"].includes(title); index++) {
      const y = top + index * (height + gapY);
      picture.append(svg("path", { class: "edge", d: `M${x + 20} ${y - gapY}V${y}` }));
    }
    const fan = ["source", "told"].includes(title) || before.length === 0 ? found.map((_, index) => index) : [0];
    const from = filled[column - 1]?.[0] === "source" ? before.map((_, index) => index) : [before.length - 1];
    for (const start of column ? from : []) {
      for (const end of fan) {
        const [x1, y1, y2] = [x - gapX, middle(start), middle(end)];
        picture.append(svg("path", { class: "edge", d: `M${x1} ${y1}C${x1 + gapX / 2} ${y1} ${x - gapX / 2} ${y2} ${x} ${y2}` }));
      }
    }
    found.forEach((step, index) => picture.append(node(step, x, top + index * (height + gapY), step.step === subjects[subject.kind])));
  });
  return picture;
}

function node(step, x, y, isSubject) {
  const [title, ...said] = lines(step);
  const names = ["node", isSubject ? "subject" : "", isBad(step) ? "bad" : ""].filter(Boolean).join(" ");
  const all = Object.entries(step).filter(([name]) => name !== "settings").map(([name, value]) => `${name}: ${value}`).join("\n");
  const parts = [
    svg("title", {}, all), svg("rect", { x, y, width, height, rx: 5 }),
    svg("text", { x: x + 10, y: y + 18, class: "title" }, fit(title, 20)),
    step.position && svg("text", { x: x + width - 9, y: y + 18, "text-anchor": "end", class: "at" }, `#${step.position}`),
    ...said.map((text, index) => svg("text", { x: x + 10, y: y + 35 + index * 15, class: "sub" }, fit(text, 26))),
  ];
  return step.position
    ? svg("a", { class: names, href: `#/event/${step.position}`, "data-step": step.step, "aria-label": `${title}, ${said.filter(Boolean).join(", ")}, event ${step.position}` }, parts)
    : svg("g", { class: names, "data-step": step.step }, parts);
}
