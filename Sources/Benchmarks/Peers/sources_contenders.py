"""Who lists and fetches in the benchmark, and by what command."""

import dataclasses
import json
import sys

import sources_servers

# Downloads at a time: the agent's default.
DOWNLOADS = 8


@dataclasses.dataclass(frozen=True)
class Contender:
    """A program that lists or fetches, by the name that the tables have for it."""

    name: str
    # `{out}` stands for the directory that files go to.
    command: tuple
    # Whether it prints a line for each key, where it lists; all else prints JSON or nothing.
    prints_keys: bool = False

    def words(self, out):
        return [word.replace("{out}", str(out)) for word in self.command]

    def listed(self, text):
        """How many keys it says there are, and how many of them it says are new, changed or gone."""
        if self.prints_keys:
            return text.count(b"\n"), 0
        said = json.loads(text)
        return said["listed"], sum(said.get(name, 0) for name in ("observed", "missing", "changed", "removed"))


@dataclasses.dataclass(frozen=True)
class Scene:
    """A bucket, what is done with it, and by whom; `size` is keys where it is listed, bytes where it is fetched."""

    name: str
    server: str
    unit: str
    size: int
    contenders: tuple
    # Where files go: "memory" or "disk"; listings have none.
    place: str = ""


def ours(program, mode, endpoint, bucket, *options):
    words = (program, "sources", mode, f"s3://{bucket}", "--endpoint", endpoint, *map(str, options))
    return Contender(f"swathlog {mode}", words)


def bare(endpoint, bucket):
    return Contender("bare client", (sys.executable, str(sources_servers.PEERS / "bare_listing.py"), endpoint, bucket))


def rclone_lsf(endpoint, bucket):
    # Without --fast-list it asks for each folder by itself, which takes longer.
    words = ("lsf", "--recursive", "--fast-list", "--files-only")
    return Contender("rclone lsf", (*rclone(endpoint), *words, f"peer:{bucket}"), prints_keys=True)


def rclone_copy(endpoint, bucket, *options, name="rclone copy"):
    return Contender(name, (*rclone(endpoint), "copy", *options, f"peer:{bucket}", "{out}"))


def rclone(endpoint):
    return (str(sources_servers.BIN / "rclone"), "--s3-endpoint", endpoint)


def aws(endpoint, name, *words):
    command = (sys.executable, "-m", "awscli", "--endpoint-url", endpoint, "s3", *words)
    return Contender(name, command, prints_keys=words[0] == "ls")


def listing(program, endpoint, bucket, with_aws):
    """Each lists, and keeps nothing."""
    everybody = [bare(endpoint, bucket), ours(program, "list", endpoint, bucket), rclone_lsf(endpoint, bucket)]
    if with_aws:
        everybody.append(aws(endpoint, "aws s3 ls", "ls", "--recursive", f"s3://{bucket}"))
    return tuple(everybody)


def comparing(program, endpoint, bucket, store):
    """Ours lists and compares with a store that knows every key; the others list."""
    return (
        bare(endpoint, bucket),
        ours(program, "sweep", endpoint, bucket, "--directory", store),
        rclone_lsf(endpoint, bucket),
        ours(program, "reconcile", endpoint, bucket, "--directory", store),
    )


def filling(endpoint, directory, bucket):
    """What puts a directory's files into a bucket that is made for them."""
    return (*rclone(endpoint), "copy", str(directory), f"peer:{bucket}")


def fetching(program, endpoint, bucket):
    many = ("--transfers", str(DOWNLOADS))
    return (
        rclone_copy(endpoint, bucket),
        ours(program, "fetch", endpoint, bucket, "--directory", "{out}", "--downloads", DOWNLOADS),
        rclone_copy(endpoint, bucket, *many, name=f"rclone copy, {DOWNLOADS} at a time"),
        aws(endpoint, "aws s3 cp", "cp", "--recursive", "--only-show-errors", f"s3://{bucket}", "{out}"),
    )


def environment():
    """What all contenders are told by the environment."""
    return {
        **sources_servers.SECRETS,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        # The word for no file at all.
        "RCLONE_CONFIG": "/notfound",
        "RCLONE_CONFIG_PEER_TYPE": "s3",
        "RCLONE_CONFIG_PEER_PROVIDER": "Other",
        "RCLONE_CONFIG_PEER_ENV_AUTH": "true",
        "RCLONE_CONFIG_PEER_FORCE_PATH_STYLE": "true",
        "RCLONE_CONFIG_PEER_LIST_VERSION": "2",
    }
