#!/usr/bin/env bash
# Starts the gate's container in the machine's network, and takes it down again.
#   gate.sh start   builds the image, copies in what the runner tells, and becomes the container
#   gate.sh end     copies out outputs and summary, and removes whatever is left of the run
# Files of commands are copied, not mounted: a job that runs in a container has them where the
# engine cannot see them.
set -euo pipefail

state="$RUNNER_TEMP/readiness-gate"
tag="readiness-gate-composite"
socket="${DOCKER_HOST:-unix:///var/run/docker.sock}"

options() {
  local pair name
  options=(--network host --volume "${socket#unix://}:/var/run/docker.sock"
    --volume "$GITHUB_WORKSPACE:$GITHUB_WORKSPACE" --workdir "$GITHUB_WORKSPACE")
  # By name alone: a command line can be read by everybody on the machine.
  while IFS= read -r -d '' pair; do
    name=${pair%%=*}
    case $name in
      PATH | HOME | HOSTNAME | PWD | OLDPWD | SHLVL | TMPDIR | _ | LD_* | BASH_* | DOCKER_HOST) ;;
      DOCKER_CONFIG | GITHUB_ENV | GITHUB_PATH | GITHUB_ACTION_PATH) ;;
      *) options+=(--env "$name") ;;
    esac
  done < <(env -0)
  options+=(
    --env "INPUT_PULL-REQUEST=$INPUT_PULL_REQUEST"
    --env "INPUT_STATUS-PREFIX=$INPUT_STATUS_PREFIX"
    --env "INPUT_FAIL-ON=$INPUT_FAIL_ON"
    --env "INPUT_REPORT-DIR=$INPUT_REPORT_DIR"
    # Every step of a composite action has a name of its own, and the teardown has to find the run.
    --env "GITHUB_ACTION=readiness-gate-composite"
    --env "GITHUB_EVENT_PATH=/tmp/gate/event.json"
    --env "GITHUB_OUTPUT=/tmp/gate/output"
    --env "GITHUB_STEP_SUMMARY=/tmp/gate/summary"
    --env "GITHUB_STATE=/tmp/gate/state"
  )
}

start() {
  local files container copied=(tmp/gate)
  rm -rf "$state"
  files="$state/files"
  mkdir -p "$files/tmp/gate"
  cp "$GITHUB_EVENT_PATH" "$files/tmp/gate/event.json"
  touch "$files/tmp/gate/output" "$files/tmp/gate/summary" "$files/tmp/gate/state"
  if [[ -f "${DOCKER_CONFIG:-$HOME/.docker}/config.json" ]]; then
    mkdir -p "$files/root/.docker"
    cp "${DOCKER_CONFIG:-$HOME/.docker}/config.json" "$files/root/.docker/"
    copied+=(root/.docker)
  fi
  docker build --quiet --tag "$tag" "$GITHUB_ACTION_PATH/.." >/dev/null
  options
  container=$(docker create "${options[@]}" "$tag")
  echo "$container" >"$state/container"
  tar -C "$files" -c "${copied[@]}" | docker cp - "$container:/"
  rm -rf "$files"
  # In place of this shell, so that the runner's signals reach the gate.
  exec docker start --attach "$container"
}

end() {
  local container
  [[ -f "$state/container" ]] || return 0
  container=$(cat "$state/container")
  docker cp "$container:/tmp/gate/output" - | tar -xO >>"$GITHUB_OUTPUT" || true
  docker cp "$container:/tmp/gate/summary" - | tar -xO >>"$GITHUB_STEP_SUMMARY" || true
  docker rm --force "$container" >/dev/null
  rm -rf "$state"
  options
  docker run --rm "${options[@]}" --entrypoint /opt/readiness-gate/app/teardown "$tag"
}

case ${1:-} in
  start) start ;;
  end) end ;;
  *) echo "gate.sh start|end" >&2 && exit 2 ;;
esac
