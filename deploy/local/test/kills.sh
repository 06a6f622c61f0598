# "up" is killed at points spread over all it does, as bash tells them. After each,
# "down" must leave nothing, and after some "up" must finish the work.

kill_points=20

test_kills() {
  local total point
  "$cluster" up --name test-one >/dev/null 2>&1
  check "a first start" well test-one
  shape test-one
  "$cluster" down --name test-one 2>/dev/null
  check "down leaves nothing after a whole start" nothing_left test-one
  check "down where nothing is" "$cluster" down --name test-one
  run_and_kill 1000000
  total=$steps
  "$cluster" down --name test-one 2>/dev/null
  check "the steps of a start are seen ($total)" [ "$total" -gt 200 ]
  for ((point = 1; point <= kill_points; point++)); do
    run_and_kill $((total * point / (kill_points + 1)))
    check "killed at step $steps of $total: $last" [ "$steps" == $((total * point / (kill_points + 1))) ]
    shape test-one
    if ((point % 4 == 0)); then
      check "up after it" "$cluster" up --name test-one
      check "all is well" well test-one
      shape test-one
    fi
    check "down after it" "$cluster" down --name test-one
    check "nothing is left" nothing_left test-one
  done
}

# run_and_kill STEP: starts "up" and kills it when it has made so many steps; every
# second time its whole process group goes, else only itself. Sets steps, and last to
# what it was about. The steps are told by bash, without those of the loops that only
# look and wait, whose number is different each time.
run_and_kill() {
  local up
  steps=0 last=''
  # shellcheck disable=SC2016 # all variables are those of the inner shell
  exec 7< <(setsid bash -c 'echo $$ >"$1"; shift; PS4='\''@${FUNCNAME[0]-} '\''; set -x; . "$0"' \
    "$cluster" "$work/up" up --name test-one 2>&1 >/dev/null |
    grep --line-buffered -E '^@+[a-z_-]* ' |
    grep --line-buffered -vE '^@+(find_processes|read_words|now|wait_for|running|kubectl|get|healthy|seconds_since|say|[a-z_]+_well|node_ready) ')
  while IFS= read -r last <&7; do
    steps=$((steps + 1))
    ((steps < $1)) && continue
    up=$(<"$work/up")
    if ((steps % 2)); then kill -KILL -- "-$up"; else kill -KILL "$up"; fi
    break
  done
  exec 7<&-
}
