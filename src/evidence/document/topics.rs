//! Where each format says what: headings in prose, paths of keys elsewhere.

use crate::policy::Format;
use crate::policy::check::Topic;

/// The places of a topic, the usual one first. None: the format has no place for it.
pub fn places(format: Format, topic: Topic) -> &'static [&'static str] {
    match format {
        Format::ModelCardToolkit => toolkit(topic),
        Format::CycloneDx => cyclonedx(topic),
        Format::Spdx => spdx(topic),
        Format::Croissant => croissant(topic),
        Format::ModelPack => model_pack(topic),
        Format::HuggingFace | Format::Markdown => headings(topic),
        // No documentation, so no place for anything.
        _ => &[],
    }
}

fn headings(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::IntendedUse => &["intended use", "intended uses", "uses", "direct use", "intended uses & limitations"],
        Topic::DataOrigins => {
            &["training data", "data origins", "data sources", "source data", "data", "dataset", "datasets"]
        }
        Topic::Preprocessing => {
            &["preprocessing", "preprocessing [optional]", "data preprocessing", "data preparation"]
        }
        Topic::MetricRationale => &["metrics", "metric rationale", "evaluation metrics", "choice of metrics"],
        Topic::Limitations => {
            &["limitations", "bias, risks, and limitations", "known limitations", "limitations and bias"]
        }
        Topic::Mitigation => {
            &["mitigation", "mitigations", "bias mitigation", "recommendations", "ethical considerations"]
        }
        Topic::FeatureDictionary => &["features", "feature dictionary", "data dictionary", "input features", "inputs"],
    }
}

fn toolkit(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::IntendedUse => &["considerations.use_cases"],
        Topic::DataOrigins => &["model_parameters.data"],
        Topic::Preprocessing => &[],
        Topic::MetricRationale => &["quantitative_analysis.graphics.description", "considerations.tradeoffs"],
        Topic::Limitations => &["considerations.limitations"],
        Topic::Mitigation => &["considerations.ethical_considerations.mitigation_strategy"],
        Topic::FeatureDictionary => &["model_parameters.input_format", "model_parameters.input_format_map"],
    }
}

fn cyclonedx(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::IntendedUse => &["modelcard.considerations.usecases"],
        Topic::DataOrigins => &["modelcard.modelparameters.datasets"],
        Topic::Preprocessing => &["modelcard.modelparameters.datasets.contents"],
        Topic::MetricRationale => &["modelcard.considerations.performancetradeoffs"],
        Topic::Limitations => &["modelcard.considerations.technicallimitations"],
        Topic::Mitigation => &[
            "modelcard.considerations.ethicalconsiderations.mitigationstrategy",
            "modelcard.considerations.fairnessassessments.mitigationstrategy",
        ],
        Topic::FeatureDictionary => &["modelcard.modelparameters.inputs"],
    }
}

fn model_pack(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::IntendedUse => &["descriptor.description"],
        Topic::DataOrigins => &["descriptor.datasetsurl"],
        Topic::Preprocessing
        | Topic::MetricRationale
        | Topic::Limitations
        | Topic::Mitigation
        | Topic::FeatureDictionary => &[],
    }
}

fn spdx(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::IntendedUse => &["ai_informationaboutapplication", "dataset_intendeduse"],
        Topic::DataOrigins => &["ai_informationabouttraining", "dataset_datacollectionprocess"],
        Topic::Preprocessing => &["ai_modeldatapreprocessing", "dataset_datapreprocessing"],
        Topic::MetricRationale => &["ai_metricdecisionthreshold"],
        Topic::Limitations => &["ai_limitation", "dataset_knownbias"],
        Topic::Mitigation | Topic::FeatureDictionary => &[],
    }
}

fn croissant(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::IntendedUse => &["rai:datausecases"],
        Topic::DataOrigins => &["rai:datacollection", "description"],
        Topic::Preprocessing => &["rai:datapreprocessingprotocol"],
        Topic::MetricRationale => &[],
        Topic::Limitations => &["rai:datalimitations", "rai:databiases"],
        Topic::Mitigation => &["rai:datasocialimpact"],
        Topic::FeatureDictionary => &["recordset.field.description"],
    }
}
