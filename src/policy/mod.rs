//! What a gate asks, what was found, how outcomes are ordered, how risk is scored. Pure.

pub mod check;
pub mod contract;
pub mod count;
pub mod decimal;
pub mod digest;
pub mod evidence;
pub mod expression;
pub mod finding;
pub mod format;
pub mod gate;
pub mod judgement;
pub mod license;
pub mod limit;
pub mod message;
pub mod outcome;
pub mod plan;
pub mod result;
pub mod risk;
pub mod watch;

pub use check::{ApprovalBinds, Check};
pub use count::{Count, Counts};
pub use decimal::Decimal;
pub use digest::Digest;
pub use evidence::{Columns, EvidenceSource, EvidenceSpec};
pub use finding::{Finding, FindingReason};
pub use format::{Format, Subject};
pub use gate::{Enforcement, Gate, GateKey, OnBreach, Severity, Stage, WatchSchedule};
pub use limit::Limits;
pub use outcome::Outcome;
pub use plan::{Plan, PolicyPlan};
pub use result::{EvaluationOrder, OrderFacts, ResultDocument};
pub use risk::{Level, RiskScore, Tier};
