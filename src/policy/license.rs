//! Licenses as SPDX writes them: identifiers, and expressions that combine them.

/// Longest expression that is read, in bytes.
const MAX_EXPRESSION: usize = 4096;

/// Whether an SPDX license expression can be met by allowed licenses alone: of `OR` one side, of `AND` both. A
/// later version (`+`) only gives more than the license alone, which is what must be allowed. What stands behind `WITH` may
/// take away as well as give, so the two are allowed by name together. Upper and lower case are the same in identifiers. What is no expression is not allowed.
pub fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    expression.len() <= MAX_EXPRESSION && evaluated(expression, allowed).unwrap_or(false)
}

/// In rising order: `AND` binds closer than `OR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Open,
    Or,
    And,
}

/// With stacks of its own: how deep an expression nests is up to who wrote it.
fn evaluated(expression: &str, allowed: &[String]) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let (mut values, mut operators): (Vec<bool>, Vec<Operator>) = (Vec::new(), Vec::new());
    let mut wants_license = true;
    while let Some(word) = words.next() {
        match (word, wants_license) {
            ("(", true) => operators.push(Operator::Open),
            (")", false) => {
                reduce(&mut values, &mut operators, Operator::Or)?;
                // The bracket that is open; without one it is no expression.
                operators.pop()?;
            }
            ("AND" | "and", false) => {
                reduce(&mut values, &mut operators, Operator::And)?;
                operators.push(Operator::And);
                wants_license = true;
            }
            ("OR" | "or", false) => {
                reduce(&mut values, &mut operators, Operator::Or)?;
                operators.push(Operator::Or);
                wants_license = true;
            }
            (license, true) if is_identifier(license) => {
                let mut asked = license.to_owned();
                if words.next_if(|word| matches!(*word, "WITH" | "with")).is_some() {
                    let exception = words.next().filter(|exception| is_identifier(exception))?;
                    asked = format!("{license} WITH {exception}");
                }
                values.push(is_listed(&asked, allowed));
                wants_license = false;
            }
            (_, _) => return None,
        }
    }
    reduce(&mut values, &mut operators, Operator::Or)?;
    match (values.as_slice(), operators.is_empty(), wants_license) {
        ([value], true, false) => Some(*value),
        (_, _, _) => None,
    }
}

/// Applies what binds at least as close as `least`.
fn reduce(values: &mut Vec<bool>, operators: &mut Vec<Operator>, least: Operator) -> Option<()> {
    while operators.last().is_some_and(|operator| *operator >= least) {
        let (right, left) = (values.pop()?, values.pop()?);
        values.push(match operators.pop()? {
            Operator::And => left && right,
            Operator::Or => left || right,
            Operator::Open => return None,
        });
    }
    Some(())
}

fn is_identifier(word: &str) -> bool {
    let is_operator = ["AND", "OR", "WITH"].iter().any(|operator| word.eq_ignore_ascii_case(operator));
    !is_operator && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:+".contains(&byte))
}

fn is_listed(license: &str, allowed: &[String]) -> bool {
    let listed = |license: &str| allowed.iter().any(|one| one.eq_ignore_ascii_case(license));
    listed(license) || license.strip_suffix('+').is_some_and(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let allowed = ["Apache-2.0", "MIT", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-House"];
        let allowed: Vec<String> = allowed.map(str::to_owned).to_vec();
        let good = [
            "MIT",
            "mit",
            "apache-2.0",
            "Apache-2.0+",
            "MIT OR GPL-3.0-only",
            "GPL-3.0-only OR MIT",
            "MIT AND Apache-2.0",
            "mit and apache-2.0",
            "(MIT)",
            "((MIT OR GPL-3.0-only) AND (Apache-2.0))",
            "GPL-3.0-only AND GPL-2.0-only OR MIT",
            "MIT OR GPL-3.0-only AND GPL-2.0-only",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "LicenseRef-House",
        ];
        let bad = [
            "",
            " ",
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR GPL-3.0-only) AND GPL-2.0-only",
            "GPL-2.0-only",
            "GPL-2.0-only WITH GCC-exception-2.0",
            "Apache-2.0 WITH Commons-Clause",
            "MIT WITH AdditionRef-NoCommercialUse",
            "Apache-2.0+ WITH Commons-Clause",
            "MIT MIT",
            "MIT OR",
            "OR MIT",
            "MIT AND OR MIT",
            "(MIT",
            "MIT)",
            "()",
            "MIT ()",
            "MIT WITH",
            "MIT WITH (",
            "MIT WITH OR MIT",
            "Apache License 2.0",
            "MIT/Apache-2.0",
            "MIT, Apache-2.0",
            "NOASSERTION",
            "NONE",
            "other",
        ];
        for expression in good {
            assert!(is_allowed(expression, &allowed), "{expression}");
            assert!(!is_allowed(expression, &[]), "{expression}");
        }
        for expression in bad {
            assert!(!is_allowed(expression, &allowed), "{expression}");
        }
        // However deep, and not longer than is read.
        let deep = |depth: usize| format!("{}MIT{}", "(".repeat(depth), ")".repeat(depth));
        assert!(is_allowed(&deep(2000), &allowed) && !is_allowed(&deep(3000), &allowed));
    }
}
