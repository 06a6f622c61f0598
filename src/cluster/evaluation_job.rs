//! Where a Job of an unfinished run stands, and whether its result may count.

use super::gather::{Beside, GatherError};
use super::jobs::Made;
use super::slim;
use super::world::World;
use super::{jobs, start_trouble};
use crate::intake;
use crate::policy::GateKey;
use crate::policy::result::job_name;
use crate::release::facts::{Job, JobProblem, JobState, Release, Run, StrayJob};
use crate::release::later;
use jiff::Timestamp;
use k8s_openapi::api::{batch::v1 as batch, core::v1 as core};
use kube::Client;
use kube::api::{Api, ListParams};
use std::sync::Arc;

/// Where a Job of an unfinished run stands: the evaluator's, or that of a gate.
pub(super) async fn job(
    world: &World,
    client: &Client,
    release: &Release,
    run: &Run,
    gate: Option<&GateKey>,
    own_gates: &[GateKey],
    beside: &Beside<'_>,
) -> Result<Option<Job>, GatherError> {
    let namespace = &release.namespace;
    let name = job_name(&run.uid, gate);
    let Some(found) = world.jobs.get(namespace, &name) else { return Ok(None) };
    let uid = found.meta.uid().to_owned();
    let mut created = found.meta.created().unwrap_or(beside.now);
    let is_answered = run.answered.iter().any(|finding| match gate {
        Some(gate) => finding.gate == *gate,
        None => !own_gates.contains(&finding.gate),
    });
    let state = if is_answered {
        JobState::OnRecord
    } else if !found.meta.is_owned_by(&run.uid) {
        JobState::Broken(JobProblem::ForeignJob(name.clone()))
    } else {
        let mut pod = world.pods.list(namespace).into_iter().find(|p| is_pod_of(p, &name, &uid));
        if pod.is_none() && found.is_over() {
            pod = unlabelled_pod(client, namespace, &name, &uid).await?;
        }
        // The container waits from when its evidence is there, not from when its Job was made.
        created = pod.as_ref().and_then(|pod| staged_at(pod)).unwrap_or(created);
        let state = state(&found, pod.as_ref(), jobs::container(gate));
        match state {
            Seen::Ended(end) => ended(client, release, run, &name, &end, beside).await?,
            Seen::Waiting(why) if beside.now >= later(created, beside.waits.start_seconds) => {
                let told = start_trouble::why(client, namespace, &uid, pod.as_ref().map(|p| p.meta.uid())).await?;
                JobState::NotStarted(told.unwrap_or(why))
            }
            Seen::Waiting(why) => JobState::NotStarted(why),
            Seen::State(state) => state,
        }
    };
    Ok(Some(Job { name, uid, run: run.name.clone(), gate: gate.cloned(), created, state }))
}

/// Jobs of a run that are not over and not among those that the plan asks for: their gates were taken out of the policies.
pub(super) fn strays(world: &World, namespace: &str, run: &Run, asked: &[Job]) -> Vec<StrayJob> {
    let jobs = world.jobs.list(namespace);
    let of_run = jobs.iter().filter(|job| job.meta.is_owned_by(&run.uid) && !job.is_over());
    let stray = of_run.filter(|job| asked.iter().all(|asked| asked.name != job.meta.name()));
    let told = |job: &Arc<slim::Job>| StrayJob {
        name: job.meta.name().to_owned(),
        uid: job.meta.uid().to_owned(),
        run: run.name.clone(),
    };
    stray.map(told).collect()
}

/// Whether the Job controller made the pod for this Job: it names its pods after their Job. Anybody may write an
/// owner reference where pods may be made.
fn is_pod_of(pod: &slim::Pod, job: &str, job_uid: &str) -> bool {
    let rest = pod.meta.name().strip_prefix(job).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some() && pod.meta.is_owned_by(job_uid)
}

/// When the evidence for a gate's own container was there.
fn staged_at(pod: &slim::Pod) -> Option<Timestamp> {
    let stage = pod.containers.iter().find(|c| c.name == jobs::STAGE && c.is_init)?;
    match &stage.state {
        slim::pod::ContainerState::Terminated(end) if end.exit_code == 0 => end.finished,
        _ => None,
    }
}

