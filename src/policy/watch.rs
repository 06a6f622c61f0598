//! Counting consecutive failures of an after-release gate.

use super::{Outcome, WatchSchedule};
use serde::{Deserialize, Serialize};

/// Consecutive answers of one after-release gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Streak {
    pub failures: u32,
    pub blind: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    WithinLimits,
    /// Failing, but not often enough yet.
    Failing,
    Breached,
    /// No number so often that the watch tells nothing. Never a breach.
    Blind,
}

impl Streak {
    /// The streak after one more answer. A blind answer neither adds to nor clears the failures:
    /// a Prometheus that goes down in the middle of an incident does not make the incident go away.
    pub fn after(self, outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass | Outcome::Skipped => Self::default(),
            Outcome::Fail | Outcome::Warn => Self { failures: self.failures.saturating_add(1), blind: 0 },
            Outcome::Inconclusive | Outcome::Missing | Outcome::Error => {
                Self { failures: self.failures, blind: self.blind.saturating_add(1) }
            }
        }
    }

    pub fn health(self, schedule: &WatchSchedule) -> Health {
        if self.failures >= schedule.breach_after {
            Health::Breached
        } else if self.blind >= schedule.blind_after {
            Health::Blind
        } else if self.failures > 0 {
            Health::Failing
        } else {
            Health::WithinLimits
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::OnBreach;

    #[test]
    fn table() {
        use Outcome::{Error, Fail, Missing, Pass};
        let schedule =
            WatchSchedule { interval_seconds: 60, breach_after: 3, blind_after: 2, on_breach: OnBreach::Rollback };
        let cases: [(&[Outcome], Health); 8] = [
            (&[], Health::WithinLimits),
            (&[Fail], Health::Failing),
            (&[Fail, Fail, Fail], Health::Breached),
            (&[Fail, Fail, Pass, Fail], Health::Failing),
            (&[Error, Missing], Health::Blind),
            (&[Error, Error, Error, Error], Health::Blind),
            (&[Fail, Fail, Error, Fail], Health::Breached),
            (&[Error, Error, Pass], Health::WithinLimits),
        ];
        for (answers, health) in cases {
            let streak = answers.iter().fold(Streak::default(), |s, o| s.after(*o));
            assert_eq!(streak.health(&schedule), health, "{answers:?}");
        }
    }
}
