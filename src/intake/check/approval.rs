use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::{Approval, ApprovalBinds};

pub(super) fn compile(_at: &str, c: &api::ApprovalCheck) -> Result<Approval, IntakeError> {
    Ok(Approval {
        groups: c.groups.iter().map(ToString::to_string).collect(),
        required: c.required.max(1),
        binds: match c.binds {
            api::ApprovalBindsName::Revision => ApprovalBinds::Revision,
            api::ApprovalBindsName::Model => ApprovalBinds::Model,
        },
    })
}