/// The pod of a Job that is over and of which the cache knows none: somebody may have taken its label.
async fn unlabelled_pod(
    client: &Client,
    namespace: &str,
    job: &str,
    job_uid: &str,
) -> Result<Option<Arc<slim::Pod>>, GatherError> {
    let pods: Api<core::Pod> = Api::namespaced(client.clone(), namespace);
    let of_job = ListParams::default().labels(&format!("batch.kubernetes.io/controller-uid={job_uid}")).limit(8);
    let pods = pods.list(&of_job).await?.items.into_iter().map(slim::Pod::from);
    Ok(pods.map(Arc::new).find(|pod| is_pod_of(pod, job, job_uid)))
}

#[derive(Debug, PartialEq)]
enum Seen {
    State(JobState),
    /// Not started, and only events may say why.
    Waiting(String),
    Ended(End),
}

/// How the program ended that says what was found.
#[derive(Debug, PartialEq)]
struct End {
    message: String,
    exit_code: i32,
    /// It was the operator's own program, not the policy's container.
    own: bool,
}

fn state(job: &slim::Job, pod: Option<&Arc<slim::Pod>>, container: &str) -> Seen {
    use slim::pod::ContainerState;
    let Some(pod) = pod else {
        return match job.failure() {
            Some(failure) => Seen::State(JobState::Broken(JobProblem::Failed(failure.message.clone()))),
            None if job.is_over() => {
                let gone = "its pod is gone, and the result with it".to_owned();
                Seen::State(JobState::Broken(JobProblem::Failed(gone)))
            }
            None => Seen::Waiting("no pod was created yet".to_owned()),
        };
    };
    let named = |name: &str, init: bool| pod.containers.iter().find(|c| c.name == name && c.is_init == init);
    // Until the evidence is there, and if it cannot be brought, that is what is to be told.
    let stage = named(jobs::STAGE, true);
    let of_stage = stage.filter(|c| match &c.state {
        ContainerState::Terminated(end) => end.exit_code != 0,
        ContainerState::Waiting(_) | ContainerState::Running { .. } => true,
    });
    let own = of_stage.is_some() || container == jobs::container(None);
    if !own && stage.is_none() && named(container, false).is_some() {
        // Its kubelet tells of both programs at once: what has one alone is not the operator's.
        return Seen::Waiting(format!("pod {} does not say how its evidence was brought", pod.meta.name()));
    }
    match of_stage.or_else(|| named(container, false)).map(|c| &c.state) {
        Some(ContainerState::Terminated(end)) if end.reason == "OOMKilled" => {
            Seen::State(JobState::Broken(JobProblem::OutOfMemory))
        }
        // The runtime could not start the program; the message is the runtime's, not the evaluator's.
        Some(ContainerState::Terminated(end)) if ["StartError", "ContainerCannotRun"].contains(&&*end.reason) => {
            Seen::State(JobState::Broken(JobProblem::Failed(format!("{}: {}", end.reason, end.message))))
        }
        Some(ContainerState::Terminated(end)) => {
            Seen::Ended(End { message: end.message.clone(), exit_code: end.exit_code, own })
        }
        _ if pod.phase == "Failed" => {
            Seen::State(JobState::Broken(JobProblem::Failed(format!("{}: {}", pod.reason, pod.message))))
        }
        Some(ContainerState::Running { started }) => {
            Seen::State(JobState::Running { since: started.or(pod.started).unwrap_or(Timestamp::UNIX_EPOCH) })
        }
        // Such as an image that cannot be pulled. The container says more than the newest event, which counts tries.
        Some(ContainerState::Waiting(waiting))
            if !waiting.reason.is_empty() && !["ContainerCreating", "PodInitializing"].contains(&&*waiting.reason) =>
        {
            Seen::State(JobState::NotStarted(format!("{}: {}", waiting.reason, waiting.message)))
        }
        Some(ContainerState::Waiting(_)) | None => Seen::Waiting(match &pod.unscheduled {
            Some(why) => format!("pod {} cannot be scheduled: {}", pod.meta.name(), why.message),
            None => format!("pod {} is being created", pod.meta.name()),
        }),
    }
}

