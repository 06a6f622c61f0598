//! What the name of a column, or the words before a number, say about it.

use super::detect::Axis;
use crate::policy::check::Detector;

/// Letters and digits of a name in lower case, without what parts its words.
fn joined(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Words of a name in lower case: `clientIP_v4` is client, ip and v4.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        let begins = c.is_uppercase() && lower_before || !c.is_alphanumeric();
        if begins && words.last().is_some_and(|last| !last.is_empty()) {
            words.push(String::new());
        }
        lower_before = c.is_lowercase() || c.is_numeric();
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    words
}

/// Names of columns that hold people's names, in the languages of Europe and some others, without spaces.
const PEOPLE: [&str; 62] = [
    "firstname",
    "lastname",
    "surname",
    "fullname",
    "middlename",
    "givenname",
    "familyname",
    "maidenname",
    "forename",
    "personname",
    "customername",
    "patientname",
    "employeename",
    "contactname",
    "applicantname",
    "borrowername",
    "membername",
    "studentname",
    "holdername",
    "accountholder",
    "cardholder",
    "cardholdername",
    "vorname",
    "nachname",
    "familienname",
    "geburtsname",
    "kundenname",
    "prénom",
    "prenom",
    "nomdefamille",
    "nomcomplet",
    "nombrecompleto",
    "apellido",
    "apellidos",
    "primerapellido",
    "segundoapellido",
    "nombreyapellidos",
    "cognome",
    "nomeecognome",
    "nomecompleto",
    "sobrenome",
    "apelido",
    "voornaam",
    "achternaam",
    "imię",
    "imie",
    "nazwisko",
    "fornavn",
    "etternavn",
    "efternavn",
    "förnamn",
    "fornamn",
    "efternamn",
    "etunimi",
    "sukunimi",
    "příjmení",
    "prijmeni",
    "фамилия",
    "отчество",
    "姓名",
    "氏名",
    "お名前",
];

const VERSIONS: [&str; 7] = ["version", "versions", "ver", "release", "build", "firmware", "semver"];

const PHONES: [&str; 17] = [
    "phone",
    "telephone",
    "tel",
    "telefon",
    "telefono",
    "teléfono",
    "téléphone",
    "telefone",
    "telefoon",
    "mobile",
    "mobil",
    "handy",
    "cellphone",
    "phonenumber",
    "msisdn",
    "whatsapp",
    "fax",
];

/// Whether a column is called as one that holds people's names.
pub fn is_people(column: &str) -> bool {
    let name = joined(column);
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    // `customer_first_name`, `last_name_1`
    PEOPLE.iter().any(|people| name == *people || people.chars().count() >= 7 && name.ends_with(people))
}

/// Whether a column is called as one that holds versions of software.
pub fn is_version(column: &str) -> bool {
    let words = words(column);
    let has = |of: &[&str]| words.iter().any(|word| of.contains(&word.as_str()));
    has(&VERSIONS[..]) && !has(&["ip", "ipv4", "ipv6", "ipaddress", "addr", "address", "host"])
}

/// Whether a column is called as one that holds telephone numbers.
pub fn is_phone(column: &str) -> bool {
    // `Handynummer`, `homephone`
    let says = |word: &str, phone: &str| {
        word == phone || phone.chars().count() >= 5 && (word.starts_with(phone) || word.ends_with(phone))
    };
    words(column).iter().any(|word| PHONES.iter().any(|phone| says(word, phone)))
}

/// Latitude or longitude, by a column's name.
pub fn axis(column: &str) -> Option<Axis> {
    words(column).iter().find_map(|word| match word.as_str() {
        "lat" | "latitude" | "latitud" | "breitengrad" | "latitudine" => Some(Axis::Latitude),
        "lon" | "lng" | "long" | "longitude" | "longitud" | "längengrad" | "laengengrad" | "longitudine" => {
            Some(Axis::Longitude)
        }
        _ => None,
    })
}

/// Whether words say which national number stands here.
pub fn says(words: &str, detector: Detector) -> bool {
    let known: &[&str] = match detector {
        Detector::NlBsn => &["bsn", "burgerservicenummer", "sofinummer"],
        Detector::PlPesel => &["pesel"],
        Detector::DeSteuerId => &["steuerid", "steueridnr", "idnr", "steuerlicheidentifikationsnummer"],
        Detector::UsSsn => &["ssn", "socialsecurity"],
        // Short enough to stand in other words.
        Detector::BrCpf => return stands_alone(words, "cpf"),
        Detector::NoFodselsnummer => &["fødselsnummer", "fodselsnummer", "fødselsnr", "fodselsnr"],
        Detector::Email
        | Detector::Phone
        | Detector::Iban
        | Detector::PaymentCard
        | Detector::EsDni
        | Detector::ItCodiceFiscale
        | Detector::FrNir
        | Detector::CnResidentId
        | Detector::IpAddress
        | Detector::Coordinates
        | Detector::Secret
        | Detector::PersonName => &[],
    };
    let said = joined(words);
    known.iter().any(|word| said.contains(word))
}

/// Whether a short word stands in a text, or in a name of several words, with no other Latin letters tied to it.
fn stands_alone(text: &str, word: &str) -> bool {
    let lower = text.to_lowercase();
    let free = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphabetic());
    let mut places = lower.match_indices(word);
    places.any(|(at, _)| free(lower[..at].chars().next_back()) && free(lower[at + word.len()..].chars().next()))
        || words(text).iter().any(|known| known == word)
}

/// What is written in place of a name.
const PLACEHOLDERS: [&str; 15] = [
    "redacted",
    "masked",
    "anonymous",
    "anonymized",
    "anonymised",
    "na",
    "none",
    "null",
    "unknown",
    "removed",
    "deleted",
    "hidden",
    "confidential",
    "withheld",
    "true",
];

/// Whether a cell of such a column can be a name: letters without digits, and not one letter over and over.
pub fn is_like_a_name(text: &str) -> bool {
    let letters = joined(text);
    let mut different = letters.chars();
    let first = different.next();
    let several = different.any(|c| Some(c) != first);
    // A name of one letter in Chinese, Japanese or Korean is one.
    let whole = several || first.is_some_and(|c| c >= '\u{3400}' && letters.chars().count() == 1);
    whole && !text.chars().any(char::is_numeric) && !PLACEHOLDERS.contains(&letters.as_str())
}
