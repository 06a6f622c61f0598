//! Personal data planted among what only looks so, in sentences of several languages: all of it is found, and nothing
//! else. Numbers are drawn here and get their check digits here, by other code than that which looks for them.

use super::table_of;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use modelgate::measure::Table;
use modelgate::measure::privacy::personal::{Found, find};
use modelgate::policy::check::Detector;
use parquet::arrow::ArrowWriter;
use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

const ROWS: u64 = 20_000;

const SENTENCES: [&str; 12] = [
    "Please reach me under {} before noon.",
    "Bitte unter {} melden, danke!",
    "Merci de noter {} pour le dossier n° 7.",
    "El cliente dio {} como referencia",
    "Il cliente ha lasciato {}; richiamare.",
    "De klant gaf {} door (dringend)",
    "Klient podał {} w dniu 12.05.2024",
    "Клиент оставил {} вчера в 14:30",
    "客户留下了{}，请回复",
    "お客様の連絡先は{}です。",
    "{}",
    "Ref. A-17/2024: \"{}\", 3 of 5, 99,90 EUR",
];

struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    fn of(&mut self, alphabet: &str, count: usize) -> String {
        let all: Vec<char> = alphabet.chars().collect();
        (0..count).map(|_| all[self.below(all.len() as u64) as usize]).collect()
    }

    fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len() as u64) as usize]
    }
}

fn digit(text: &str, at: usize) -> u64 {
    u64::from(text.as_bytes()[at] - b'0')
}

/// The digit that makes a whole number pass, found by trying all ten.
fn closed(open: &str, passes: impl Fn(&str) -> bool) -> Option<String> {
    (0..10).map(|last| format!("{open}{last}")).find(|whole| passes(whole))
}

fn luhn(text: &str) -> bool {
    let double = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let count = text.len();
    let sum: u64 = (0..count)
        .map(|at| if (count - at).is_multiple_of(2) { double[digit(text, at) as usize] } else { digit(text, at) })
        .sum();
    sum.is_multiple_of(10)
}

fn eleven(text: &str) -> bool {
    let sum: u64 = (0..8).map(|at| digit(text, at) * (9 - at as u64)).sum();
    text.len() == 9 && sum > 0 && sum % 11 == digit(text, 8)
}

fn pesel(text: &str) -> bool {
    let sum: u64 = (0..10).map(|at| digit(text, at) * [1, 3, 7, 9][at % 4]).sum();
    (sum + digit(text, 10)).is_multiple_of(10)
}

fn steuer(text: &str) -> bool {
    let mut product = 10;
    for at in 0..10 {
        let sum = (digit(text, at) + product) % 10;
        product = 2 * if sum == 0 { 10 } else { sum } % 11;
    }
    (product + digit(text, 10)) % 10 == 1
}

/// The last character of a Chinese resident identity number, from the powers of two that the standard lists.
fn resident_check(open: &str) -> char {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u64 = (0..17).map(|at| digit(open, at) * weights[at]).sum();
    "10X98765432".chars().nth((sum % 11) as usize).unwrap()
}

/// Whether the last digit of nine and one, or ten and one, is what the revenue office computes.
fn cpf(text: &str) -> bool {
    let count = text.len() - 1;
    let sum: u64 = (0..count).map(|at| digit(text, at) * (count as u64 + 1 - at as u64)).sum();
    let expected = if sum % 11 < 2 { 0 } else { 11 - sum % 11 };
    digit(text, count) == expected
}

fn weighed(text: &str, weights: &[u64]) -> bool {
    weights.iter().enumerate().map(|(at, weight)| digit(text, at) * weight).sum::<u64>().is_multiple_of(11)
}

/// A remainder of a number too long for a machine's own, three characters at a time.
fn remainder_97(text: &str) -> u64 {
    let numbers: String = text.chars().map(|c| c.to_digit(36).unwrap().to_string()).collect();
    numbers.bytes().fold(0, |rest, byte| (rest * 10 + u64::from(byte - b'0')) % 97)
}

fn in_fours(text: &str) -> String {
    text.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect::<Vec<_>>().join(" ")
}

