use super::{decimal, share};
use crate::api;
use crate::intake::{IntakeError, digest};
use crate::policy::Decimal;
use crate::policy::check::{
    Anonymity, ClearText, ColumnsAsked, Consent, Declared, Detector, MostCells, PersonalData, Privacy, Redacted,
    Retention, Storage, TokenForm,
};

pub(super) fn compile(at: &str, c: &api::PrivacyCheck) -> Result<Privacy, IntakeError> {
    let personal_data = c.personal_data.as_ref().map(|p| personal_data(&format!("{at}, personalData"), p));
    let redacted = c.redacted.iter().map(|r| redacted(&format!("{at}, redacted"), r));
    let compiled = Privacy {
        evidence: c.evidence.as_ref().map(ToString::to_string),
        personal_data: personal_data.transpose()?,
        redacted: redacted.collect::<Result<_, _>>()?,
        allowed_columns: texts(&c.allowed_columns),
        anonymity: c.anonymity.as_ref().map(|a| anonymity(&format!("{at}, anonymity"), a)).transpose()?,
        declared: c.declared.as_ref().map(|d| declared(&format!("{at}, declared"), d)).transpose()?,
    };
    let asks_rows = compiled.personal_data.is_some()
        || !compiled.redacted.is_empty()
        || !compiled.allowed_columns.is_empty()
        || compiled.anonymity.is_some();
    if !asks_rows && compiled.declared.is_none() {
        return Err(shape(
            at,
            "ask for at least one of personalData, redacted, allowedColumns, anonymity and declared",
        ));
    }
    if asks_rows != compiled.evidence.is_some() {
        return Err(shape(at, "evidence holds the rows: name it when something is asked of them, and only then"));
    }
    Ok(compiled)
}

fn declared(at: &str, c: &api::DeclaredSpec) -> Result<Declared, IntakeError> {
    if c.consent.is_none() && c.retention.is_none() && c.storage.is_none() {
        return Err(shape(at, "ask for at least one of consent, retention and storage"));
    }
    let digests = c.digests.iter().map(|d| digest(&format!("{at}, digests"), d)).collect::<Result<_, _>>()?;
    Ok(Declared {
        evidence: c.evidence.to_string(),
        digests,
        consent: c.consent.as_ref().map(|c| Consent { property: c.property.to_string(), uses: texts(&c.uses) }),
        retention: c.retention.as_ref().map(|r| Retention { property: r.property.to_string(), min_days: r.min_days }),
        storage: c
            .storage
            .as_ref()
            .map(|s| Storage { property: s.property.to_string(), encryption: texts(&s.encryption) }),
    })
}

fn shape(at: &str, problem: &str) -> IntakeError {
    IntakeError::Shape { at: at.to_owned(), problem: problem.to_owned() }
}