/// A verdict counts only from the Job that the operator would make for the order it was given.
async fn ended(
    client: &Client,
    release: &Release,
    run: &Run,
    name: &str,
    end: &End,
    beside: &Beside<'_>,
) -> Result<JobState, GatherError> {
    let namespace = &release.namespace;
    let live: Api<batch::Job> = Api::namespaced(client.clone(), namespace);
    let Some(live) = live.get_opt(name).await? else {
        return Ok(JobState::Broken(JobProblem::Failed("the Job was deleted".to_owned())));
    };
    let foreign = || JobState::Broken(JobProblem::ForeignJob(name.to_owned()));
    let Some(order) = jobs::order_of(&live) else { return Ok(foreign()) };
    let waits = (beside.waits.start_seconds, beside.waits.finish_seconds);
    let wanted = jobs::build(namespace, &run.name, &release.name, &order, waits, beside.evaluator);
    match wanted.map(|wanted| jobs::made(&live, &wanted)) {
        Ok(Made::Now) => {}
        Ok(Made::ByAnotherVersion) => return Ok(JobState::Broken(JobProblem::OtherVersion)),
        Ok(Made::ByOthers) | Err(_) => return Ok(foreign()),
    }
    let result = if end.own { intake::result } else { intake::own_result };
    Ok(match result(&end.message, end.exit_code, &order) {
        Ok(document) => JobState::Ended(document),
        Err(problem) => JobState::Broken(problem),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_a_pod_says_of_its_start() {
        let job: slim::Job = serde_json::from_value(json!({"metadata": {"name": "j"}})).unwrap();
        let seen = |status: Value| {
            let pod = json!({"metadata": {"name": "p"}, "spec": {"containers": []}, "status": status});
            state(&job, Some(&Arc::new(serde_json::from_value(pod).unwrap())), "evaluator")
        };
        let container = |state: Value| {
            json!({"phase": "Pending", "containerStatuses": [{"name": "evaluator", "state": state,
                "image": "", "imageID": "", "ready": false, "restartCount": 0}]})
        };
        let waiting =
            |reason: &str, message: &str| container(json!({"waiting": {"reason": reason, "message": message}}));
        let not_started = |why: &str| Seen::State(JobState::NotStarted(why.to_owned()));
        let unscheduled = json!({"phase": "Pending",
            "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node"}]});
        let killed = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}});
        let cases = [
            (waiting("ImagePullBackOff", "x: not found"), not_started("ImagePullBackOff: x: not found")),
            (waiting("ContainerCreating", ""), Seen::Waiting("pod p is being created".to_owned())),
            (unscheduled, Seen::Waiting("pod p cannot be scheduled: no node".to_owned())),
            (
                container(json!({"terminated": {"exitCode": 128, "reason": "StartError", "message": "no such file"}})),
                Seen::State(JobState::Broken(JobProblem::Failed("StartError: no such file".to_owned()))),
            ),
            (
                container(json!({"terminated": {"exitCode": 0, "reason": "Completed", "message": "{}"}})),
                Seen::Ended(End { message: "{}".to_owned(), exit_code: 0, own: true }),
            ),
            (container(killed), Seen::State(JobState::Broken(JobProblem::OutOfMemory))),
        ];
        for (status, wanted) in cases {
            assert_eq!(seen(status.clone()), wanted, "{status}");
        }
        assert_eq!(state(&job, None, "evaluator"), Seen::Waiting("no pod was created yet".to_owned()));
        let complete =
            json!({"metadata": {"name": "j"}, "status": {"conditions": [{"type": "Complete", "status": "True"}]}});
        let over: slim::Job = serde_json::from_value(complete).unwrap();
        let gone = JobProblem::Failed("its pod is gone, and the result with it".to_owned());
        assert_eq!(state(&over, None, "evaluator"), Seen::State(JobState::Broken(gone)));
    }
}
