#!/bin/bash
# Stand-in for the official image's entrypoint: the same variables, the same order of events.
# The first server has no network, so nobody sees a half-made database.
set -Eeuo pipefail

variable() { # NAME: $MARIADB_NAME, $MYSQL_NAME, or the content of the file the _FILE one names
  local prefix name file
  for prefix in MARIADB MYSQL; do
    name="${prefix}_$1" file="${prefix}_$1_FILE"
    if [[ -n ${!file:-} ]]; then printf '%s' "$(<"${!file}")"; return; fi
    if [[ -n ${!name:-} ]]; then printf '%s' "${!name}"; return; fi
  done
}

quoted() { # a SQL string literal
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

create_database() {
  local root database user password socket=/run/mysqld/first.sock
  root=$(variable ROOT_PASSWORD) database=$(variable DATABASE)
  user=$(variable USER) password=$(variable PASSWORD)
  if [[ -z $root && -z $(variable ALLOW_EMPTY_ROOT_PASSWORD) && -z $(variable RANDOM_ROOT_PASSWORD) ]]; then
    echo 'Database is uninitialized and password option is not specified: MARIADB_ROOT_PASSWORD' >&2
    exit 1
  fi
  [[ -n $(variable RANDOM_ROOT_PASSWORD) ]] && root=$(head -c 24 /dev/urandom | base64)
  mariadb-install-db --datadir=/var/lib/mysql --auth-root-authentication-method=normal \
    --skip-test-db >/dev/null
  mariadbd --skip-networking --socket=$socket --pid-file=/run/mysqld/first.pid &
  local server=$! try
  for try in {1..300}; do mariadb-admin --socket=$socket ping >/dev/null 2>&1 && break; sleep 0.1; done
  {
    [[ -n $database ]] && printf 'CREATE DATABASE IF NOT EXISTS `%s`;\n' "${database//\`/\`\`}"
    if [[ -n $user && -n $password ]]; then
      printf 'CREATE USER %s@"%%" IDENTIFIED BY %s;\n' "$(quoted "$user")" "$(quoted "$password")"
      [[ -n $database ]] && printf 'GRANT ALL ON `%s`.* TO %s@"%%";\n' "${database//_/\\_}" "$(quoted "$user")"
    fi
    printf 'CREATE USER root@"%%" IDENTIFIED BY %s;\n' "$(quoted "$root")"
    printf 'GRANT ALL ON *.* TO root@"%%" WITH GRANT OPTION;\n'
    printf 'ALTER USER root@localhost IDENTIFIED BY %s;\n' "$(quoted "$root")"
  } | mariadb --socket=$socket -u root
  local script client=(mariadb --socket=$socket -u root "-p$root")
  [[ -n $root ]] || client=(mariadb --socket=$socket -u root)
  [[ -n $database ]] && client+=("$database")
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh) if [[ -x $script ]]; then "$script"; else . "$script"; fi ;;
      *.sql) "${client[@]}" <"$script" ;;
      *.sql.gz) gunzip -c "$script" | "${client[@]}" ;;
    esac
  done
  kill "$server"
  wait "$server"
  echo 'MariaDB init process done. Ready for start up.'
}

[[ ${1:-} == -* ]] && set -- mariadbd "$@"
if [[ ${1:-} == mariadbd || ${1:-} == mysqld ]]; then
  shift
  set -- mariadbd "$@"
  if [[ $(id -u) == 0 ]]; then
    mkdir -p /run/mysqld
    find /var/lib/mysql /run/mysqld \! -user mysql -exec chown mysql '{}' +
    exec setpriv --reuid=mysql --regid=mysql --init-groups "$0" "$@"
  fi
  [[ -d /var/lib/mysql/mysql ]] || create_database
fi
exec "$@"
