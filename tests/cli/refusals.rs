//! What the API server would refuse by its schemas, the command line refuses too, and says where and what to do.

use crate::refused::{policy, refused, release, taken};
use crate::{code, err, modelgate, out, pages};
use modelgate::cli::offline::Files;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What is said to these objects, if they are not taken.
fn said(folder: &Path, objects: &str) -> Option<String> {
    let file = folder.join("object.yaml");
    fs::write(&file, objects).unwrap();
    Files::read(&[file], None).err().map(|error| error.to_string())
}

#[test]
fn every_object_of_the_table_is_refused_with_its_place() {
    let temp = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for case in refused() {
        let of = format!("object.yaml: {} ", case.object["kind"].as_str().unwrap());
        let said = said(temp.path(), &case.object.to_string()).unwrap_or_default();
        if !said.contains(case.said) || !said.contains(&of) {
            wrong.push(format!("{}\n  {said}\n  {}", case.said, case.object));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_near_them_is_taken() {
    let temp = tempfile::tempdir().unwrap();
    for object in taken() {
        assert_eq!(said(temp.path(), &object.to_string()), None, "{object}");
    }
}

fn rules(schema: &Value, found: &mut BTreeSet<String>) {
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        // The others compare with what was there before.
        if !rule["rule"].as_str().unwrap().contains("oldSelf") {
            found.insert(rule["message"].as_str().unwrap().to_owned());
        }
    }
    let inner = schema["properties"].as_object().into_iter().flat_map(|fields| fields.values());
    inner.chain([&schema["items"], &schema["additionalProperties"]]).filter(|schema| schema.is_object()).for_each(
        |schema| {
            rules(schema, found);
        },
    );
}

/// A rule that is new is one that the command line can answer, and somebody has seen to refuse.
#[test]
fn every_rule_of_the_schemas_is_in_the_table() {
    let mut all = BTreeSet::new();
    for crd in modelgate::api::crds() {
        rules(&serde_json::to_value(&crd.spec.versions[0].schema).unwrap()["openAPIV3Schema"], &mut all);
    }
    assert!(all.len() > 40, "{}", all.len());
    let temp = tempfile::tempdir().unwrap();
    let told: Vec<_> = refused().iter().filter_map(|case| said(temp.path(), &case.object.to_string())).collect();
    all.retain(|rule| !told.iter().any(|told| told.contains(rule)));
    assert_eq!(all, BTreeSet::new(), "no object of the table is refused for these");
}

/// Files of a folder and of those in it.
fn manifests(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            manifests(&path, found);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            found.push(path);
        }
    }
}

#[test]
fn what_pages_and_examples_write_is_taken() {
    let temp = tempfile::tempdir().unwrap();
    let of_gates = |gates: Value| {
        let mut policy = policy();
        policy["spec"]["gates"] = gates;
        policy
    };
    let objects = pages::objects("fraud", of_gates);
    assert!(objects.len() >= 20, "{}", objects.len());
    for (page, object) in objects {
        assert_eq!(said(temp.path(), &object), None, "{page}: {object}");
    }
    let mut files = Vec::new();
    manifests(&pages::file("examples"), &mut files);
    let mut tried = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // Templates have an address or a digest still to come: @NAME@.
        let is_gap =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let is_template = text.split('@').any(is_gap);
        if text.contains("apiVersion: modelgate.dev/") && !text.contains("kind: PolicyTest") && !is_template {
            assert_eq!(said(temp.path(), &text), None, "{}", file.display());
            tried += 1;
        }
    }
    assert!(tried >= 8, "{tried}");
}

/// The words of every command, as a person sees them.
#[test]
fn every_command_refuses_and_says_all_that_is_wrong() {
    let temp = tempfile::tempdir().unwrap();
    let put = |name: &str, object: &Value| {
        let path = temp.path().join(name);
        fs::write(&path, object.to_string()).unwrap();
        path.display().to_string()
    };
    let mut bad = policy();
    bad["spec"]["enforcement"] = json!("enforce");
    bad["spec"]["gates"][0]["metric"]["min"] = json!(0.8);
    let (bad, good) = (put("bad.yaml", &bad), put("good.yaml", &policy()));
    let release = put("release.yaml", &release());
    let case = "apiVersion: modelgate.dev/v1alpha1\nkind: PolicyTest\npolicies: [bad.yaml]\ncases:\n- {name: one, manifests: [release.yaml], \
         expect: {verdict: fail}}\n";
    fs::write(temp.path().join("a.test.yaml"), case).unwrap();
    let folder = temp.path().display().to_string();
    let commands: [&[&str]; 5] = [
        &["check", "-f", &bad, "-f", &release],
        &["policy", "lint", "-f", &bad],
        &["policy", "explain", "-f", &bad],
        &["policy", "diff", &good, &bad],
        &["policy", "test", &folder],
    ];
    for arguments in commands {
        let output = modelgate(arguments);
        assert_eq!((code(&output), out(&output)), (4, String::new()), "{arguments:?}: {}", err(&output));
        let said = err(&output);
        let lines: Vec<_> = said.lines().filter(|line| !line.contains("play no part")).collect();
        assert!(lines[0].ends_with("bad.yaml: GovernancePolicy refused-or-not: 2 problems"), "{arguments:?}: {said}");
        let expected = [
            "  spec.enforcement: found \"enforce\", expected one of Enforce, Warn, Audit",
            "  spec.gates[0].metric.min (g): found the number 0.8, expected a string: write it in quotes",
        ];
        assert_eq!(lines[1..], expected, "{arguments:?}");
    }
}
