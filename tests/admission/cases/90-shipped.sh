# The policies as data: what is shipped is what the server stores, and stays within its budget.

each='{range .items[*]}{.kind} {.metadata.name} {.spec}{"\n"}{end}'
stored=$(as admin get -f "$policies" -o jsonpath="$each" 2>/dev/null | sort)
shipped=$(as admin create --dry-run=client -f "$policies" -o jsonpath='{.kind} {.metadata.name} {.spec}{"\n"}' | sort)
if [[ -n $without ]]; then : # one is missing, as asked for
elif [[ -n $shipped && $stored == "$shipped" ]]; then ok "no default is left to the server, so a comparison is plain equality"
else bad "no default is left to the server, so a comparison is plain equality" "$(diff <(echo "$shipped") <(echo "$stored"))"; fi
same() { sed -n '/- name: same$/,/^  - name: /p' "$policies/$1.yaml" | grep -v '^  - name: '; }
if [[ -n $(same hold) && $(same hold) == "$(same held)" ]]; then ok "hold and held mean the same by the same revision"
else bad "hold and held mean the same by the same revision" "$(diff <(same hold) <(same held))"; fi
long=$(printf 'x%.0s' {1..1000})
envs=$(for ((i = 0; i < 340; i++)); do printf ',{"name": "E%d", "value": "%s"}' "$i" "$long"; done)
big=$(deployment big)
shows "a template of 350 KB is held, not refused for its cost" "$held" eve create --dry-run=server -f - -o jsonpath="$state" <<<"${big/\"image\"/\"env\": [${envs#,}], \"image\"}"
