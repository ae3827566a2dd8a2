#!/bin/bash
# A private MariaDB for tests: own data folder, free port, 127.0.0.1 only, full durability. The server of the machine, if
# there is one, is neither used nor touched.
#   mariadb.sh start [FOLDER]   installs Debian's mariadb-server if it is missing, starts, prints the URL
#   mariadb.sh url   [FOLDER]   prints the URL of the one that runs
#   mariadb.sh stop  [FOLDER]   ends exactly the process that `start` started
# Set TEST_MYSQL_URL to the URL; every test makes a database of its own in it and drops it.
set -euo pipefail

COMMAND=${1:-start}
FOLDER=${2:-${TMPDIR:-/tmp}/job-scheduler-mariadb}
PID_FILE=$FOLDER/mariadbd.pid
PORT_FILE=$FOLDER/port

# What has ended but was not collected by its parent still takes signals.
alive() { kill -0 "$1" 2>/dev/null && ! grep -qs '^State:.*Z' "/proc/$1/status"; }
running() { [ -s "$PID_FILE" ] && alive "$(cat "$PID_FILE")"; }
print_url() { echo "mysql://root@127.0.0.1:$(cat "$PORT_FILE")"; }

install_server() {
  command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null && return
  if [ "$(id -u)" != 0 ]; then
    echo "mariadb.sh: mariadbd is missing; install mariadb-server, or run this as root" >&2
    exit 1
  fi
  # A policy that forbids it keeps the package from starting a server of its own.
  local policy=/usr/sbin/policy-rc.d made=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    made=yes
  fi
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mariadb-server; } >&2
  if [ "$made" = yes ]; then rm -f "$policy"; fi
}

free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 20000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  echo "mariadb.sh: no free port found" >&2
  exit 1
}

start() {
  if running; then
    print_url
    return
  fi
  install_server
  mkdir -p "$FOLDER"
  # As root the server steps down to the user of the package, who must be able to reach the folder.
  local as=()
  if [ "$(id -u)" = 0 ]; then
    as=(--user=mysql)
    chmod 755 "$FOLDER"
    chown mysql "$FOLDER"
  fi
  if [ ! -d "$FOLDER/data/mysql" ]; then
    rm -rf "$FOLDER/data"
    mariadb-install-db --no-defaults "${as[@]}" --datadir="$FOLDER/data" --auth-root-authentication-method=normal \
      --skip-test-db >"$FOLDER/install.log" 2>&1 || { cat "$FOLDER/install.log" >&2; exit 1; }
  fi
  # One that was stopped comes back where it was.
  [ -s "$PORT_FILE" ] || free_port >"$PORT_FILE"
  mariadbd --no-defaults "${as[@]}" --datadir="$FOLDER/data" --bind-address=127.0.0.1 --port="$(cat "$PORT_FILE")" \
    --socket="$FOLDER/s.sock" --pid-file="$FOLDER/server.pid" --innodb-flush-log-at-trx-commit=1 \
    --innodb-buffer-pool-size=256M --max-connections=500 --skip-name-resolve >"$FOLDER/server.log" 2>&1 </dev/null &
  echo $! >"$PID_FILE"
  disown
  for _ in $(seq 300); do
    if mariadb --no-defaults -uroot --protocol=tcp -h127.0.0.1 -P"$(cat "$PORT_FILE")" -e 'SELECT 1' >/dev/null 2>&1; then
      print_url
      return
    fi
    running || break
    sleep 0.1
  done
  tail -20 "$FOLDER/server.log" >&2
  exit 1
}

stop() {
  if ! running; then return; fi
  local pid
  pid=$(cat "$PID_FILE")
  kill "$pid"
  for _ in $(seq 200); do
    alive "$pid" || break
    sleep 0.1
  done
  rm -f "$PID_FILE"
}

case $COMMAND in
  start) start ;;
  stop) stop ;;
  url) running && print_url || { echo "mariadb.sh: not running" >&2; exit 1; } ;;
  *) sed -n '2,7p' "$0" >&2; exit 2 ;;
esac
