#!/bin/bash
# Stand-in for the official image's entrypoint: options or a *.conf alone start the server.
set -euo pipefail

[[ ${1:-} == -* || ${1:-} == *.conf ]] && set -- redis-server "$@"
if [[ ${1:-} == redis-server ]]; then
  if [[ $(id -u) == 0 ]]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
  fi
  # The official build has the protected mode off by default; what the user writes wins.
  if ! { printf '%s\n' "$@"; [[ ${2:-} == *.conf ]] && cat "$2"; } | grep -q 'protected-mode'; then
    set -- "$@" --protected-mode no
  fi
fi
exec "$@"
