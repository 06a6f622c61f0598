use super::*;
use proptest::prelude::*;

fn certain(text: &str) -> Vec<Detector> {
    let hits = scan(text.as_bytes());
    Detector::ALL.iter().copied().filter(|detector| hits.certain.has(*detector)).collect()
}

/// Each text holds exactly this, alone, in a sentence, in brackets and behind letters of another script.
#[track_caller]
fn found(detector: Detector, texts: &[&str]) {
    for text in texts {
        let around = [
            (*text).to_owned(),
            format!("Reach me: {text}, please."),
            format!("({text})"),
            format!("[{text}]; and then"),
            format!("客户{text} 已确认"),
            format!("um 9 Uhr {text} ok"),
        ];
        for whole in around {
            assert_eq!(certain(&whole), [detector], "{whole}");
        }
    }
}

#[track_caller]
fn nothing(texts: &[&str]) {
    for text in texts {
        for whole in [(*text).to_owned(), format!("see {text} there"), format!("x={text}")] {
            assert_eq!(certain(&whole), [], "{whole}");
        }
    }
}

#[test]
fn email() {
    let addresses = [
        "anna@example.com...",
        "anna@example.com-Berta",
        "anna@example.com",
        "jo.van-den_berg+news@mail.example.co.uk",
        "o'neil@bank.example",
        "rené@exämple.fr",
        "a@b.io",
        "user@xn--bcher-kva.xn--p1ai",
    ];
    found(Detector::Email, &addresses);
    nothing(&[
        "anna@example",
        "@anna",
        "anna@",
        "icon@2x.png",
        "lodash@4.17.21",
        "git@github.com:org/repo.git",
        "https://me:word@example.com/",
        "ssh://deploy@host.example.com",
        "image@sha256:abc",
        "a@b.c",
        "a@.com",
        "a.@example.com",
        "@types/node",
    ]);
}

#[test]
fn phone() {
    let numbers = [
        "+49 151 12345678",
        "+491511234567",
        "+49 (0)30 1234567",
        "+1 (212) 555-0123",
        "+1-212-555-0123",
        "+44 20 7946 0958",
        "+33 6 12 34 56 78",
        "+354 555 1234",
        "0049 30 1234567",
        "(212) 555-0123",
        "212-555-0123",
        "1-212-555-0123",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "020 7946 0958",
        "07700 900123",
        "030/1234567",
        "030/1234 567",
        "(030) 1234567",
        "0171-1234567",
        "079 123 45 67",
        "06-12345678",
        "03-1234-5678",
    ];
    found(Detector::Phone, &numbers);
    nothing(&[
        "+12345678",
        "00862084-2549-b313-b067-a064e43d5ff3",
        "+0123456789012",
        "+1 112 555 0123",
        "+4915112345678.5",
        "C++11",
        "01.02.2023",
        "01/02/2023",
        "2023-01-02",
        "12:30:45",
        "112-555-0123",
        "212-555-01234",
        "ORD-212-555-0123",
        "0000123456789",
        "0012345678901",
        "1 234 567 890",
        "300 400 5000",
        "abc+491511234567x",
        "978-0-306-40615-7",
    ]);
}

#[test]
fn iban() {
    let numbers = [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "de89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO93 8601 1117 947",
        "MT84MALT011000012345MTLCAST001S",
        "NL91-ABNA-0417-1643-00",
        "LC55 HEMM 0001 0001 0012 0012 0002 3015",
        "BR1800360305000010009795493C1",
        "SC18 SSCB 1101 0000 0000 0000 1497 USD",
    ];
    found(Detector::Iban, &numbers);
    nothing(&[
        "DE88370400440532013000",
        "DE8937040044053201300",
        "DE89 3704 0044 0532 0130 01",
        "ZZ89370400440532013000",
        "DE89370400440532013000X",
        "DE89 3704",
        "DE00 3704 0044 0532 0130 00",
    ]);
}

