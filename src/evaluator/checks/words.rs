//! Sentences of findings: what was measured, against what, and what to do.

use crate::policy::Gate;
use crate::policy::finding::clean;

/// A number for people, six significant digits. The exact one is the finding's value.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let whole_digits = if size < 1.0 { 0 } else { size.log10() as usize + 1 };
    let text = format!("{value:.*}", 6usize.saturating_sub(whole_digits));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A name that the judged have chosen, short and printable.
pub fn name(text: &str) -> String {
    clean(text, 32)
}

/// What the policy's author says to do, else `otherwise`; without the full stop that the sentence ends with.
pub fn remedy<'a>(gate: &'a Gate, otherwise: &'a str) -> &'a str {
    gate.remediation.as_deref().unwrap_or(otherwise).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        let cases = [
            (0.658_340_643_612, "0.658341"),
            (0.8, "0.8"),
            (0.0, "0"),
            (-0.25, "-0.25"),
            (1.0, "1"),
            (12.345_678_9, "12.3457"),
            (1000.0, "1000"),
            (123_456_789.4, "123456789"),
            (0.000_012_3, "1.230e-5"),
            (1e300, "1.000e300"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(value), text);
        }
    }
}
