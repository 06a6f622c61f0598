use super::*;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/documents/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn what_the_tools_wrote() {
    use Topic::{DataOrigins, FeatureDictionary, IntendedUse, Limitations, Mitigation, Preprocessing};
    let cases: [(&str, Format, &[Topic], &[&str]); 7] = [
        ("hugging-face.md", Format::HuggingFace, &[IntendedUse, Limitations, Mitigation], &["license", "model-index"]),
        ("markdown.md", Format::Markdown, &[IntendedUse, DataOrigins, Preprocessing, FeatureDictionary], &[]),
        (
            "model-card-toolkit.json",
            Format::ModelCardToolkit,
            &[IntendedUse, DataOrigins, Limitations, Mitigation],
            &["model_details.licenses", "model_details.owners.contact"],
        ),
        (
            "cyclonedx-ml-bom.json",
            Format::CycloneDx,
            &[IntendedUse, DataOrigins, Limitations, Mitigation, FeatureDictionary],
            &["name", "modelCard.modelParameters.task"],
        ),
        (
            "modelpack.json",
            Format::ModelPack,
            &[IntendedUse, DataOrigins],
            &["descriptor.licenses", "config.architecture", "modelfs.diffIds"],
        ),
        ("spdx-ai.json", Format::Spdx, &[IntendedUse, DataOrigins, Preprocessing, Limitations], &["ai_domain"]),
        (
            "croissant.json",
            Format::Croissant,
            &[IntendedUse, DataOrigins, Limitations, FeatureDictionary],
            &["license", "distribution.sha256", "rai:personalSensitiveInformation"],
        ),
    ];
    for (name, format, topics, keys) in cases {
        for named in [None, Some(format)] {
            let read = Document::parse(&fixture(name), named).unwrap();
            assert_eq!(read.format, format, "{name}");
            for topic in topics {
                assert!(read.words_about(*topic).is_some_and(|words| words > 0), "{name} {topic:?} {read:#?}");
            }
            for key in keys {
                assert!(read.says(key), "{name} {key}");
            }
            assert!(!read.says("absent"), "{name}");
        }
    }
}

#[test]
fn placeholders_say_nothing_anywhere() {
    let read = |text: &str| Document::parse(text.as_bytes(), None).unwrap();
    let card = r#"{"model_details": {"name": "TBD", "overview": "Lorem ipsum dolor sit amet", "version": {"name": null}},
        "considerations": {"limitations": [], "tradeoffs": ["coming soon"], "use_cases": ["Sorts loans", "n/a"]}}"#;
    let card = read(card);
    for path in ["model_details.name", "model_details.overview", "model_details.version", "considerations.tradeoffs"] {
        assert_eq!(card.words(path), Some(0), "{path}");
        assert!(!card.says(path));
    }
    assert_eq!(card.words("Considerations.Use_Cases"), Some(2));
    // An empty list has no words, and no place.
    assert_eq!(card.words("considerations.limitations"), Some(0));
    assert_eq!(read("# Use\nLorem ipsum dolor.\nComing soon.\n").words("use"), Some(0));
}

#[test]
fn links_that_only_the_bundle_can_answer() {
    let text = "# Use & limits\n[a](a.md) ![b](<img/b.png> \"Title\") [c](#use--limits) [d](#absent) [e](https://x.org)\n\
                `[f](f.md)` [g](mailto:x@y.z) [h](//host/h)\n```\n[i](i.md)\n```\n<!-- [j](j.md) -->\n[k]: k.md\n";
    let read = Document::parse(text.as_bytes(), None).unwrap();
    assert_eq!(read.links(), ["a.md", "img/b.png", "#absent", "k.md"]);
}

#[test]
fn too_many_links_are_refused() {
    let links = |number| format!("# Use\n{}", "[a](a.md)\n".repeat(number));
    assert!(Document::parse(links(1000).as_bytes(), None).is_ok());
    let refused = Err(EvidenceError::TooLarge { what: "links", limit: 1000 });
    assert_eq!(Document::parse(links(1001).as_bytes(), None), refused);
}

#[test]
fn what_is_nearly_a_document_says_where() {
    let cases = [
        (
            r#"{"bomFormat": "CycloneDX", "components": [{"name": "a"}]}"#,
            "/ is not a bill of materials with a modelCard",
        ),
        (
            r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}"#,
            "/ is not a graph with an ai_AIPackage",
        ),
        (
            r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{"type": 3}]}"#,
            "/@graph/0/type is not text",
        ),
        (r#"{"descriptor": "mortgage", "modelfs": {}}"#, "/descriptor is not an object"),
        (r#"{"SchemaVersion": 2, "Results": []}"#, "is a Trivy report, which holds no documentation"),
        (r#"{"title": "card"}"#, "is JSON of no known format that holds documentation"),
    ];
    for (text, said) in cases {
        let error = Document::parse(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
    assert!(Document::parse(b"# Card\n", Some(Format::Croissant)).is_err());
}

/// Packages may share what they reference: a small document would tell its licenses many times over.
#[test]
fn licenses_that_many_packages_share_are_bounded() {
    let document = |packages: usize| {
        let package = serde_json::json!({"type": "ai_AIPackage", "spdxId": "p", "ai_domain": "loans"});
        let mut graph = vec![package; packages];
        let licenses = vec!["x".repeat(100); 100];
        graph.push(serde_json::json!({"type": "Relationship", "relationshipType": "hasDeclaredLicense", "from": "p", "to": licenses}));
        let context = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";
        Document::parse(serde_json::json!({"@context": context, "@graph": graph}).to_string().as_bytes(), None)
    };
    assert_eq!(document(2).unwrap().licenses().iter().map(Vec::len).collect::<Vec<_>>(), [100, 100]);
    let error = document(1_000).unwrap_err();
    assert!(matches!(error, EvidenceError::TooLarge { what: "bytes in licenses of its packages", .. }), "{error}");
}
