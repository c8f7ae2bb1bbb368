"""Medians of the runs, the rows that have bars, and how both are printed."""

import dataclasses
import json
import statistics

import contenders


@dataclasses.dataclass(frozen=True)
class Row:
    """What ours must be to the peer's: `ratio` is ours divided by the peer's."""

    name: str
    peer: str
    unit: str
    bar: float
    aim: float
    # Ours may take no more than this of the peer's bytes.
    bytes_bar: float | None = None
    less_is_better: bool = False

    def reached(self, ratio, bytes_ratio, wrong):
        if wrong:
            return "wrong tiles"
        if self.bytes_bar is not None and bytes_ratio > self.bytes_bar:
            return "too many bytes"
        for least, word in [(self.aim, "aim"), (self.bar, "bar")]:
            if ratio <= least if self.less_is_better else ratio >= least:
                return word
        return "no"


ROWS = [
    Row("png-fast", "opencv png", "MP/s", 4, 5, bytes_bar=1.0),
    Row("png-balanced", "opencv png", "MP/s", 2.5, 3.2, bytes_bar=0.92),
    Row("jpeg", "opencv jpeg", "MP/s", 1.5, 1.8),
    Row("jpeg-lossless", "opencv jpeg", "MP/s", 4, 6),
    Row("png-augment", "opencv+albumentations png", "MP/s", 3.5, 5),
    Row("rss-100mp", "one process of opencv", "MB", 1 / 4, 1 / 8, less_is_better=True),
    Row("limit-share", "bare libraries jpeg", "MP/CPU s", 0.85, 0.95),
]


def medians(group):
    """One contender's runs in one scene as one set of figures."""

    def of(figure):
        return statistics.median(figure(run) for run in group)

    speeds = [run.megapixels / run.wall for run in group]
    return {
        "mp_per_second": of(lambda run: run.megapixels / run.wall),
        "mp_per_second_least": min(speeds),
        "mp_per_second_most": max(speeds),
        "mp_per_cpu_second": of(lambda run: run.megapixels / run.cpu),
        "rss_mb": of(lambda run: run.rss_mb),
        "rss_sum_mb": of(lambda run: run.rss_sum_mb),
        "tiles": of(lambda run: run.tiles),
        "bytes": of(lambda run: run.bytes),
        "runs": len(group),
        "wrong": next((run.wrong for run in group if run.wrong), ""),
    }


def compare_speed(figures, row):
    """20 MP on tmpfs, which no disk slows: by the clock, and by CPU seconds, which a busy machine moves less."""
    figures = {name: of for (size, place, name), of in figures.items() if (size, place) == ("20 MP", "tmpfs")}
    is_share = row.name == "limit-share"
    figure = "mp_per_cpu_second" if is_share else "mp_per_second"
    ours, peer = figures["swathlog jpeg" if is_share else f"swathlog {row.name}"], figures[row.peer]
    more = {
        "bytes_ratio": round(ours["bytes"] / peer["bytes"], 3),
        "cpu_ratio": round(ours["mp_per_cpu_second"] / peer["mp_per_cpu_second"], 3),
        "wrong": ours["wrong"] or peer["wrong"],
    }
    plain = figures.get(f"{row.peer}, SHA-256 only")
    if plain:
        more["ratio_to_peer_without_md5"] = round(ours[figure] / plain[figure], 3)
    return ours[figure], peer[figure], more


def compare_memory(figures):
    """Our hungriest mode against the peer's most modest, one image of 100 MP each; and two images at once of ours."""

    def peaks(program, is_one):
        return [
            of["rss_mb"]
            for (size, place, name), of in figures.items()
            if size == "100 MP" and name.startswith(program) and name.endswith(", 1 image") == is_one
        ]

    peer, two = min(peaks("opencv", True)), max(peaks("swathlog", False))
    more = {"ours_two_images": round(two, 2), "ratio_two_images": round(two / peer, 3)}
    return max(peaks("swathlog", True)), peer, more