/// As word processors, web pages and other locales write them.
#[test]
fn groups_parted_by_other_spaces_and_hyphens() {
    let spaced = [
        (Detector::PaymentCard, "4111 1111 1111 1111"),
        (Detector::Iban, "DE89 3704 0044 0532 0130 00"),
        (Detector::Iban, "FR14 2004 1010 0505 0001 3M02 606"),
        (Detector::Phone, "+49 151 12345678"),
        (Detector::Phone, "06 12 34 56 78"),
        (Detector::Phone, "020 7946 0958"),
    ];
    for space in ["  ", "\u{a0}", "\u{202f}", "\u{2007}", "\u{2009}", "\u{a0} "] {
        for (detector, text) in spaced {
            found(detector, &[&text.replace(' ', space)]);
        }
    }
    let tied = [
        (Detector::PaymentCard, "4111-1111-1111-1111"),
        (Detector::UsSsn, "219-09-9998"),
        (Detector::Phone, "212-555-0123"),
        (Detector::Iban, "NL91-ABNA-0417-1643-00"),
    ];
    for hyphen in '\u{2010}'..='\u{2015}' {
        for (detector, text) in tied {
            found(detector, &[&text.replace('-', &hyphen.to_string())]);
        }
    }
    // A dash between sentences ties nothing.
    found(Detector::UsSsn, &["so\u{2014}219-09-9998"]);
    nothing(&[
        "4111   1111   1111   1111",
        "4111\u{a0}1111\u{a0}1111\u{a0}1112",
        "112\u{2011}555\u{2011}0123",
        "01\u{2011}02\u{2011}2023",
        "2023\u{2013}01\u{2013}02",
        "300\u{a0}400\u{a0}5000",
        "1\u{202f}234\u{202f}567\u{202f}890",
        "1  234  567  890",
        "978\u{2011}0\u{2011}306\u{2011}40615\u{2011}7",
    ]);
}

/// What goes on behind the form of an IBAN, and fails its check, is none.
#[test]
fn a_card_behind_what_only_looks_like_an_iban() {
    found(Detector::PaymentCard, &["Ref DE12 4111 1111 1111 1111 12/27", "NO93 4111 1111 1111 1111"]);
    found(Detector::Iban, &["DE89 3704 0044 0532 0130 00/1"]);
    nothing(&["DE86 4111 1111 1111 1111 00", "DE86 4111 1111 1111 1112 00/1"]);
}

#[test]
fn payment_card() {
    let numbers = [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5500005555555559",
        "2223003122003222",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117",
        "3530111333300000",
        "30569309025904",
        "6200000000000005",
    ];
    found(Detector::PaymentCard, &numbers);
    nothing(&[
        "4111111111111112",
        "4111 1111 1111 1112",
        "1234567890123452",
        "0.4111111111111111",
        "41111111111111110000000000",
        "4111-1111-1111-1111-2",
        "4222222222222",
        "4006381333931",
        "1700000000000000",
        "20240131123045",
        "a4111111111111111",
    ]);
}

#[test]
fn national_numbers() {
    found(Detector::UsSsn, &["536-22-1234", "SSN 536 22 1234", "ssn: 536221234"]);
    nothing(&["000-22-1234", "666-22-1234", "936-22-1234", "536-00-1234", "536-22-0000", "078-05-1120", "536 22 1234"]);
    nothing(&["536-22-12345", "1536-22-1234", "12-536-22-1234"]);
    found(Detector::EsDni, &["12345678Z", "X1234567L", "12345678-Z"]);
    nothing(&["12345678A", "X1234567A", "W1234567L", "12345678z", "123456789Z", "12345678-Z-1"]);
    found(Detector::ItCodiceFiscale, &["RSSMRA85T10A562S", "MRTMTT25D09F205Z", "rsslra90d70l378h"]);
    nothing(&["RSSMRA85T10A562T", "RSSMRA85Z10A562S", "RSSMRA85T10A562SX", "ABCDEF0123456789"]);
    found(Detector::FrNir, &["255081416802538", "2 55 08 14 168 025 38", "185052A12345633", "1850578006084 91"]);
    nothing(&["255081416802539", "955081416802538", "2 55 08 14 168 025 39", "255131416802538"]);
    found(Detector::NlBsn, &["BSN 111222333", "burgerservicenummer: 123456782", "1234.56.782"]);
    found(Detector::PlPesel, &["PESEL 44051401359", "nr pesel: 02070803628"]);
    found(Detector::DeSteuerId, &["Steuer-ID 86095742719", "Steuer-ID: 47 036 892 816", "IdNr. 65929970489"]);
    found(Detector::CnResidentId, &["11010519491231002X", "11010519491231002x"]);
    nothing(&["110105194912310021", "11010519491331002X", "99010519491231002X", "1101051949123100XX"]);
    found(Detector::BrCpf, &["529.982.247-25", "CPF 52998224725", "cpf: 529.982.247-25."]);
    nothing(&[
        "529.982.247-26",
        "111.111.111-11",
        "CPF 52998224726",
        "1.529.982.247-25",
        "529.982.247-251",
        "tcp flag 52998224726",
    ]);
    found(Detector::NoFodselsnummer, &["fødselsnummer 01010110013", "Fodselsnr. 01010110013"]);
    nothing(&["fødselsnummer 01010110014"]);
    nothing(&["BSN 111222334", "1234.56.783", "PESEL 44051401358", "Steuer-ID 86095742718", "Steuer-ID 12345678901"]);
}

