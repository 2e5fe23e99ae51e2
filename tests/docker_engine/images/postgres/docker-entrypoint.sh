#!/bin/bash
# Stand-in for the official image's entrypoint: the same variables, the same order of events.
# The first server listens on its socket only, so nobody sees a half-made database.
set -Eeuo pipefail

value_or_file() { # NAME DEFAULT: $NAME, or the content of the file $NAME_FILE
  local file="${1}_FILE"
  if [[ -n ${!file:-} ]]; then printf '%s' "$(<"${!file}")"; else printf '%s' "${!1:-$2}"; fi
}

create_cluster() {
  local user password database method
  user=$(value_or_file POSTGRES_USER postgres)
  password=$(value_or_file POSTGRES_PASSWORD '')
  database=$(value_or_file POSTGRES_DB "$user")
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [[ -z $password && $method != trust ]]; then
    echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
    echo '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.' >&2
    exit 1
  fi
  # shellcheck disable=SC2086
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") \
    --encoding=UTF8 --locale=C.UTF-8 ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w start
  local sql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$user")
  if [[ $database != postgres ]]; then
    "${sql[@]}" --dbname postgres --set name="$database" <<<'CREATE DATABASE :"name";'
  fi
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh) if [[ -x $script ]]; then "$script"; else . "$script"; fi ;;
      *.sql) "${sql[@]}" --dbname "$database" -f "$script" ;;
      *.sql.gz) gunzip -c "$script" | "${sql[@]}" --dbname "$database" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo 'PostgreSQL init process complete; ready for start up.'
}

[[ ${1:-} == -* ]] && set -- postgres "$@"
if [[ ${1:-} == postgres && ! " $* " =~ \ (--help|--version|-V|-\?)\  ]]; then
  if [[ $(id -u) == 0 ]]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
    chmod 00700 "$PGDATA"
    HOME=/var/lib/postgresql exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  [[ -s $PGDATA/PG_VERSION ]] || create_cluster
fi
exec "$@"
