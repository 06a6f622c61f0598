use crate::api;
use crate::intake::{IntakeError, digest};
use crate::policy::Digest;
use crate::policy::check::{Changes, DataContract, TestedWith};

pub(super) fn compile(at: &str, c: &api::DataContractCheck) -> Result<DataContract, IntakeError> {
    let digests = |field: &str, digests: &[api::DigestText]| -> Result<Vec<Digest>, IntakeError> {
        digests.iter().map(|d| digest(&format!("{at}, {field}"), d)).collect()
    };
    let tested_with = c.tested_with.as_ref().map(|tested| {
        Ok::<_, IntakeError>(TestedWith {
            contract: tested.contract.to_string(),
            digests: digests("testedWith.digests", &tested.digests)?,
            changes: match tested.changes {
                api::ContractChanges::None => Changes::None,
                api::ContractChanges::Compatible => Changes::Compatible,
            },
        })
    });
    Ok(DataContract {
        contract: c.contract.to_string(),
        contract_digests: digests("contractDigests", &c.contract_digests)?,
        version: c.version.as_ref().map(ToString::to_string),
        data: c.data.to_string(),
        object: c.object.as_ref().map(ToString::to_string),
        no_extra_columns: match c.extra_columns {
            api::ExtraColumns::Allow => false,
            api::ExtraColumns::Forbid => true,
        },
        forbidden_classifications: c.forbidden_classifications.iter().map(ToString::to_string).collect(),
        tested_with: tested_with.transpose()?,
        ignore: c.ignore.iter().map(ToString::to_string).collect(),
        slice: c.slice.as_ref().map(ToString::to_string),
    })
}
