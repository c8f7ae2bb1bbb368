"""What a measurement was made on and with: a figure without it says little."""

import importlib.metadata
import os
import pathlib
import platform


def processor():
    """The model's name; Linux on ARM does not give one."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def describe(packages, load_before, rounds, **more):
    # Asked of the packages' metadata: importing them would make the driver large, and with it every child's start.
    versions = {name: importlib.metadata.version(name) for name in packages}
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **versions,
        **more,
        "load_before": round(load_before, 2),
        "load_after": round(os.getloadavg()[0], 2),
        "rounds": rounds,
    }