def compare(figures, row):
    """One row as the JSON has it."""
    ours, peer, more = compare_memory(figures) if row.name == "rss-100mp" else compare_speed(figures, row)
    if row.bytes_bar is not None:
        more["bytes_bar"] = row.bytes_bar
    return {
        "name": row.name,
        "ours": round(ours, 2),
        "peer": round(peer, 2),
        "ratio": round(ours / peer, 3),
        "unit": row.unit,
        "compared_with": row.peer,
        "bar": row.bar,
        "aim": row.aim,
        "reached": row.reached(ours / peer, more.get("bytes_ratio"), more.get("wrong")),
        **more,
    }


def as_json(runs, about):
    figures = {key: medians(group) for key, group in runs.items()}
    everybody = []
    for (size, place, name), of in figures.items():
        rounded = {key: round(value, 2) if isinstance(value, float) else value for key, value in of.items()}
        everybody.append({"size": size, "place": place, "contender": name, **rounded})
    rows = [compare(figures, row) for row in ROWS]
    return json.dumps({"measurements": rows, "contenders": everybody, "machine": about})


def as_text(runs, about):
    figures = {key: medians(group) for key, group in runs.items()}
    lines = [
        ", ".join(f"{name} {value}" for name, value in about.items()),
        f"{contenders.WORKERS} workers, tiles of {contenders.TILE} px, overlap {contenders.OVERLAP}, JPEG quality "
        f"{contenders.QUALITY}; medians; MP are the images'; memory of the largest process, and of all together",
    ]
    scene = None
    for (size, place, name), of in figures.items():
        if scene != (size, place):
            scene = (size, place)
            lines += ["", heading(f"{size} to {place}")]
        lines.append(line(name, of))
        if of["wrong"]:
            lines.append(f"    its tiles are wrong: {of['wrong']}")
    return "\n".join([*lines, "", *comparison([compare(figures, row) for row in ROWS])])


def libjpeg(runs):
    """The version that the bare libraries' program was built with."""
    versions = {run.extra["libjpeg"] for group in runs.values() for run in group if "libjpeg" in run.extra}
    return ", ".join(sorted(versions))


def heading(title):
    return f"{title:<32}{'MP/s':>8}{'least':>8}{'most':>8}{'MP/CPU s':>10}{'RSS MB':>8}{'all':>7}{'tiles':>7}{'MB':>9}"


def line(name, of):
    speeds = f"{of['mp_per_second']:>8.1f}{of['mp_per_second_least']:>8.1f}{of['mp_per_second_most']:>8.1f}"
    memory = f"{of['rss_mb']:>8.0f}{of['rss_sum_mb']:>7.0f}"
    return f"{name:<32}{speeds}{of['mp_per_cpu_second']:>10.1f}{memory}{of['tiles']:>7.0f}{of['bytes'] / 1e6:>9.1f}"


def comparison(rows):
    """The rows as a table; below it what one should know besides."""
    figures = f"{'ours':>8}{'peer':>8}{'ratio':>8}{'bar':>7}{'aim':>7}"
    lines = [f"{'':<15}{figures}  {'reached':<15}{'unit':<10}{'by CPU':>7}  bytes"]
    for row in rows:
        figures = f"{row['ours']:>8.1f}{row['peer']:>8.1f}{row['ratio']:>8.3f}{row['bar']:>7.3g}{row['aim']:>7.3g}"
        by_cpu = f"{row['cpu_ratio']:.2f}" if "cpu_ratio" in row else ""
        taken = f"{row['bytes_ratio']:.3f}" if "bytes_ratio" in row else ""
        if "bytes_bar" in row:
            taken += f" (at most {row['bytes_bar']:.2f})"
        lines.append(f"{row['name']:<15}{figures}  {row['reached']:<15}{row['unit']:<10}{by_cpu:>7}  {taken}".rstrip())
    for row in rows:
        if "ratio_to_peer_without_md5" in row:
            lines.append(f"{row['name']}: {row['ratio_to_peer_without_md5']:.2f} x a peer that takes no MD5")
        if "ratio_two_images" in row:
            two, ratio = row["ours_two_images"], row["ratio_two_images"]
            lines.append(f"{row['name']}: {two:.0f} MB with two images at once, {ratio:.3f} of the peer's one")
    return lines
