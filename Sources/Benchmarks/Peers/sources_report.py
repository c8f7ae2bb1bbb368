"""Medians of the runs of tools/bench sources, the rows that have bars, and how both are printed."""

import dataclasses
import json
import statistics

# MB that ours may take, and bytes a known object that polling may keep.
MEMORY_LIMIT, STATE_LIMIT = 100, 100

RCLONE_COPIES = ("rclone copy", "rclone copy, 8 at a time")


@dataclasses.dataclass(frozen=True)
class Row:
    """What ours must be to the fastest of the peers: `ratio` is ours divided by the peer's."""

    name: str
    scene: str
    ours: str
    peers: tuple
    # None where nobody asked for one.
    bar: float | None


ROWS = [
    Row("list", "list", "swathlog list", ("rclone lsf",), None),
    Row("list-aws", "list", "swathlog list", ("aws s3 ls",), None),
    Row("list-fast", "list-fast", "swathlog list", ("rclone lsf",), None),
    Row("compare", "compare", "swathlog sweep", ("bare client",), 0.5),
    Row("compare-rclone", "compare", "swathlog sweep", ("rclone lsf",), 0.5),
    Row("known", "known", "swathlog sweep", ("bare client",), None),
    Row("reconcile", "compare", "swathlog reconcile", ("bare client",), 0.5),
    Row("fetch", "fetch", "swathlog fetch", RCLONE_COPIES, 1),
    Row("fetch-aws", "fetch", "swathlog fetch", ("aws s3 cp",), None),
    Row("fetch-moto", "fetch-moto", "swathlog fetch", RCLONE_COPIES, 1),
    Row("fetch-disk", "fetch-disk", "swathlog fetch", RCLONE_COPIES, None),
]


class Report:
    """What the rounds came to."""

    def __init__(self, scenes, runs, stores, about):
        self.stores = stores
        self.about = about
        self.runs = runs
        self.figures = {}
        self.titles = {}
        for scene in scenes:
            work = scene.size / 1e6 if scene.unit == "MB/s" else scene.size
            self.titles[scene.name] = title(scene)
            for who in scene.contenders:
                group = runs[scene.name, who.name]
                self.figures[scene.name, who.name] = medians(group, work, scene.unit)

    def rows(self):
        rows = [self.compare(row) for row in ROWS if (row.scene, row.ours) in self.figures]
        return rows + [self.memory(), self.state()]

    def compare(self, row):
        ours = self.figures[row.scene, row.ours]
        name = max(row.peers, key=lambda peer: self.figures[row.scene, peer]["rate"])
        peer = self.figures[row.scene, name]
        ratio, wrong = ours["rate"] / peer["rate"], ours["wrong"] or peer["wrong"]
        return {
            **figures_of(row.name, ours["rate"], peer["rate"], ours["unit"], name, row.bar),
            "reached": reached(row.bar, row.bar is not None and ratio >= row.bar, wrong),
            # Work for each CPU second, ours divided by the peer's.
            "cpu_ratio": round(peer["cpu"] / ours["cpu"], 3),
            "wrong": wrong,
        }

    def memory(self):
        """The largest process of ours in any run, the store's learning included."""
        peaks = [run.rss_mb for (_, who), group in self.runs.items() if who.startswith("swathlog") for run in group]
        most = max([*peaks, *(store.rss_mb for store in self.stores)])
        row = figures_of("rss", most, MEMORY_LIMIT, "MB", "the limit", 1)
        return {**row, "reached": reached(1, most <= MEMORY_LIMIT, "")}

    def state(self):
        """What polling keeps besides the catalog, which is there whatever announces objects."""
        store = self.stores[-1]
        bytes_of_one = store.state_bytes / store.keys
        row = figures_of("state", bytes_of_one, STATE_LIMIT, "bytes a known object", "the limit", 1)
        return {
            **row,
            "reached": reached(1, bytes_of_one <= STATE_LIMIT, ""),
            "known_keys": store.keys,
            "catalog_bytes_of_one": round(store.catalog_bytes / store.keys, 1),
        }

    def json(self):
        everybody = [
            {"scene": scene, "contender": who, **rounded(of)} for (scene, who), of in self.figures.items()
        ]
        stores = [rounded(dataclasses.asdict(store)) for store in self.stores]
        return json.dumps(
            {"measurements": self.rows(), "contenders": everybody, "stores": stores, "machine": self.about}
        )

    def text(self):
        lines = [", ".join(f"{name} {value}" for name, value in self.about.items())]
        seen = None
        for (scene, who), of in self.figures.items():
            if scene != seen:
                seen = scene
                heads = f"{of['unit']:>10}{'least':>10}{'most':>10}{'CPU s':>8}{'RSS MB':>8}"
                lines += ["", f"{self.titles[scene]:<56}{heads}"]
            rates = f"{of['rate']:>10,.0f}{of['rate_least']:>10,.0f}{of['rate_most']:>10,.0f}"
            lines.append(f"{who:<56}{rates}{of['cpu']:>8.1f}{of['rss_mb']:>8.0f}")
            if of["wrong"]:
                lines.append(f"    wrong: {of['wrong']}")
        store = self.stores[0]
        lines += [
            "",
            f"A store learned {store.keys:,} keys, {store.keys / store.seconds:,.0f} a second, "
            f"with {store.rss_mb:.0f} MB; its catalog has {store.catalog_bytes / store.keys:.0f} bytes a key.",
        ]
        lines += [
            f"A store that knew {store.keys:,} keys swept them at {store.keys / store.seconds:,.0f} a second, "
            f"with {store.rss_mb:.0f} MB; what polling keeps is {store.state_bytes:,} bytes in all."
            for store in self.stores[1:]
        ]
        lines.append("")
        return "\n".join([*lines, *table(self.rows())])


