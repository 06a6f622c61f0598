# "up" is killed at points spread over all it does, as bash tells them. After each,
# "down" must leave nothing, and at some of them "up" must finish the work.

kill_points=20

test_kills() {
  local total point
  "$cluster" up --name test-one >/dev/null 2>&1 || { check "a first start" false; return; }
  "$cluster" down --name test-one 2>/dev/null
  shape test-one
  check "down after a whole start" nothing_left test-one
  check "down where nothing is" "$cluster" down --name test-one
  total=$(run_and_kill 1000000)
  "$cluster" down --name test-one 2>/dev/null
  for ((point = 1; point <= kill_points; point++)); do
    run_and_kill $((total * point / (kill_points + 1))) >"$work/point"
    shape test-one
    if ((point % 4 == 0)); then
      check "up after a kill at step $(<"$work/point") of $total" "$cluster" up --name test-one
      check "all is well" well test-one
      shape test-one
    fi
    check "down after a kill at step $(<"$work/point") of $total" "$cluster" down --name test-one
    check "nothing is left" nothing_left test-one
  done
}

# run_and_kill STEP: starts "up", kills it when it has made so many steps, and prints
# how many it made. Every second time its whole process group goes, else only itself.
run_and_kill() {
  local step=0 line up
  # the steps are told by bash, without those of the loops that only look and wait
  exec 7< <(
    # shellcheck disable=SC2016 # PS4 is expanded anew at each step
    PS4='@${FUNCNAME[0]-} ' exec setsid bash -x "$cluster" up --name test-one 2>&1 >/dev/null |
      grep --line-buffered '^@' | grep --line-buffered -vE '^@+(find_processes|read_words|now|wait_for|running|kubectl|get|healthy|seconds_since|say) '
  )
  while IFS= read -r line <&7; do
    step=$((step + 1))
    ((step < $1)) && continue
    up=$(up_process)
    [[ $up ]] || break
    if ((step % 2)); then kill -KILL -- "-$up"; else kill -KILL "$up"; fi
    break
  done
  exec 7<&-
  echo "$step"
}

# up_process: the bash that runs "up", which leads its own process group
up_process() {
  local folder words
  for folder in /proc/[0-9]*; do
    mapfile -t -d '' words 2>/dev/null <"$folder/cmdline" || continue
    [[ ${words[*]-} == "bash -x $cluster up --name test-one" ]] || continue
    [[ $(awk '{ print $5 }' "$folder/stat") == "${folder#/proc/}" ]] && echo "${folder#/proc/}"
  done 2>/dev/null
}
