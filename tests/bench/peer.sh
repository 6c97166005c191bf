#!/bin/sh
# What a team writes into CI: a database for each branch, made and migrated with the usual programs.
# peer.sh REMOTE MIRROR APP [BRANCH...]   (default: all branches)
# The server is named by PGHOST, PGPORT, PGUSER and PGPASSWORD; BRANCH_PASSWORD is what roles get.
set -eu
remote=$1 mirror=$2 app=$3
shift 3

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

if [ ! -d "$mirror" ]; then git clone --quiet --mirror "$remote" "$mirror"; fi
git -C "$mirror" fetch --quiet --prune
if [ $# -eq 0 ]; then
  # Branch names of Git hold no blanks.
  # shellcheck disable=SC2046
  set -- $(git -C "$mirror" for-each-ref --format='%(refname:strip=2)' refs/heads)
fi

create() {
  createuser --no-createdb --no-createrole --no-superuser "$1"
  sql -d postgres -c "ALTER ROLE \"$1\" PASSWORD '$BRANCH_PASSWORD' CONNECTION LIMIT 20"
  createdb --owner="$1" --template=template0 "$1"
  sql -d postgres -c "REVOKE ALL ON DATABASE \"$1\" FROM PUBLIC;
                      GRANT CONNECT, TEMPORARY, CREATE ON DATABASE \"$1\" TO \"$1\";
                      COMMENT ON DATABASE \"$1\" IS 'branch database';"
}

# $1: database, $2: branch. Applies the files that its own table does not know yet.
migrate() {
  applied=$(PGUSER=$1 PGPASSWORD=$BRANCH_PASSWORD sql -d "$1" -c "
    CREATE TABLE IF NOT EXISTS schema_migrations (file text PRIMARY KEY);
    SELECT file FROM schema_migrations ORDER BY 1" 2> /dev/null)
  wanted=$(git -C "$mirror" ls-tree -r --name-only "$2" migrations/)
  [ "$applied" = "$wanted" ] && return
  work=$(mktemp -d)
  git -C "$mirror" archive "$2" migrations | tar -x -C "$work"
  for file in $wanted; do
    case "
$applied
" in *"
$file
"*) continue ;; esac
    PGUSER=$1 PGPASSWORD=$BRANCH_PASSWORD sql -d "$1" -f "$work/$file" \
      -c "INSERT INTO schema_migrations VALUES ('$file')"
  done
  rm -r "$work"
}

for branch in "$@"; do
  database="$app--$branch"
  [ "$branch" = main ] && database="$app-production"
  exists=$(sql -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$database'")
  [ -n "$exists" ] || create "$database"
  migrate "$database" "$branch"
done
