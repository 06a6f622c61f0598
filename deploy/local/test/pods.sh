# Pods run, from images named by digest, in two clusters side by side.

test_pods() {
  local first second name
  "$cluster" up --name test-one >/dev/null 2>"$work/one.err" &
  "$cluster" up --name test-two >/dev/null 2>"$work/two.err"
  wait $!
  for name in test-one test-two; do check "$name is well beside the other" well "$name"; done
  check "they have different addresses" [ "$(<$root/test-one/number)" != "$(<$root/test-two/number)" ]

  make_image || { check "an image" false; return; }
  first=$("$cluster" load --name test-one "$work/web.tar")
  second=$(STORAGE_DRIVER=vfs "$cluster" load --name test-two localhost/modelgate-test-web:1)
  check "load prints the digest in the archive" [ "$first" == "localhost/modelgate-test-web@$(archive_digest)" ]
  check "the same from an archive and from buildah" [ "$first" == "$second" ]
  check "load refuses what is no image" refuses "neither" "$cluster" load --name test-one localhost/absent:1

  for name in test-one test-two; do
    check "$name: a Deployment by digest runs" run_web "$name" "$first"
    check "$name: its Service answers the host" answers "$name"
    check "$name: a Job's message is read" job_says "$name" "$first" "hello from $name"
    check "$name: logs" logs "$name"
    check "$name: pod to Service by environment" from_pod "$name" "$first" environment '$(WEB_SERVICE_HOST)'
    check "$name: pod to Service by short name" from_pod "$name" "$first" short web
    check "$name: pod to Service by full name" from_pod "$name" "$first" full web.default.svc.cluster.local
    check "$name: pod to headless Service" from_pod "$name" "$first" headless web-pods.default:8080
    check "$name: a name that is no Service does not exist" no_such_name "$name" "$first" absent.default.svc.cluster.local
    check "$name: a name outside is refused" no_such_name "$name" "$first" bank.example
  done
  check "a digest that was not loaded does not run" not_loaded "${first%@*}@sha256:$(printf '0%.0s' {1..64})"

  kill -KILL "$(program test-one containerd)" "$(program test-one kubelet)"
  check "a node without containerd and kubelet is mended" "$cluster" up --name test-one
  check "its pods still answer" answers test-one
  kill -KILL "$(holder test-one)"
  check "everything killed is mended" "$cluster" up --name test-one
  check "its pods come back" come_back test-one

  shape test-one
  check "down of one" "$cluster" down --name test-one
  check "nothing of it is left" nothing_left test-one
  check "the other is still well" well test-two
  check "its Service still answers" answers test-two
  shape test-two
  "$cluster" net --name test-two sleep 60 &
  guest_is_in $! || check "a guest in its network" false
  check "down of the other, with a guest in its network" "$cluster" down --name test-two
  wait $! 2>/dev/null
  check "nothing of it is left either" nothing_left test-two
  check "nor the folder of all clusters, unless others use it" no_empty_root
}

make_image() {
  local built=(buildah --storage-driver vfs)
  (cd "$here/test/web" && CGO_ENABLED=0 go build -trimpath -o "$work/web" .) || return 1
  printf 'FROM scratch\nCOPY web /web\nUSER 65532:65532\nENTRYPOINT ["/web"]\n' >"$work/Containerfile"
  "${built[@]}" bud --isolation chroot -t localhost/modelgate-test-web:1 -f "$work/Containerfile" "$work" >/dev/null 2>&1 &&
    "${built[@]}" push -q localhost/modelgate-test-web:1 "oci-archive:$work/web.tar:localhost/modelgate-test-web:1" >/dev/null
}

archive_digest() { tar -xOf "$work/web.tar" index.json | grep -o 'sha256:[0-9a-f]*' | head -n 1; }

run_web() {
  kubectl "$1" apply -f - <<EOF && kubectl "$1" rollout status deployment/web --timeout 60s
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: $2
        imagePullPolicy: Never
        readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1}
        securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web-pods}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 8080}]}
EOF
}

# ask ADDRESS: the first line that a web server there sends after its headers
ask() {
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/80" && printf "GET / HTTP/1.0\r\n\r\n" >&3 && sed "1,/^\r$/d" <&3' "$1"
}

answers() { [[ $(ask "$(kubectl "$1" get service web -o 'jsonpath={.spec.clusterIP}')") == "pod web-"* ]]; }

job_says() {
  kubectl "$1" apply -f - <<EOF && kubectl "$1" wait --for=condition=complete job/note --timeout 60s || return 1
apiVersion: batch/v1
kind: Job
metadata: {name: note}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: note, image: $2, imagePullPolicy: IfNotPresent, args: [say, $3]}]}}}
EOF
  [[ $(kubectl "$1" get pods -l job-name=note -o 'jsonpath={.items[0].status.containerStatuses[0].state.terminated.message}') == "$3" ]]
}

# ask_pod CLUSTER IMAGE JOB HOST: a Job asks there, and is given five seconds
ask_pod() {
  kubectl "$1" apply -f - <<EOF
apiVersion: batch/v1
kind: Job
metadata: {name: ask-$3}
spec:
  backoffLimit: 0
  template: {spec: {restartPolicy: Never, containers: [{name: ask, image: "$2", args: [ask, "http://$4"]}]}}
EOF
}

from_pod() {
  ask_pod "$@" && kubectl "$1" wait --for=condition=complete "job/ask-$3" --timeout 30s || return 1
  [[ $(kubectl "$1" get pods -l "job-name=ask-$3" -o 'jsonpath={.items[0].status.containerStatuses[0].state.terminated.message}') == "pod web-"* ]]
}

no_such_name() {
  local started=$SECONDS job=no-${3%%.*}
  ask_pod "$1" "$2" "$job" "$3" && kubectl "$1" wait --for=condition=failed "job/ask-$job" --timeout 30s || return 1
  kubectl "$1" logs "job/ask-$job"
  echo "after $((SECONDS - started)) s"
  kubectl "$1" logs "job/ask-$job" | grep -qE "no such host|server misbehaving"
}

logs() { [[ $(kubectl "$1" logs deployment/web 2>/dev/null) == listening ]]; }

not_loaded() {
  kubectl test-one run absent --image "$1" --image-pull-policy Never >/dev/null || return 1
  kubectl test-one wait pod/absent --timeout 30s \
    --for='jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImageNeverPull'
}

come_back() {
  local tries
  for ((tries = 0; tries < 60; tries++)); do
    answers "$1" 2>/dev/null && return
    sleep 0.5
  done
  kubectl "$1" get pods
  return 1
}

# guest_is_in PID: waits until it has entered the network of test-two
guest_is_in() {
  local tries holder
  holder=$(holder test-two)
  for ((tries = 0; tries < 100; tries++)); do
    [[ /proc/$1/ns/net -ef /proc/$holder/ns/net ]] && return
    sleep 0.05
  done
  return 1
}

no_empty_root() { [[ ! -d $root || $(ls "$root") ]]; }
