//! Counters and gauges, in the OpenMetrics text form.

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

type Label = (&'static str, &'static str);
type Counters<const N: usize> = Family<[Label; N], Counter>;
type Gauges<const N: usize> = Family<[Label; N], Gauge>;

/// All metrics of the operator. Label values come from closed lists, never from objects.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    passes: Counters<1>,
    pass_seconds: Histogram,
    writes: Counters<3>,
    gate_outcomes: Counters<1>,
    queue_depth: Gauges<1>,
    leader: Gauge,
    enforced: Gauge,
    watch_heard: Gauges<1>,
    watch_objects: Gauges<1>,
    watch_errors: Counters<1>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("modelgate"),
            passes: Family::default(),
            // 1 ms to 33 s
            pass_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            writes: Family::default(),
            gate_outcomes: Family::default(),
            queue_depth: Family::default(),
            leader: Gauge::default(),
            enforced: Gauge::default(),
            watch_heard: Family::default(),
            watch_objects: Family::default(),
            watch_errors: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("passes", "Passes over a release, by result", self.passes.clone());
        registry.register_with_unit("pass_duration", "Time a pass takes", Unit::Seconds, self.pass_seconds.clone());
        registry.register("writes", "Writes to the API server, by kind, verb and result", self.writes.clone());
        registry.register("gate_outcomes", "Gates evaluated, by outcome", self.gate_outcomes.clone());
        registry.register("queue_depth", "Releases that wait for a pass, by lane", self.queue_depth.clone());
        registry.register("leader", "1 while this replica leads", self.leader.clone());
        registry.register(
            "enforced",
            "1 while this replica leads and finds the admission policies in the API server as shipped",
            self.enforced.clone(),
        );
        registry.register_with_unit(
            "watch_last_heard",
            "When a watch last told something, as Unix time",
            Unit::Seconds,
            self.watch_heard.clone(),
        );
        registry.register("watch_objects", "Objects in the cache, by kind", self.watch_objects.clone());
        registry.register("watch_errors", "Watches that ended in an error, by kind", self.watch_errors.clone());
    }

    /// A pass ended. `result` is one of a few fixed words, such as `done`, `error`, `timeout`.
    pub fn pass(&self, result: &'static str, took: Duration) {
        self.passes.get_or_create(&[("result", result)]).inc();
        self.pass_seconds.observe(took.as_secs_f64());
    }

    /// A write was answered. `result` is one of a few fixed words, such as `ok`, `conflict`, `error`.
    pub fn write(&self, kind: &'static str, verb: &'static str, result: &'static str) {
        self.writes.get_or_create(&[("kind", kind), ("verb", verb), ("result", result)]).inc();
    }

    pub fn gate_outcome(&self, outcome: &'static str) {
        self.gate_outcomes.get_or_create(&[("outcome", outcome)]).inc();
    }

    pub fn queue_depth(&self, lane: &'static str, depth: usize) {
        set(&self.queue_depth, [("lane", lane)], depth);
    }

    pub fn leader(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// Whether the admission policies in the API server are as shipped.
    pub fn enforced(&self, intact: bool) {
        self.enforced.set(i64::from(intact));
    }

    /// A watch told something, be it only that it is alive.
    pub fn watch_heard(&self, kind: &'static str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        set(&self.watch_heard, [("kind", kind)], usize::try_from(now).unwrap_or(usize::MAX));
    }

    pub fn watch_objects(&self, kind: &'static str, count: usize) {
        set(&self.watch_objects, [("kind", kind)], count);
    }

    pub fn watch_error(&self, kind: &'static str) {
        self.watch_errors.get_or_create(&[("kind", kind)]).inc();
    }

    /// The text that `/metrics` answers.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}

fn set<const N: usize>(gauges: &Gauges<N>, labels: [Label; N], value: usize) {
    gauges.get_or_create(&labels).set(i64::try_from(value).unwrap_or(i64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_in_the_text() {
        let metrics = Metrics::new();
        metrics.pass("done", Duration::from_millis(3));
        metrics.write("Deployment", "patch", "ok");
        metrics.write("Deployment", "patch", "ok");
        metrics.gate_outcome("Fail");
        metrics.queue_depth("urgent", 2);
        metrics.leader(true);
        metrics.enforced(true);
        let text = metrics.text().unwrap();
        for line in [
            "modelgate_passes_total{result=\"done\"} 1",
            "modelgate_pass_duration_seconds_count 1",
            "modelgate_writes_total{kind=\"Deployment\",verb=\"patch\",result=\"ok\"} 2",
            "modelgate_gate_outcomes_total{outcome=\"Fail\"} 1",
            "modelgate_queue_depth{lane=\"urgent\"} 2",
            "modelgate_leader 1",
            "modelgate_enforced 1",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} not in\n{text}");
        }
    }
}
