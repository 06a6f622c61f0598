# Words for the person at the terminal. Colours only there.

if [[ -t 1 && -z ${NO_COLOR-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' dim='' green='' red='' plain=''
fi

now() { local micro=${EPOCHREALTIME/[^0-9]/}; printf '%s' $((micro / 1000)); }

# seconds_since MILLISECONDS: as 1.2
seconds_since() {
  local passed=$(($(now) - $1))
  printf '%d.%d' $((passed / 1000)) $((passed % 1000 / 100))
}

say() { printf '%s\n' "$*"; }
title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

# tell TEXT: one line on what is about to be shown
tell() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# note TEXT: what was waited for, what was checked
note() { printf '%s   %s%s\n' "$dim" "$*" "$plain"; }
good() { printf '%s   ok: %s%s\n' "$green" "$*" "$plain"; }

# show COMMAND: prints the command as a user would type it, runs it, and keeps its output in $shown
show() {
  local code=0
  printf '$ %s\n' "$1"
  shown=$(eval "$1" 2>&1) || code=$?
  printf '%s\n' "$shown"
  ((code == 0)) || give_up "this command ended with exit code $code: $1"
}

# refuse TEXT: the machine or the settings are not as needed
refuse() { printf '%s\n' "demo: $*" >&2; told=yes; exit 2; }