fn texts(words: &[api::Word]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn personal_data(at: &str, c: &api::PersonalDataSpec) -> Result<PersonalData, IntakeError> {
    let named = |name: &api::DetectorName| {
        Detector::named(name.name()).ok_or_else(|| shape(at, &format!("{} is no known detector", name.name())))
    };
    let asked = c.detectors.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    let wanted = |detector: &Detector| asked.is_empty() || asked.contains(detector);
    let columns = match (c.columns.is_empty(), c.except.is_empty()) {
        (true, _) => ColumnsAsked::AllBut(texts(&c.except)),
        (false, true) => ColumnsAsked::Only(texts(&c.columns)),
        (false, false) => return Err(shape(at, "name columns or except, not both")),
    };
    let most = match (&c.max_share, c.max_cells) {
        (None, None) => MostCells::Share(Decimal::whole(0)),
        (Some(most), None) => MostCells::Share(share(at, "maxShare", most)?),
        (None, Some(cells)) => MostCells::Count(cells),
        (Some(_), Some(_)) => return Err(shape(at, "say maxShare or maxCells, not both")),
    };
    Ok(PersonalData { detectors: Detector::ALL.iter().copied().filter(wanted).collect(), columns, most })
}

fn redacted(at: &str, c: &api::RedactedSpec) -> Result<Redacted, IntakeError> {
    let form = match c.form {
        api::TokenFormName::Mask => TokenForm::Mask,
        api::TokenFormName::Hex => TokenForm::Hex,
        api::TokenFormName::Base64 => TokenForm::Base64,
        api::TokenFormName::Uuid => TokenForm::Uuid,
        api::TokenFormName::Alphanumeric => TokenForm::Alphanumeric,
    };
    if c.columns.is_empty() {
        return Err(shape(at, "name at least one column that is redacted"));
    }
    if form == TokenForm::Mask && (c.prefix.is_some() || c.length.is_some() || c.min_entropy.is_some()) {
        return Err(shape(at, "a mask has no prefix, length or entropy"));
    }
    if form == TokenForm::Mask && c.clear_text.is_some() {
        return Err(shape(at, "a mask is no clear text: leave clearText out"));
    }
    if form == TokenForm::Uuid && c.length.is_some() {
        return Err(shape(at, "a UUID has its own length"));
    }
    Ok(Redacted {
        columns: texts(&c.columns),
        form,
        prefix: c.prefix.as_ref().map(ToString::to_string),
        length: c.length,
        min_entropy: c.min_entropy.as_ref().map(|text| decimal(at, text)).transpose()?,
        clear_text: c.clear_text.as_ref().map(|clear| clear_text(&format!("{at}, clearText"), clear)).transpose()?,
    })
}

fn clear_text(at: &str, c: &api::ClearTextSpec) -> Result<ClearText, IntakeError> {
    let digests = c.digests.iter().map(|d| digest(&format!("{at}, digests"), d)).collect::<Result<_, _>>()?;
    Ok(ClearText { evidence: c.evidence.to_string(), column: c.column.to_string(), digests })
}

fn anonymity(at: &str, c: &api::AnonymitySpec) -> Result<Anonymity, IntakeError> {
    if c.l.is_some() == c.sensitive.is_empty() {
        return Err(shape(at, "sensitive and l belong together"));
    }
    if c.quasi_identifiers.is_empty() {
        return Err(shape(at, "name at least one quasi-identifier"));
    }
    if c.k < 2 || c.l.is_some_and(|l| !(2..=1000).contains(&l)) {
        return Err(shape(at, "k is at least 2, and l from 2 to 1000"));
    }
    Ok(Anonymity {
        quasi_identifiers: texts(&c.quasi_identifiers),
        k: c.k,
        sensitive: texts(&c.sensitive),
        l: c.l.unwrap_or(0),
    })
}

#[cfg(test)]
mod cases {
    use super::*;

    fn compiled(yaml: &str) -> Result<Privacy, String> {
        let check: api::PrivacyCheck = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        compile("gate g", &check).map_err(|error| error.to_string())
    }

    #[test]
    fn every_detector_in_the_schema_is_one_that_looks() {
        for name in api::DetectorName::ALL {
            assert!(Detector::named(name.name()).is_some(), "{}", name.name());
        }
        assert_eq!(api::DetectorName::ALL.len(), Detector::ALL.len());
    }

    #[test]
    fn what_is_left_out() {
        let check = compiled("{evidence: rows, personalData: {}}").unwrap();
        let personal = check.personal_data.unwrap();
        assert_eq!(personal.detectors, Detector::ALL);
        assert_eq!(
            (personal.columns, personal.most),
            (ColumnsAsked::AllBut(vec![]), MostCells::Share(Decimal::whole(0)))
        );
    }

    #[test]
    fn the_api_server_and_this_allow_the_same_shares() {
        let schema = serde_json::to_value(schemars::schema_for!(api::PersonalDataSpec)).unwrap();
        let rules = schema["x-kubernetes-validations"].as_array().unwrap();
        let environment = std::sync::Arc::new(cel::Env::stdlib());
        for share in ["0", "-0", "0.05", "0.999999999999999", "1", "1.0", "1.000000000000001", "5", "-0.1"] {
            let allowed = rules.iter().all(|rule| {
                let program = environment.compile(rule["rule"].as_str().unwrap()).unwrap();
                let mut context = cel::Context::with_env(std::sync::Arc::clone(&environment));
                context.add_variable("self", serde_json::json!({"maxShare": share})).unwrap();
                program.execute(&context).unwrap() == cel::Value::Bool(true)
            });
            let here = compiled(&format!("{{evidence: rows, personalData: {{maxShare: '{share}'}}}}"));
            assert_eq!(allowed, here.is_ok(), "{share}");
        }
    }

    #[test]
    fn what_the_api_server_refuses_is_refused_here() {
        let cases = [
            ("{evidence: rows}", "ask for at least one"),
            ("{}", "ask for at least one"),
            ("{personalData: {}}", "name it when something is asked of them"),
            ("{evidence: rows, declared: {evidence: contract, consent: {}}}", "and only then"),
            ("{declared: {evidence: contract}}", "consent, retention and storage"),
            ("{declared: {evidence: contract, digests: ['sha256:x'], retention: {}}}", "digest"),
            ("{evidence: rows, personalData: {columns: [a], except: [b]}}", "not both"),
            ("{evidence: rows, personalData: {maxShare: '0.1', maxCells: 3}}", "not both"),
            ("{evidence: rows, personalData: {detectors: [Shoe]}}", "Shoe"),
            ("{evidence: rows, personalData: {maxShare: 'ten'}}", "decimal"),
            ("{evidence: rows, personalData: {maxShare: '5'}}", "0.05 is five percent"),
            ("{evidence: rows, personalData: {maxShare: '-0.1'}}", "0.05 is five percent"),
            ("{evidence: rows, redacted: [{columns: [], form: Hex}]}", "at least one column"),
            ("{evidence: rows, anonymity: {quasiIdentifiers: [], k: 5}}", "at least one quasi-identifier"),
            ("{evidence: rows, anonymity: {quasiIdentifiers: [a], k: 1}}", "k is at least 2"),
            (
                "{evidence: rows, anonymity: {quasiIdentifiers: [a], k: 5, sensitive: [b], l: 70000}}",
                "l from 2 to 1000",
            ),
            ("{evidence: rows, redacted: [{columns: [a], form: Mask, length: 3}]}", "a mask has no"),
            (
                "{evidence: rows, redacted: [{columns: [a], form: Mask, clearText: {evidence: b, column: c}}]}",
                "a mask is no clear text",
            ),
            (
                "{evidence: rows, redacted: [{columns: [a], form: Hex, clearText: {evidence: b, column: c, digests: ['x']}}]}",
                "redacted, clearText, digests",
            ),
            ("{evidence: rows, redacted: [{columns: [a], form: Hex, clearText: {evidence: b}}]}", "column"),
            ("{evidence: rows, redacted: [{columns: [a], form: Uuid, length: 36}]}", "its own length"),
            ("{evidence: rows, anonymity: {quasiIdentifiers: [a], k: 5, l: 2}}", "belong together"),
            ("{evidence: rows, anonymity: {quasiIdentifiers: [a], k: 5, sensitive: [b]}}", "belong together"),
        ];
        for (yaml, said) in cases {
            let error = compiled(yaml).unwrap_err();
            assert!(error.contains(said), "{yaml}: {error}");
        }
    }
}
