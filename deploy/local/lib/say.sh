# Words for the person at the terminal. Results go to stdout, all else to stderr.

say() { printf '%s\n' "$*" >&2; }

# The machine or the command line is not as needed: one sentence, exit code 2.
refuse() { say "cluster: $*"; exit 2; }

# Something that should have worked did not: one sentence, exit code 1.
fail() { say "cluster: $*"; exit 1; }

# seconds_since MILLISECONDS: time passed since then, as 1.2
seconds_since() {
  local passed=$(($(now) - $1))
  printf '%d.%d' $((passed / 1000)) $((passed % 1000 / 100))
}

# now: milliseconds of the machine's clock
now() { local micro=${EPOCHREALTIME/[^0-9]/}; printf '%s' $((micro / 1000)); }

# wait_for SECONDS COMMAND…: true as soon as the command is, false when time is up
wait_for() {
  local end=$(($(now) + $1 * 1000)); shift
  until "$@"; do
    (($(now) < end)) || return 1
    sleep 0.1
  done
}
