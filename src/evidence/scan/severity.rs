//! How bad: the bands of CVSS (critical from 9.0, high from 7.0, medium from 4.0), by score, vector or word.

use std::str::FromStr;

/// From mildest to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    Low,
    Medium,
    High,
    Critical,
}

impl Rating {
    pub const WORST_FIRST: [Rating; 4] = [Rating::Critical, Rating::High, Rating::Medium, Rating::Low];

    pub fn words(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// A CVSS score between 0 and 10; anything else rates nothing.
    pub fn of_score(score: f64) -> Option<Self> {
        match score {
            s if !(0.0..=10.0).contains(&s) => None,
            s if s >= 9.0 => Some(Self::Critical),
            s if s >= 7.0 => Some(Self::High),
            s if s >= 4.0 => Some(Self::Medium),
            _ => Some(Self::Low),
        }
    }

    /// A CVSS vector of version 3 or 4 with all its base metrics.
    pub fn of_vector(vector: &str) -> Option<Self> {
        let vector = vector.trim();
        let base: &[&str] = match vector.strip_prefix("CVSS:")?.split_once('.')?.0 {
            "3" => &["AV", "AC", "PR", "UI", "S", "C", "I", "A"],
            "4" => &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"],
            _ => return None,
        };
        let named = |metric: &&str| vector.split('/').any(|part| part.split(':').next() == Some(*metric));
        if !base.iter().all(named) {
            return None;
        }
        Self::of_score(cvss::Cvss::from_str(vector).ok()?.score())
    }

    /// The words that scanners use. `UNKNOWN`, `UNDEFINED` and the like rate nothing.
    pub fn of_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" => Some(Self::Critical),
            "high" | "important" | "error" => Some(Self::High),
            "medium" | "moderate" | "warning" => Some(Self::Medium),
            "low" | "minor" | "note" | "negligible" | "info" | "informational" | "recommendation" | "none" => {
                Some(Self::Low)
            }
            _ => None,
        }
    }

    /// A score as text, a vector, or a word.
    pub fn of_text(text: &str) -> Option<Self> {
        match text.trim().parse::<f64>() {
            Ok(score) => Self::of_score(score),
            Err(_) => Self::of_vector(text).or_else(|| Self::of_word(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands() {
        use Rating::{Critical, High, Low, Medium};
        let cases = [
            ("10", Some(Critical)),
            ("9.0", Some(Critical)),
            ("8.9", Some(High)),
            ("7.0", Some(High)),
            ("6.9", Some(Medium)),
            ("3.9", Some(Low)),
            ("0", Some(Low)),
            ("-1", None),
            ("10.1", None),
            ("NaN", None),
            ("", None),
            ("UNKNOWN", None),
            ("Negligible", Some(Low)),
            ("moderate", Some(Medium)),
            // FIRST's own examples: 9.8, 7.5 and 5.3; version 4: 9.3.
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(Critical)),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Some(High)),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", Some(Medium)),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Some(Critical)),
            ("CVSS:3.1/AV:N", None),
        ];
        for (text, rating) in cases {
            assert_eq!(Rating::of_text(text), rating, "{text}");
        }
    }
}
