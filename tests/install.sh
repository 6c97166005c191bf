#!/bin/bash
# Installs those of bough's Debian 12 packages that are missing; quick when none is.
#   tests/install.sh GROUP...           groups: build, run, image, test
#   tests/install.sh --list GROUP...    prints the packages instead
# The one list of packages: quickstart.sh, run.sh and the Dockerfile use it.
set -euo pipefail

build=(build-essential cmake ninja-build pkg-config ccache mold git ca-certificates
  libgit2-dev libcurl4-openssl-dev libpqxx-dev libpq-dev libssl-dev libsodium-dev libyaml-cpp-dev
  libboost1.81-dev libcli11-dev libfmt-dev libspdlog-dev nlohmann-json3-dev)
run=(bubblewrap ca-certificates git postgresql-15 postgresql-client-15)
# What a bough that was built elsewhere is linked to, and the first process of its container.
image=(libgit2-1.5 libcurl4 libpqxx-6.4 libpq5 libssl3 libsodium23 libyaml-cpp0.7 libfmt9 libspdlog1.10 tini)
test=(libgtest-dev libgmock-dev python3 procps openssl openssh-client openssh-server nginx-light
  fcgiwrap apache2-utils npm alembic python3-psycopg2 sqitch libdbd-pg-perl
  python3-jsonschema python3-yaml clang)

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

packages() {
  local group
  for group in "$@"; do
    case $group in
      build) printf '%s\n' "${build[@]}" ;;
      run) printf '%s\n' "${run[@]}" ;;
      image) printf '%s\n' "${image[@]}" ;;
      test) printf '%s\n' "${test[@]}" ;;
      *) fail "there is no group $group; the groups are build, run, image, test" ;;
    esac
  done | sort -u
}

installed() {
  dpkg-query --show --showformat='${db:Status-Abbrev} ${Package}\n' | sed -n 's/^.i  *//p'
}

# Node comes from elsewhere as often as from Debian, whose own package would then conflict.
missing() {
  comm -13 <(installed | sort -u) <(packages "$@") |
    while read -r package; do
      [ "$package" = npm ] && command -v npm >/dev/null || echo "$package"
    done
}

services() {
  local name
  for name in fcgiwrap.service fcgiwrap.socket nginx.service postgresql.service ssh.service; do
    [ ! -e "/lib/systemd/system/$name" ] || echo "$name"
  done
}

# bough and its tests start servers of their own: those of the packages stay off, now and after
# the next start of the machine, and PostgreSQL's makes no cluster.
install_quietly() {
  local rule=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.d
  local before made=("$clusters/bough-install.conf") status=0
  before=$(services)
  mkdir -p "$clusters"
  echo 'create_main_cluster = false' >"${made[0]}"
  if [ ! -e "$rule" ]; then
    made+=("$rule")
    install -m 755 <(printf '#!/bin/sh\nexit 101\n') "$rule"
  fi
  apt-get -qq update && apt-get -qq -y --no-install-recommends install "$@" || status=$?
  rm -f "${made[@]}"
  switch_off "$before"
  return $status
}

switch_off() {
  command -v systemctl >/dev/null || return 0
  comm -13 <(echo "$1") <(services) | while read -r name; do
    systemctl --quiet disable "$name" || true
  done
}

main() {
  if [ "${1:-}" = --list ]; then
    packages "${@:2}"
    return
  fi
  local lacking
  lacking=$(packages "$@" >/dev/null && missing "$@")
  [ -n "$lacking" ] || return 0
  command -v apt-get >/dev/null || fail "this is not Debian; install:" $lacking
  echo "Installing:" $lacking
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "neither root nor sudo; as root, run: $0 $*"
    exec sudo -- "$0" "$@"
  fi
  local log
  log=$(mktemp)
  if ! DEBIAN_FRONTEND=noninteractive install_quietly $lacking >"$log" 2>&1; then
    tail -20 "$log" >&2
    fail "apt-get failed; all it said is in $log"
  fi
  rm "$log"
}

main "$@"