fn item(draw: &mut Draw, detector: Detector) -> String {
    match detector {
        Detector::Email => {
            let domain = draw.one(&["example.com", "mail.example.org", "bank.example", "例え.example"]);
            format!("{}.{}@{domain}", draw.of("abcdefghij", 4), draw.of("klmnopqrst", 6))
        }
        Detector::Phone => match draw.below(6) {
            0 => format!("+49 151 {}", draw.digits(8)),
            1 => format!("+1 (4{}) 5{}-{}", draw.of("2345", 2), draw.of("2345", 2), draw.digits(4)),
            2 => format!("+33 6 {} {} {} {}", draw.digits(2), draw.digits(2), draw.digits(2), draw.digits(2)),
            3 => format!("(4{}) 5{}-{}", draw.of("2345", 2), draw.of("2345", 2), draw.digits(4)),
            4 => format!("06 {} {} {} {}", draw.digits(2), draw.digits(2), draw.digits(2), draw.digits(2)),
            _ => format!("030/{}", draw.digits(7)),
        },
        Detector::Iban => {
            let (country, length) = [("DE", 18), ("ES", 20), ("NL", 14), ("PL", 24)][draw.below(4) as usize];
            let account =
                if country == "NL" { format!("ABNA{}", draw.digits(length - 4)) } else { draw.digits(length) };
            let check = 98 - remainder_97(&format!("{account}{country}00"));
            let whole = format!("{country}{check:02}{account}");
            if draw.below(2) == 0 { whole } else { in_fours(&whole) }
        }
        Detector::PaymentCard => {
            let (start, length) =
                [("4", 16), ("53", 16), ("2345", 16), ("37", 15), ("6011", 16)][draw.below(5) as usize];
            let open = format!("{start}{}", draw.digits(length - 1 - start.len()));
            let whole = closed(&open, luhn).unwrap();
            if length == 16 && draw.below(2) == 0 { in_fours(&whole) } else { whole }
        }
        Detector::UsSsn => format!("5{}-{}-{}", draw.digits(2), 10 + draw.below(90), 1000 + draw.below(9000)),
        Detector::EsDni => {
            let number = draw.digits(8);
            let letters: Vec<char> = "TRWAGMYFPDXBNJZSQVHLCKE".chars().collect();
            format!("{number}{}", letters[(number.parse::<u64>().unwrap() % 23) as usize])
        }
        Detector::ItCodiceFiscale => draw.one(&["RSSMRA85T10A562S", "MRTMTT25D09F205Z", "RSSLRA90D70L378H"]).to_owned(),
        Detector::NlBsn => loop {
            if let Some(whole) = closed(&draw.digits(8), eleven) {
                return format!("BSN {whole}");
            }
        },
        Detector::PlPesel => {
            let open = format!("{}0{}1{}{}", draw.digits(2), 1 + draw.below(9), draw.below(10), draw.digits(4));
            format!("PESEL: {}", closed(&open, pesel).unwrap())
        }
        Detector::FrNir => {
            let open = format!("1{}0{}75{}", draw.digits(2), 1 + draw.below(9), draw.digits(6));
            format!("{open}{:02}", 97 - open.parse::<u64>().unwrap() % 97)
        }
        Detector::DeSteuerId => {
            let open = draw.one(&["8609574271", "4703689281", "6592997048", "2576813141"]);
            format!("Steuer-ID {}", closed(open, steuer).unwrap())
        }
        Detector::CnResidentId => {
            let open = format!("11010519{}0{}1{}{}", draw.digits(2), 1 + draw.below(9), draw.below(10), draw.digits(3));
            format!("{open}{}", resident_check(&open))
        }
        Detector::BrCpf => {
            let whole = closed(&closed(&format!("1{}", draw.digits(8)), cpf).unwrap(), cpf).unwrap();
            match draw.below(2) {
                0 => format!("CPF {whole}"),
                _ => format!("{}.{}.{}-{}", &whole[..3], &whole[3..6], &whole[6..9], &whole[9..]),
            }
        }
        Detector::NoFodselsnummer => loop {
            let open = format!("1{}0{}{}{}", draw.below(10), 1 + draw.below(9), draw.digits(2), draw.digits(3));
            let first = |text: &str| weighed(text, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
            let second = |text: &str| weighed(text, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
            if let Some(whole) = closed(&open, first).and_then(|open| closed(&open, second)) {
                return format!("fødselsnummer {whole}");
            }
        },
        Detector::IpAddress => match draw.below(2) {
            0 => format!("{}.{}.{}.{}", 11 + draw.below(100), draw.below(256), draw.below(256), draw.below(256)),
            _ => format!("2001:db8:{:x}::{:x}", draw.below(65_536), 1 + draw.below(65_535)),
        },
        Detector::Coordinates => {
            format!("{}.{}, 1{}.{}", 40 + draw.below(20), draw.digits(6), draw.below(10), draw.digits(6))
        }
        Detector::Secret => {
            let (start, alphabet, count) = [
                (concat!("gh", "p_"), "abcdefghijABCDEFGHIJ0123456789", 36),
                (concat!("AK", "IA"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
                (concat!("xox", "b-"), "abcdefghij0123456789", 40),
                (concat!("AI", "za"), "abcdefghijABCDEFGHIJ0123456789_-", 35),
            ][draw.below(4) as usize];
            format!("{start}{}", draw.of(alphabet, count))
        }
        Detector::PersonName => {
            draw.one(&["Müller", "O'Brien", "García Márquez", "Иванова", "李", "van den Berg"]).to_owned()
        }
    }
}

/// What must not be found: numbers that fail their check, and things of other kinds that have the form.
fn look_alike(draw: &mut Draw) -> String {
    // One more than the digit that would pass.
    let broken = |whole: String| {
        let last = (digit(&whole, whole.len() - 1) + 1) % 10;
        format!("{}{last}", &whole[..whole.len() - 1])
    };
    match draw.below(16) {
        0 => broken(closed(&format!("4{}", draw.digits(14)), luhn).unwrap()),
        1 => in_fours(&broken(closed(&format!("53{}", draw.digits(13)), luhn).unwrap())),
        2 => {
            let account = draw.digits(18);
            let check = 98 - remainder_97(&format!("{account}DE00"));
            in_fours(&format!("DE{:02}{account}", (check + 1) % 98))
        }
        3 => format!("v{}.{}.{}.{}", draw.below(9), draw.below(20), draw.below(20), draw.below(20)),
        4 => format!("version {}.{}.{}.{}", draw.below(9), draw.below(20), draw.below(20), draw.below(20)),
        5 => draw.of("0123456789abcdef", 64),
        6 => {
            let parts = [8, 4, 4, 4, 12].map(|count| draw.of("0123456789abcdef", count));
            parts.join("-")
        }
        7 => format!("20{}-0{}-1{}T10:2{}:30Z", draw.digits(2), 1 + draw.below(9), draw.below(10), draw.below(10)),
        8 => format!("9{}-{}-{}", draw.digits(2), 10 + draw.below(90), 1000 + draw.below(9000)),
        9 => format!("ORD-{}", draw.digits(8)),
        10 => format!("0.{}", draw.digits(16)),
        11 => format!("1{}{}", draw.below(10), draw.digits(11)),
        12 => format!("@{} #{}", draw.of("abcdefghij", 8), draw.digits(3)),
        13 => format!("{}.{}.20{}", 10 + draw.below(18), 10 + draw.below(3), draw.digits(2)),
        14 => format!("{} {} {}", 1 + draw.below(900), 100 + draw.below(900), 100 + draw.below(900)),
        _ => format!("0.{}, 0.{}", draw.digits(6), draw.digits(6)),
    }
}

/// Columns by name, and how often each detector finds something in each.
struct Planted {
    columns: Vec<(&'static str, Vec<String>)>,
    expected: BTreeMap<(&'static str, Detector), u64>,
}

fn planted(seed: u64) -> Planted {
    let mut draw = Draw(seed);
    let names =
        ["note", "order", "app_version", "hash", "bsn_copy", "mobilePhone", "last_name", "lat", "lon", "visits"];
    let mut columns: Vec<(&'static str, Vec<String>)> = names.map(|name| (name, Vec::new())).into();
    let mut expected = BTreeMap::new();
    for _ in 0..ROWS {
        let mut count = |column, detector| *expected.entry((column, detector)).or_insert(0) += 1;
        let what = match draw.below(10) {
            0 => {
                let kinds = &Detector::ALL[..Detector::ALL.len() - 1];
                let detector = kinds[draw.below(kinds.len() as u64) as usize];
                count("note", detector);
                item(&mut draw, detector)
            }
            1..=5 => look_alike(&mut draw),
            _ => "no number".to_owned(),
        };
        let note = draw.one(&SENTENCES).replace("{}", &what);
        let order = loop {
            let order = format!("1{}", draw.digits(8));
            if !eleven(&order) {
                break order;
            }
        };
        let version = format!("{}.{}.{}.{}", 1 + draw.below(9), draw.below(9), draw.below(9), draw.below(99));
        let hash = draw.of("0123456789abcdef", 40);
        let bsn = item(&mut draw, Detector::NlBsn).replace("BSN ", "");
        count("bsn_copy", Detector::NlBsn);
        let phone = format!("151{}", draw.digits(7));
        count("mobilePhone", Detector::Phone);
        let name = match draw.below(4) {
            0 => "***".to_owned(),
            _ => {
                count("last_name", Detector::PersonName);
                item(&mut draw, Detector::PersonName)
            }
        };
        let lat = format!("{}.{}1", 40 + draw.below(20), draw.digits(5));
        let lon = format!("{}.{}1", draw.below(20), draw.digits(5));
        count("lat", Detector::Coordinates);
        count("lon", Detector::Coordinates);
        let visits = draw.below(100).to_string();
        let row = [note, order, version, hash, bsn, phone, name, lat, lon, visits];
        columns.iter_mut().zip(row).for_each(|((_, cells), cell)| cells.push(cell));
    }
    Planted { columns, expected }
}

fn csv(planted: &Planted) -> Table {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let mut text = planted.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
    for row in 0..ROWS as usize {
        text.push('\n');
        text.push_str(&planted.columns.iter().map(|(_, cells)| quoted(&cells[row])).collect::<Vec<_>>().join(","));
    }
    table_of(&text)
}

/// Order numbers, phone numbers and visits as whole numbers, all else as texts.
fn parquet(planted: &Planted) -> Table {
    let column = |(name, cells): &(&'static str, Vec<String>)| {
        let array: ArrayRef = match *name {
            "order" | "mobilePhone" | "visits" => {
                Arc::new(cells.iter().map(|cell| cell.parse::<i64>().unwrap()).collect::<Int64Array>())
            }
            _ => Arc::new(cells.iter().map(Some).collect::<StringArray>()),
        };
        (*name, array)
    };
    let batch = RecordBatch::try_from_iter(planted.columns.iter().map(column)).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    Table::open(file).unwrap()
}

fn counts(found: &[Found]) -> BTreeMap<(&str, Detector), u64> {
    let each = |column: &'_ Found| {
        assert_eq!(column.cells, ROWS, "{}", column.column);
    };
    found.iter().for_each(each);
    let pairs = found.iter().flat_map(|column| {
        column.by_detector.iter().map(|(detector, count)| ((column.column.as_str(), *detector), *count))
    });
    pairs.collect()
}

#[test]
fn all_that_was_planted_is_found_and_nothing_else() {
    for seed in [1, 2] {
        let planted = planted(seed);
        // Every detector has something to find.
        for detector in Detector::ALL {
            assert!(planted.expected.keys().any(|(_, planted)| planted == detector), "{detector:?}");
        }
        for table in [csv(&planted), parquet(&planted)] {
            let all: Vec<usize> = (0..planted.columns.len()).collect();
            let found = find(&table, &all, 2).unwrap();
            assert_eq!(counts(&found), planted.expected, "{}", table.format());
        }
    }
}
