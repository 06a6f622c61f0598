use crate::policy::{Count, Counts, Decimal, FindingReason, Format, Limits, Outcome};
use serde::{Deserialize, Serialize};

/// Tests ran, and none failed. The number compared is how many did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tests {
    /// Reports; their suites are added up.
    pub evidence: Vec<String>,
    /// `None`: told from each report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Suites that must be there and must have run.
    #[serde(default)]
    pub suites: Vec<String>,
    pub max_failed: u32,
    /// A test that only warned counts as passed.
    #[serde(default)]
    pub allow_warnings: bool,
    /// `None`: any number may be skipped; they are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_skipped: Option<u32>,
    /// Fewest tests that must have run.
    pub min_tests: u32,
    /// `None`: what is less than before is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_admitted: Option<TestsAgainstAdmitted>,
    /// The last admitted revision's tests, filled in by the operator when the run starts; absent when there is no such
    /// revision, or when it was not asked this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted: Option<TestCounts>,
}

/// How many tests may have gone since the last admitted revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestsAgainstAdmitted {
    pub max_fewer: u32,
    /// `None`: any number more may be skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_more_skipped: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCounts {
    /// Skipped ones did not run.
    pub ran: u64,
    pub skipped: u64,
}

impl TestCounts {
    /// None unless both were counted.
    pub fn of(counts: &Counts) -> Option<Self> {
        let count = |what| counts.get(&what).copied();
        Some(Self { ran: count(Count::TestsRan)?, skipped: count(Count::TestsSkipped)? })
    }
}

impl Tests {
    pub fn limits(&self) -> Limits {
        Limits::at_most(Decimal::whole(self.max_failed))
    }

    /// What is wrong with how many there were, and a sentence on it; None when nothing is.
    pub fn judge_counts(&self, now: TestCounts) -> Option<(Outcome, FindingReason, String)> {
        let fail = |reason, words| Some((Outcome::Fail, reason, words));
        if now.ran == 0 {
            let words = format!("no test ran; {} skipped", now.skipped);
            return Some((Outcome::Inconclusive, FindingReason::NoTests, words));
        }
        if let Some(most) = self.max_skipped.filter(|most| now.skipped > u64::from(*most)) {
            return fail(FindingReason::TestsSkipped, format!("{} skipped; at most {most} may be", now.skipped));
        }
        if now.ran < u64::from(self.min_tests) {
            return fail(FindingReason::FewerTests, format!("{} ran, asked at least {}", now.ran, self.min_tests));
        }
        let (asked, before) = (self.against_admitted.as_ref()?, self.admitted?);
        let fewer = before.ran.saturating_sub(now.ran);
        if fewer > u64::from(asked.max_fewer) {
            let words = format!(
                "{} ran, {fewer} fewer than the {} of the admitted revision; at most {} fewer may",
                now.ran, before.ran, asked.max_fewer
            );
            return fail(FindingReason::FewerTests, words);
        }
        let more = now.skipped.saturating_sub(before.skipped);
        if let Some(most) = asked.max_more_skipped.filter(|most| more > u64::from(*most)) {
            let words = format!(
                "{} skipped, {more} more than the {} of the admitted revision; at most {most} more may be",
                now.skipped, before.skipped
            );
            return fail(FindingReason::TestsSkipped, words);
        }
        None
    }

    /// What a person should see although nothing asks for it; empty when there is nothing less than before.
    pub fn told_of_admitted(&self, now: TestCounts) -> String {
        let Some(before) = self.admitted else {
            let first = "; no admitted revision was asked this before";
            return if self.against_admitted.is_some() { first.to_owned() } else { String::new() };
        };
        let (fewer, more) = (before.ran.saturating_sub(now.ran), now.skipped.saturating_sub(before.skipped));
        let fewer = if fewer > 0 { format!("{fewer} fewer ran") } else { String::new() };
        let more = if more > 0 { format!("{more} more skipped") } else { String::new() };
        match [fewer, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>() {
            parts if parts.is_empty() => String::new(),
            parts => format!("; {} than for the admitted revision", parts.join(" and ")),
        }
    }
}
