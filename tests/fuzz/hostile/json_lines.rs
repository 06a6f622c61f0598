//! Tables in JSON lines.

use super::limited::Hostile;
use super::tables::{UNREADABLE, all, columns, fairness};
use modelgate::policy::Outcome;

fn rows(count: u32) -> String {
    let line = |i: u32| {
        let afam = if i.is_multiple_of(3) { "yes" } else { "no" };
        format!("{{\"deny\":{},\"predicted\":{},\"score\":0.{},\"afam\":\"{afam}\"}}\n", i % 2, i / 2 % 2, i % 9 + 1)
    };
    (0..count).map(line).collect()
}

#[test]
fn good_rows_pass_with_marks_and_line_ends_of_other_systems() {
    for text in [rows(60), format!("\u{feff}{}", rows(60)), rows(60).replace('\n', "\r\n\r\n")] {
        let findings = all(text.as_bytes()).run();
        assert!(findings.iter().all(|finding| finding.outcome == Outcome::Pass), "{findings:?}");
    }
}

#[test]
fn broken() {
    let good = rows(60);
    let with = |line: &str| [good.as_bytes(), line.as_bytes()].concat();
    let wide: String = (0..20_000).map(|i| format!("{{\"c{i}\":1}}\n")).collect();
    let names: Vec<String> = (0..20_000).map(|i| format!("\"c{i}\":1")).collect();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("a name twice", with("{\"deny\":1,\"deny\":0,\"predicted\":1,\"score\":0.5,\"afam\":\"yes\"}\n")),
        ("cut", good.as_bytes()[..good.len() - 9].to_vec()),
        ("CSV behind it", with("1,1,0.5,yes\n")),
        ("an array behind it", with("[1,1,0.5,\"yes\"]\n")),
        ("two objects on a line", with("{\"deny\":1}{\"deny\":1}\n")),
        ("one array of objects", format!("[{}]", good.trim().replace('\n', ",")).into_bytes()),
        ("one document over lines", "{\n\"deny\": 1\n}\n".repeat(20).into_bytes()),
        ("empty objects", "{}\n".repeat(50).into_bytes()),
        ("blank lines", b"{".iter().chain(&[b'\n'; 1 << 20]).copied().collect()),
        ("20 MB in one line", with(&format!("{{\"deny\":\"{}\"}}", "x".repeat(20 << 20)))),
        ("20 MB of one number", with(&format!("{{\"deny\":{}}}", "9".repeat(20 << 20)))),
        ("levels", with(&format!("{{\"deny\":{}", "[".repeat(1 << 20)))),
        ("20,000 columns, one a line", wide.into_bytes()),
        ("20,000 columns on a line", format!("{{{}}}\n", names.join(",")).into_bytes()),
        (
            "names of 4 MB",
            (0..20).map(|i| format!("{{\"{i}{}\":1}}\n", "n".repeat(4 << 20))).collect::<String>().into_bytes(),
        ),
        ("Latin-1", [good.as_bytes(), b"{\"afam\":\"caf\xe9\"}\n"].concat()),
        ("half a character", with("{\"afam\":\"\\ud800\"}\n")),
        ("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    for (case, bytes) in cases {
        all(&bytes).refused(case, UNREADABLE);
    }
}

/// A cell that is of no use for one gate may be no matter for another: none of these passes who reads it.
#[test]
fn cells() {
    for (case, line, measure) in [
        ("NaN", "{\"deny\":1,\"predicted\":1,\"score\":NaN,\"afam\":\"yes\"}\n", "CalibrationGap"),
        ("infinite", "{\"deny\":1,\"predicted\":1,\"score\":1e999,\"afam\":\"yes\"}\n", "CalibrationGap"),
        ("a text for a score", "{\"deny\":1,\"predicted\":1,\"score\":\"0.5\",\"afam\":\"yes\"}\n", "CalibrationGap"),
        ("no group", "{\"deny\":1,\"predicted\":1,\"score\":0.5}\n", "DemographicParityDifference"),
        ("null for a group", "{\"deny\":1,\"predicted\":1,\"afam\":null}\n", "DemographicParityDifference"),
        ("a number for a group", "{\"deny\":1,\"predicted\":1,\"afam\":3}\n", "DemographicParityDifference"),
        ("a list for a group", "{\"deny\":1,\"predicted\":1,\"afam\":[\"yes\"]}\n", "DemographicParityDifference"),
        (
            "an object for a prediction",
            "{\"deny\":1,\"predicted\":{},\"afam\":\"yes\"}\n",
            "DemographicParityDifference",
        ),
    ] {
        let text = rows(60) + line;
        let hostile = Hostile::new().table("input", text.as_bytes(), &columns()).gate("g", fairness(measure));
        hostile.refused(case, UNREADABLE);
    }
}
