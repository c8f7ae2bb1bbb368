// Datasets and their versions.

import { all, get, part } from "./api.js";
import { at, bytes, copyable, count, facts, h, into, link, nothing, panel, plural, position, state, table } from "./dom.js";

export function showDatasets(main) {
  const list = h("div", {});
  main.append(h("h1", {}, "Datasets"), h("section", { class: "panel" }, list));
  into(list, async () => {
    const items = [];
    for await (const page of all("/v1/datasets")) items.push(...page);
    return items;
  }, (items) => items.length ? table([
    ["dataset", (dataset) => link(at("dataset", dataset.name), dataset.name)],
    ["versions", (dataset) => count(dataset.versions), "n"],
    ["files", (dataset) => (dataset.newest ? count(dataset.newest.files) : "–"), "n"],
    ["size", (dataset) => (dataset.newest ? bytes(dataset.newest.bytes) : "–"), "n"],
    ["newest", (dataset) => h("span", { class: "mono" }, dataset.newest?.git_commit?.slice(0, 12) ?? "–"), "nowrap"],
    ["state", (dataset) => standing(dataset.newest, dataset.uncommitted)],
    ["from", (dataset) => h("span", { class: "soft" }, dataset.bucket), "wrap"],
  ], items) : nothing("There is no dataset yet.", "One is made for the first folder of the keys, once their tiles are cut."));
}

function standing(version, isWaiting = false) {
  if (isWaiting || !version) return state("waiting");
  if (version.committed_position === undefined) return state("observed");
  return h("span", { class: "state good" }, version.pushed_position ? "pushed" : version.remote ? "in git, to be pushed" : "in git");
}

export function showDataset(main, { rest: [name] }) {
  const top = h("div", {});
  const list = h("div", {});
  main.append(h("div", { class: "head" }, h("div", {}, h("div", { class: "crumbs" }, link("/datasets", "Datasets")), h("h1", {}, name)),
    h("div", { class: "head-end" }, link(`/objects?dataset=${encodeURIComponent(name)}`, "Its objects"), link(`/map?dataset=${encodeURIComponent(name)}`, "On the map"))),
  h("section", { class: "panel" }, top), panel("Versions", "newest first", list));
  into(top, () => get(`/v1/datasets/${encodeURIComponent(name)}`), ({ newest, versions, bucket, uncommitted }) => newest
    ? h("div", { class: "body" }, facts([
      ["state", standing(newest, uncommitted)], ["versions", count(versions)], ["holds", `${plural(newest.files, "file", "files")}, ${bytes(newest.bytes)}`],
      ["git commit", newest.git_commit && copyable(newest.git_commit)], ["pointer", h("code", {}, `${name}.dvc`)], ["manifest", copyable(newest.manifest)],
      ["remote", newest.remote], ["from", bucket],
      ["check it out", h("code", {}, `git checkout ${(newest.git_commit ?? "").slice(0, 12)} && dvc checkout ${name}.dvc`)],
    ])) : nothing("It has no version yet.", "What is being cut for it is committed after a quiet moment."));
  let cursor;
  const load = () => into(list, () => part(`/v1/datasets/${encodeURIComponent(name)}/versions`, { limit: 50, cursor }), (page) => [
    page.items.length ? table([
      ["version", (version) => link(at("lineage", version.id), version.git_commit?.slice(0, 12) ?? "under way"), "mono nowrap"],
      ["added", (version) => `+${count(version.added)}`, "n"], ["changed", (version) => `~${count(version.changed)}`, "n"],
      ["removed", (version) => `−${count(version.removed)}`, "n"], ["files", (version) => count(version.files), "n"],
      ["size", (version) => bytes(version.bytes), "n"], ["state", (version) => standing(version)],
      ["events", (version) => h("span", {}, position(version.from_position), " to ", position(version.through_position)), "nowrap"],
      ["recipe", (version) => h("span", { class: "mono soft" }, version.recipe.slice(0, 10)), "nowrap"],
    ], page.items) : nothing("There is no version yet."),
    page.next !== undefined && h("div", { class: "pager" }, h("button", {
      onclick() {
        cursor = page.next;
        load();
      },
    }, "Older →")),
  ]);
  load();
}
