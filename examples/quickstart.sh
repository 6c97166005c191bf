#!/bin/bash
# Builds bough and shows its main job on a small shop: a database for every branch, from Git.
#   examples/quickstart.sh [FOLDER]            plays in FOLDER (default: /tmp/bough-quickstart)
#   examples/quickstart.sh --clean [FOLDER]    stops what runs there and removes it
# With BOUGH set to a bough program, nothing is installed or built.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
example=$root/examples/shop
folder=${TMPDIR:-/tmp}/bough-quickstart
program=${BOUGH:-$root/build/release/reconciler/bough}
daemon=
started=$SECONDS
first_row='SELECT * FROM products ORDER BY id LIMIT 1'

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

fail() {
  echo "quickstart.sh: $*" >&2
  exit 1
}

# Shows a command as one would type it in the folder, and runs it.
show() {
  local word line=
  for word in "$@"; do
    case $word in
      *[!a-zA-Z0-9_./:=-]*) line+=" '$word'" ;;
      *) line+=" $word" ;;
    esac
  done
  printf '%s$%s%s\n' "$bold" "$line" "$plain"
  "$@"
}

bough() { "$program" "$@"; }

build() {
  "$root/tests/install.sh" build run
  local log=$root/build/quickstart.log
  mkdir -p "$root/build"
  echo "Building bough (some minutes the first time) ..."
  (cd "$root" && cmake --preset release && cmake --build --preset release) >"$log" 2>&1 || {
    tail -30 "$log" >&2
    fail "the build failed; all it said is in $log"
  }
}

# Only what this script made is ever removed.
clean() {
  [ -e "$folder" ] || return 0
  [ -O "$folder" ] && [ -e "$folder/.quickstart" ] ||
    fail "$folder is not a quickstart's; name another folder"
  if [ -x "$program" ] && [ -e "$folder/bough.yaml" ]; then
    bough --config "$folder/bough.yaml" dev stop
  fi
  # Where bough puts its servers when it is root and their user cannot reach the folder.
  local elsewhere
  elsewhere=/var/lib/bough/$(realpath "$folder/.bough" | tr -d '\n' | sha256sum | cut -c 1-12)
  rm -rf "$folder" "$elsewhere"
}

stop_daemon() {
  [ -n "$daemon" ] || return 0
  local status=0
  kill -TERM "$daemon"
  wait "$daemon" || status=$?
  daemon=
  [ "$status" = 0 ] || fail "bough serve ended with $status; see $folder/serve.log"
}

# Puts an overlay of files on a branch, made from main when it is new, and pushes it.
push() {
  local branch=$1 files=$2 message=$3
  git -C shop switch --quiet "$branch" 2>/dev/null ||
    git -C shop switch --quiet --create "$branch" main
  cp -R "$files/." shop/
  git -C shop add --all
  git -C shop commit --quiet --message "$message"
  git -C shop push --quiet origin "$branch"
}

make_repository() {
  git init --quiet --bare --initial-branch main shop.git
  git init --quiet --initial-branch main shop
  git -C shop config user.name Shopkeeper
  git -C shop config user.email shop@example.com
  git -C shop config commit.gpgsign false
  git -C shop remote add origin ../shop.git
  cp -R "$example/app/." shop/
  git -C shop add --all
  git -C shop commit --quiet --message "Sell products"
  git -C shop push --quiet origin main
  push reviews "$example/branches/reviews" "Let customers review"
  push feature/stock "$example/branches/feature/stock" "Count what is left"
}

# Waits until status says so of a branch; bough does not need this, a script that goes on does.
await() {
  local branch=$1 words=$2 until=$((SECONDS + 60))
  until grep --quiet -- "$words" <<<"$(bough status shop --branch "$branch")"; do
    kill -0 "$daemon" 2>/dev/null || fail "bough serve ended; see $folder/serve.log"
    [ "$SECONDS" -lt "$until" ] || fail "$branch is not '$words' after a minute: $(bough status)"
    sleep 0.2
  done
}

short_commit() { git -C shop rev-parse "$1" | cut -c 1-7; }

first_look() {
  say "A shop with three branches, each with migrations of its own"
  show git -C shop log --oneline --graph --all
  show cat shop/app.yaml
  show cat bough.yaml
  say "What would bough do?"
  show bough plan
  say "Do it: a private PostgreSQL, three databases, builds and migrations"
  show bough apply --yes
  say "And now?"
  show bough status
  show bough plan
}

look_inside() {
  say "Every branch has the schema of its own commit"
  show bough connect shop -- -c "$first_row"
  show bough connect shop --branch reviews -- -c "$first_row"
  show bough connect shop --branch feature/stock -- -c "$first_row"
}

watch_pushes() {
  say "From now on by itself: the daemon looks every second"
  printf '%s$ bough serve >serve.log &%s\n' "$bold" "$plain"
  "$program" serve >serve.log 2>&1 &
  daemon=$!
  echo "A push to reviews, and a new branch, wishlist ..."
  push reviews "$example/later/reviews" "Let customers give stars"
  push wishlist "$example/later/wishlist" "Remember wishes"
  await reviews "$(short_commit reviews).*Connected.*migration succeeded"
  await wishlist "$(short_commit wishlist).*Connected.*migration succeeded"
  show bough connect shop --branch reviews -- -c "$first_row"
  show bough connect shop --branch wishlist -- -c "$first_row"
  say "A branch is deleted: its database is held, with its data"
  show git -C shop push --quiet origin --delete feature/stock
  await feature/stock Held
  show bough status
  printf '%s$ kill -TERM %s%s\n' "$bold" "$daemon" "$plain"
  stop_daemon
}

farewell() {
  say "Done in $((SECONDS - started)) s. Now you:"
  cat <<END
  cd $folder
  export PATH="$(dirname "$program"):\$PATH" BOUGH_CONFIG=$folder/bough.yaml

  bough serve                                   # in a terminal of its own; then push:
  cd shop && git switch -c my-idea main         # change migrations/, commit
  git push origin my-idea
  bough connect shop --branch my-idea           # psql on your branch's database
  git push origin feature/stock                 # comes back with its data
  bough --help

The private PostgreSQL goes on running. To stop it and remove everything:
  $root/examples/quickstart.sh --clean $folder
END
}

main() {
  local only_clean=
  case ${1:-} in
    --clean) only_clean=yes && shift ;;
    -*) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 0 ;;
  esac
  folder=${1:-$folder}
  case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
  clean
  [ -z "$only_clean" ] || exit 0
  [ -n "${BOUGH:-}" ] || build
  started=$SECONDS
  mkdir -m 755 "$folder"
  cd "$folder"
  touch .quickstart
  trap '[ -z "$daemon" ] || kill -TERM "$daemon"' EXIT
  make_repository
  printf '%s\n' 'poll: 1s' 'repositories:' '  - name: shop' '    url: ./shop.git' >bough.yaml
  first_look
  look_inside
  watch_pushes
  farewell
}

main "$@"
