#!/usr/bin/env bash
# What the gate does for examples/shop, by hand and one step after another. It runs in the shop's
# folder and needs docker with compose, curl and python3. Only the order of work is the point:
# nothing runs beside anything else, as in most pipelines.
set -euo pipefail

project="shop-by-hand-$$"
base="http://127.0.0.1:${BACKEND_PORT:-8000}"
compose() { docker compose --env-file .env.ci --project-name "$project" "$@"; }
down() { compose --profile tests down --volumes --rmi local --remove-orphans --timeout 10 >/dev/null 2>&1; }
trap down EXIT
exec 3>&1 1>/tmp/"$project".log 2>&1
step() { printf '  %4d s  %s\n' "$SECONDS" "$1" >&3; }

step "model and images"
compose --profile tests config --quiet
compose --profile tests build

step "databases up, healthy"
compose up --detach --wait db redis

step "base's revisions, seed, migrations"
compose run --rm --no-deps backend alembic upgrade head
compose run --rm --no-deps backend python create_test_data.py
compose run --rm --no-deps backend alembic upgrade head
compose run --rm --no-deps backend alembic heads
compose run --rm --no-deps backend alembic current

step "stack up, healthy"
compose up --detach
until [ "$(docker inspect --format '{{.State.Health.Status}}' "$(compose ps --quiet backend)")" = healthy ]; do sleep 0.5; done
until compose logs worker | grep -q "worker ready"; do sleep 0.5; done

step "nothing restarts within the settle window"
sleep 5
for service in db redis backend worker; do
  [ "$(docker inspect --format '{{.RestartCount}}' "$(compose ps --quiet "$service")")" = 0 ]
done

step "requests"
curl --fail --silent --header "Origin: https://shop.example" "$base/health"
curl --fail --silent --header "Origin: https://evil.example" "$base/health"
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' --header 'content-type: application/json' --data '{"lines": []}' "$base/orders")" = 401 ]
for path in /health /ready /metrics /products /openapi.json /products; do
  curl --fail --silent --output /dev/null "$base$path"
done

step "a command in redis"
compose exec -T redis redis-cli config get appendonly maxmemory-policy

step "smoke and integration suites"
compose run --rm tests pytest tests/smoke
compose run --rm tests pytest tests/integration

step "audit of the database"
query() { compose exec -T db psql --username shop --dbname shop --tuples-only --no-align --command "$1" </dev/null; }
query "select conname from pg_constraint where contype = 'f' and not convalidated"
query "select conname, confdeltype from pg_constraint where contype = 'f'"
query "select format('select count(*) from %s c left join %s p on c.%I = p.%I where c.%I is not null and p.%I is null',
         k.conrelid::regclass, k.confrelid::regclass, a.attname, b.attname, a.attname, b.attname)
       from pg_constraint k
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
       join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
       where k.contype = 'f'" | while IFS= read -r count; do query "$count"; done

step "down"
trap - EXIT
down
step "done"
rm -f /tmp/"$project".log