#[test]
fn plain_digits_say_that_they_may_be_meant() {
    let passed = |text: &str| scan(text.as_bytes()).passed;
    let failed = |text: &str| scan(text.as_bytes()).failed;
    assert!(passed("111222333").has(Detector::NlBsn) && failed("111222334").has(Detector::NlBsn));
    assert!(passed("44051401359").has(Detector::PlPesel) && failed("44051401359").has(Detector::DeSteuerId));
    assert!(passed("86 095 742 719").has(Detector::DeSteuerId));
    assert!(scan(b"1112223333").is_empty());
}

#[test]
fn ip_address() {
    let hosts = [
        "8.8.8.8",
        "203.0.113.7",
        "10.1.2.3:8080",
        "http://93.184.216.34/index",
        "2001:db8::1",
        "fe80::1",
        "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
        "::ffff:8.8.8.8",
        "2606:4700:4700::1111",
        "203.0.113.7/32",
        "203.0.113.7-203.0.113.9",
    ];
    found(Detector::IpAddress, &hosts);
    nothing(&[
        "v1.2.3.4",
        "version 1.2.3.4",
        "Version: 1.2.3.4",
        "section 3.2.1.4",
        "§3.2.1.4",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.04",
        "Chrome/1.2.3.4",
        "openssl-1.2.3.4",
        "1.2.3.4-beta",
        "127.0.0.1",
        "0.0.0.0",
        "255.255.255.0",
        "10.0.0.0/8",
        "::1",
        "::",
        "std::vec",
        "a::b",
        "dead::beef",
        "12:34:56",
        "00:1a:2b:3c:4d:5e",
        "00:11:22:33:44:55:66:77",
        "2001:db8::/32",
        "1:2:3:4:5:6:7:8:9",
    ]);
}

#[test]
fn coordinates() {
    found(
        Detector::Coordinates,
        &["52.520008, 13.404954", "-33.868820,151.209290", "52.520008 13.404954", "40.7128° N, 74.0060° W"],
    );
    nothing(&[
        "52.52, 13.40",
        "0.1234, 0.5678",
        "0.1234, 12.5678, 9.1234",
        "1.1234, 12.5678, 9.1234",
        "352.520008, 213.404954",
        "52.520008",
        "52.520008, 13",
        "95.520008, 113.404954",
    ]);
}

