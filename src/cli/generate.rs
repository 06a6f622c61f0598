//! `modelgate generate`: files that are committed and compared in CI.

use crate::api;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write the CRDs, the API reference or the reference of the command line
#[derive(Debug, clap::Args)]
pub struct Generate {
    #[arg(value_enum)]
    what: What,
    /// Folder to write to
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// CustomResourceDefinitions as YAML
    Crds,
    /// The API reference as Markdown
    Docs,
    /// The help of every command as Markdown, one file a command
    Cli,
}

impl Generate {
    pub fn run(self) -> ExitCode {
        let files = match self.what {
            What::Crds => crds(),
            What::Cli => Ok(super::reference::pages()),
            What::Docs => {
                Ok(api::explain_pages().into_iter().map(|(kind, page)| (format!("{kind}.md"), page)).collect())
            }
        };
        match files.and_then(|files| write(&self.folder, &files)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                eprintln!("modelgate generate: {problem}");
                ExitCode::FAILURE
            }
        }
    }
}

fn crds() -> Result<Vec<(String, String)>, String> {
    api::crds()
        .iter()
        .map(|crd| {
            let text = serde_saphyr::to_string(crd).map_err(|e| e.to_string())?;
            Ok((format!("{}.yaml", crd.spec.names.plural), text))
        })
        .collect()
}

fn write(folder: &Path, files: &[(String, String)]) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}
