#!/bin/sh
# Tests what takes several processes: population scoring on a real Spark cluster (a master, two workers), and the service as two web processes and two
# workers, of which some are killed (that on the PostgreSQL and Redis that tests/with_postgres.sh and with_redis.sh name). Installs what that needs.
# Arguments go to pytest. Wanted from the caller: PYTHON with tests/requirements.txt installed.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
PYTHON=${PYTHON:-$root/.venv/bin/python}

if ! command -v java >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || {
        echo "make test-cluster: needs Java 17 or newer; install it, or run this as root." >&2
        exit 1
    }
    echo "Installing Java"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null
fi
"$PYTHON" -m pip install --quiet -r "$root/tests/cluster/requirements.txt"
cd "$root"
RAPPORT_TEST_CLUSTER=1 exec "$PYTHON" -m pytest -q tests/cluster "$@"