/// Written in two parts, so that no scanner of repositories takes these for real.
#[test]
fn secret() {
    let body = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0";
    let secrets = [
        format!("{}{}", "AK", "IAIOSFODNN7EXAMPLE"),
        format!("{}{}", "AS", "IAQWERTYUIOPASDFGH"),
        format!("{}{}", "gh", format_args!("p_{}", &body[..36])),
        format!("{}{}", "github_", format_args!("pat_{body}")),
        format!("{}{}", "xo", format_args!("xb-123456789012-{body}")),
        format!("{}{}", "AI", format_args!("za{}", &body[..35])),
        format!("{}{}", "sk_", format_args!("live_{}", &body[..24])),
        format!("{}{}", "gl", format_args!("pat-{}", &body[..20])),
        format!("{}{}", "eyJhbGciOiJIUzI1NiJ9.", format_args!("eyJzdWIiOiIxIn0.{body}")),
        format!("{}{}", "-----BEGIN RSA ", "PRIVATE KEY-----"),
        format!("{}{}", "-----BEGIN ", "PRIVATE KEY-----"),
        format!("{}{}", "-----BEGIN OPENSSH ", "PRIVATE KEY-----"),
    ];
    for secret in &secrets {
        for whole in [secret.clone(), format!("key={secret}"), format!("\"{secret}\"")] {
            assert_eq!(certain(&whole), [Detector::Secret], "{whole}");
        }
    }
    let same = "x".repeat(40);
    let none = [
        format!("gh{}", "p_short"),
        format!("ghp_{same}"),
        "-----BEGIN PUBLIC KEY-----".to_owned(),
        "-----BEGIN CERTIFICATE-----".to_owned(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned(),
        "550e8400-e29b-41d4-a716-446655440000".to_owned(),
        format!("task_{body}"),
        "AKIAIOSFODNN7EXAMPL".to_owned(),
        "eyJhbGciOiJIUzI1NiJ9".to_owned(),
    ];
    for text in &none {
        assert_eq!(certain(text), [], "{text}");
    }
}

#[test]
fn several_in_one_text() {
    let text =
        "anna@example.com, +49 151 12345678, DE89 3704 0044 0532 0130 00, 4111 1111 1111 1111, 8.8.8.8, 536-22-1234";
    let expected =
        [Detector::Email, Detector::Phone, Detector::Iban, Detector::PaymentCard, Detector::UsSsn, Detector::IpAddress];
    assert_eq!(certain(text), expected);
}

#[test]
fn ordinary_things() {
    nothing(&[
        "",
        "The quick brown fox jumps over the lazy dog.",
        "2024-05-01T12:34:56.789012Z",
        "1714567890123",
        "3.141592653589793",
        "-1234567.891",
        "1,234,567.89 EUR",
        "ISBN 978-3-16-148410-0",
        "5d41402abc4b2a76b9719d911017c592",
        "INV-2024-000123",
        "A4 paper, 80 g/m2",
        "12/05/2024 - 13/05/2024",
        "RFC 5321 section 4.5.3.1.1",
        "10.1016/j.cell.2020.01.001",
        "1e-10",
        "x86_64-unknown-linux-gnu",
        "00000000-0000-0000-0000-000000000000",
    ]);
}

/// The same without marks: every word and every `@` is looked at.
fn scan_every_word(text: &[u8]) -> Hits {
    let (mut hits, mut at) = (Hits::default(), 0);
    while let Some(byte) = text.get(at) {
        at = match byte {
            b'@' => look_around(text, at, at, &mut hits),
            _ if class(*byte) & WORD != 0 => Word::around(text, at, at).take(&mut hits),
            _ => at + 1,
        };
    }
    hits
}

const PARTS: [&str; 46] = [
    "0",
    "00",
    "123",
    "4111",
    "111222333",
    "44051401359",
    "4111111111111111",
    " ",
    " ",
    "-",
    ".",
    "/",
    "+",
    "(",
    ")",
    ":",
    "::",
    "@",
    "_",
    "a",
    "A",
    "AKIA",
    "ASIA",
    "IOSFODNN7EXAMPLE",
    "IOSFODNNQQEXAMPLE",
    "AIza",
    "eyJ",
    ".eyJ",
    "DE89",
    "3704",
    "0440",
    "fe80",
    "2001",
    "192.168.7.9",
    "example.org",
    "git",
    "hf_",
    "ghp_",
    "SG.",
    "abcdefghijklmnopqrstuvwxyzabcdefghij",
    "BSN ",
    "-----BEGIN ",
    "PRIVATE KEY-----",
    "\u{a7}",
    "°",
    "12345678Z",
];

proptest! {
    /// Whatever stands there, the scan ends, and finds what a look at every word finds.
    #[test]
    fn any_bytes(text in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(scan(&text), scan_every_word(&text));
    }

    /// Numbers that are passed over are nothing.
    #[test]
    fn short_numbers(parts in prop::collection::vec(prop::sample::select(vec![
        "0", "00", "07", "030", "06", "1", "12", "123", "1234", "12345", "123456", "12345678", " ", "-", ".", "/", "+", "(", ")", "Z", "0049", "078", "05", "1120",
    ]), 0..30)) {
        let text = parts.concat();
        for at in (0..text.len()).filter(|at| text.as_bytes()[*at].is_ascii_digit()) {
            let word = Word::around(text.as_bytes(), 0, at);
            if word.seen == DIGIT && word.start == at && !word.may_be_long() {
                let mut hits = Hits::default();
                let end = word.long_number(&mut hits);
                prop_assert!(end.is_none() && hits.is_empty(), "{text} {}: {hits:?}", word.start);
            }
        }
    }

    #[test]
    fn any_tokens(parts in prop::collection::vec(prop::sample::select(PARTS.to_vec()), 0..60)) {
        let text = parts.concat();
        prop_assert_eq!(scan(text.as_bytes()), scan_every_word(text.as_bytes()));
    }
}
