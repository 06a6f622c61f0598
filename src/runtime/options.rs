//! Options of the operator.

use super::logs::LogFormat;
use clap::Args;
use jiff::SignedDuration;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

/// Command-line options of the operator. Durations are written `90s`, `2m` or `1h30m`.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Namespace the operator runs in, and of its lease
    #[arg(long, env = "POD_NAMESPACE", default_value = "modelgate-system")]
    pub namespace: String,

    /// Image that evaluation pods run, by digest: NAME@sha256:…
    #[arg(long, env = "MODELGATE_IMAGE", value_parser = image_by_digest)]
    pub image: String,

    /// Address for /metrics, /healthz and /readyz
    #[arg(long, default_value = "0.0.0.0:8080")]
    pub listen: SocketAddr,

    /// Name of the lease that the leading replica holds
    #[arg(long, default_value = "modelgate-operator")]
    pub lease_name: String,

    /// How long a lease lasts that its holder does not renew; at least 3s
    #[arg(long, default_value = "15s", value_parser = lease_duration)]
    pub lease_duration: Duration,

    /// Name of this replica in the lease
    #[arg(long, env = "POD_NAME", default_value = "modelgate")]
    pub replica: String,

    /// How many releases are worked on at once
    #[arg(long, default_value = "4")]
    pub concurrency: NonZeroUsize,

    #[arg(long, value_enum, default_value_t = LogFormat::Json)]
    pub log_format: LogFormat,

    /// What is logged, such as info or modelgate=debug
    #[arg(long, env = "MODELGATE_LOG", default_value = super::logs::DEFAULT_FILTER)]
    pub log: String,

    /// How long an evaluation pod may take to start
    #[arg(long, default_value = "5m", value_parser = duration)]
    pub start_deadline: Duration,

    /// How long an evaluation may run
    #[arg(long, default_value = "15m", value_parser = duration)]
    pub finish_deadline: Duration,

    /// How long evidence that is not there yet is waited for
    #[arg(long, default_value = "2m", value_parser = duration)]
    pub evidence_wait: Duration,

    /// How long a release may wait for a workload that names its model
    #[arg(long, default_value = "10m", value_parser = duration)]
    pub pairing_wait: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    let signed: SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    Duration::try_from(signed)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("{text} is not longer than nothing"))
}

fn lease_duration(text: &str) -> Result<Duration, String> {
    // The lease's own field counts whole seconds.
    duration(text).and_then(|duration| match (duration.as_secs(), duration.subsec_nanos()) {
        (3..=3600, 0) => Ok(duration),
        _ => Err("must be whole seconds, from 3s to 1h".to_owned()),
    })
}

fn image_by_digest(text: &str) -> Result<String, String> {
    let digest = text.split_once("@sha256:").map(|(name, digest)| (!name.is_empty(), digest));
    match digest {
        Some((true, hex)) if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(text.to_owned()),
        _ => Err("name the image by its digest: NAME@sha256:…".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        options: Options,
    }

    const IMAGE: &str = "x@sha256:1111111111111111111111111111111111111111111111111111111111111111";

    fn parse(args: &[&str]) -> Result<Options, clap::Error> {
        Program::try_parse_from(["modelgate", "--image", IMAGE].iter().chain(args)).map(|p| p.options)
    }

    #[test]
    fn durations_are_as_people_write_them() {
        let options = parse(&["--start-deadline", "1h30m", "--evidence-wait", "500ms"]).unwrap();
        assert_eq!(options.start_deadline, Duration::from_secs(5400));
        assert_eq!(options.evidence_wait, Duration::from_millis(500));
        for bad in ["-5m", "0s", "5", "soon", ""] {
            assert!(parse(&[&format!("--start-deadline={bad}")]).is_err(), "{bad}");
        }
        for bad in ["2s", "3500ms", "2h"] {
            assert!(parse(&["--lease-duration", bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_image_is_named_by_digest() {
        assert!(image_by_digest(IMAGE).is_ok());
        for bad in ["x:1", "x@sha256:12", &IMAGE[1..], ""] {
            assert!(image_by_digest(bad).is_err(), "{bad}");
        }
    }
}
