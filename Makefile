# make demo    see Modelgate's whole job on a real Kubernetes
# make test    everything CI runs

.DEFAULT_GOAL := help
.PHONY: help demo demo-down build image manifests test test-rust truth bench bench-evidence generate clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: ## show all of it: hold, failed gate, approval, admission, breach, restore (CLUSTER=current for your own cluster)
	@deploy/demo/run

demo-down: ## take away what the demo made
	@deploy/demo/down

build: ## the program, optimised: target/release/modelgate
	cargo build --release --locked --bin modelgate

image: ## the container image: build/image/modelgate.tar, and its digest (root)
	deploy/image/build build/image

manifests: ## what kubectl apply installs, for an image: make manifests IMAGE=NAME@sha256:…
	@[ -n "$(IMAGE)" ] || { echo "manifests: say IMAGE=NAME@sha256:…" >&2; exit 2; }
	@deploy/render --image "$(IMAGE)"

test: ## everything CI runs (root, for the clusters that the tests start)
	@.ci/test

test-rust: ## only the Rust tests
	cargo test --locked

truth: ## measures against SciPy, scikit-learn, Fairlearn and statsmodels, made anew (Python 3.11, network)
	$(MAKE) -C tests/truth check flights
	cargo test --locked --test truth -- --include-ignored

bench: ## measure: requests, latency, memory, evaluator, image; one table (root; ROWS="writes memory" for some)
	@benches/run $(ROWS) $(BENCH_OPTIONS)

bench-evidence: ## measure the evaluator beside SciPy, Polars, pandera, Fairlearn; one table (ROWS="E1 E9" for some)
	@benches/run-evidence $(ROWS) $(BENCH_OPTIONS)

generate: ## write again what is generated: crds/, docs/api/, docs/cli/, deploy/modelgate.yaml, the example's manifests
	cargo run --quiet --locked --bin modelgate -- generate crds crds
	cargo run --quiet --locked --bin modelgate -- generate docs docs/api
	cargo run --quiet --locked --bin modelgate -- generate cli docs/cli
	deploy/render > deploy/modelgate.yaml
	$(MAKE) -C examples/mortgage manifests

clean: ## remove what was built; the local cluster's programs stay in the cache
	cargo clean
	rm -rf build