def medians(group, work, unit):
    """One contender's runs in one scene as one set of figures."""
    rates = [work / run.wall for run in group]
    return {
        "rate": statistics.median(rates),
        "rate_least": min(rates),
        "rate_most": max(rates),
        "unit": unit,
        "cpu": statistics.median(run.cpu for run in group),
        "rss_mb": statistics.median(run.rss_mb for run in group),
        "runs": len(group),
        "wrong": next((run.wrong for run in group if run.wrong), ""),
    }


def title(scene):
    size = f"{scene.size:,} keys" if scene.unit == "keys/s" else f"{scene.size / 1e6:,.0f} MB to {scene.place}"
    return f"{scene.name}: {size}, {scene.server}"


def figures_of(name, ours, peer, unit, compared_with, bar):
    return {
        "name": name,
        "ours": round(ours, 4),
        "peer": round(peer, 2),
        "ratio": round(ours / peer, 4),
        "unit": unit,
        "compared_with": compared_with,
        "bar": bar,
    }


def reached(bar, is_reached, wrong):
    if wrong:
        return "wrong"
    if bar is None:
        return ""
    return "bar" if is_reached else "no"


def rounded(of):
    return {key: round(value, 2) if isinstance(value, float) else value for key, value in of.items()}


def table(rows):
    heads = f"{'ours':>11}{'peer':>11}{'ratio':>8}{'bar':>6}  {'reached':<9}{'by CPU':>7}"
    lines = [f"{'':<16}{heads}  compared with, unit"]
    for row in rows:
        bar = "" if row["bar"] is None else f"{row['bar']:g}"
        by_cpu = f"{row['cpu_ratio']:.2f}" if "cpu_ratio" in row else ""
        figures = f"{row['ours']:>11,.1f}{row['peer']:>11,.1f}{row['ratio']:>8.3f}{bar:>6}"
        told = f"{row['reached']:<9}{by_cpu:>7}  {row['compared_with']}, {row['unit']}"
        lines.append(f"{row['name']:<16}{figures}  {told}")
    return lines
