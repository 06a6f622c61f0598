//! Marks that are on record, forged, stale or missing, on Deployments that run, are paused or sleep.

use super::*;
use crate::policy::OnBreach;
use crate::release::facts::Guard;
use jiff::Timestamp;

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn workload(template: &str, mark: Option<&str>, paused: bool) -> Workload {
    Workload {
        name: "m".to_owned(),
        uid: "d".to_owned(),
        created: None,
        generation: 3,
        observed_generation: 3,
        terminating: false,
        changed_by: None,
        paused,
        mark: mark.map(|mark| digest(mark).to_string()),
        revision: digest(template),
        template_digest: digest(template),
        named_models: vec![digest("model")],
        unpinned_images: Vec::new(),
        history_limit: 10,
        replicas: 1,
        max_unavailable: 0,
        updated: 1,
        available: 1,
        total: 1,
        recreate: false,
    }
}

fn set(template: &str, mark: Option<&str>, replicas: i32) -> ReplicaSet {
    ReplicaSet {
        name: format!("m-{template}"),
        uid: template.to_owned(),
        hash: template.to_owned(),
        template_digest: Some(digest(template)),
        replicas,
        ready: replicas,
        available: replicas,
        mark: mark.map(|mark| digest(mark).to_string()),
        desired_annotation: None,
        woken_at: None,
        terminating_since: None,
        created: Timestamp::UNIX_EPOCH,
    }
}

/// The record of revision `revision`, which was of template `template`.
fn record(revision: &str, template: &str) -> Admitted {
    Admitted {
        name: revision.to_owned(),
        revision: digest(revision),
        model_digest: None,
        model_version: None,
        template_digest: digest(template),
        target_uid: "d".to_owned(),
        adopted: false,
        at: Timestamp::UNIX_EPOCH,
        values: BTreeMap::new(),
        counts: BTreeMap::new(),
        explanations: BTreeMap::new(),
        guard: None,
        current: true,
        served: None,
    }
}

fn guarded(revision: &str, template: &str) -> Admitted {
    let guard = Guard {
        at: Timestamp::UNIX_EPOCH,
        message: "bad".to_owned(),
        response: OnBreach::Freeze,
        restore_to: None,
        retiring: Vec::new(),
        action: None,
    };
    Admitted { guard: Some(guard), ..record(revision, template) }
}

#[test]
fn where_a_deployment_stands() {
    use Standing::{Known, RanBefore, Unfounded};
    let one = || vec![record("one", "one")];
    let running = || vec![set("one", None, 1)];
    let asleep = || vec![set("one", None, 0)];
    // What it is; mark; paused; its ReplicaSets; what is on record; how it stands. The template is `one`.
    let table = [
        ("admitted", Some("one"), false, running(), one(), Known),
        ("admitted, paused by a person", Some("one"), true, running(), one(), Known),
        ("admitted, at no replicas", Some("one"), false, asleep(), one(), Known),
        ("held at its creation", None, true, vec![], vec![], Known),
        ("held with another template", None, true, vec![set("old", Some("old"), 1)], vec![record("old", "old")], Known),
        ("held, taken back to an admitted template", None, true, running(), one(), Known),
        (
            "admitted anew with another ConfigMap",
            Some("two"),
            false,
            running(),
            vec![record("one", "one"), record("two", "one")],
            Known,
        ),
        ("ran before", None, false, running(), vec![], RanBefore),
        ("slept before", None, false, asleep(), vec![], RanBefore),
        ("ran before, mark forged", Some("x"), false, running(), vec![], RanBefore),
        ("slept before, mark forged", Some("x"), false, asleep(), vec![], RanBefore),
        (
            "changed while ungoverned, mark of the old template",
            Some("old"),
            false,
            running(),
            vec![record("old", "old")],
            Unfounded,
        ),
        ("changed, paused and unmarked while ungoverned", None, true, running(), vec![record("old", "old")], Known),
        ("ran before and was paused", None, true, running(), vec![], RanBefore),
        ("ran before and was paused, mark forged", Some("x"), true, running(), vec![], RanBefore),
        ("paused before it ran", None, true, asleep(), vec![], Known),
        ("paused before it ran, mark forged", Some("x"), true, asleep(), vec![], Unfounded),
        ("paused half-way, mark forged", Some("x"), true, vec![set("old", None, 1)], vec![], Unfounded),
        (
            "changed and paused while ungoverned",
            Some("old"),
            true,
            vec![set("old", Some("old"), 1)],
            vec![record("old", "old")],
            Unfounded,
        ),
        ("held for what is guarded", None, true, running(), vec![guarded("one", "one")], Known),
        ("guarded and not held yet", Some("one"), false, running(), vec![guarded("one", "one")], Unfounded),
        ("guarded, resumed while ungoverned", None, false, running(), vec![guarded("one", "one")], Unfounded),
        ("guarded, paused, marked", Some("one"), true, running(), vec![guarded("one", "one")], Unfounded),
        (
            "guarded with another ConfigMap",
            Some("one"),
            false,
            running(),
            vec![record("one", "one"), guarded("two", "one")],
            Known,
        ),
    ];
    for (what, mark, paused, sets, admitted, wanted) in table {
        assert_eq!(standing(&workload("one", mark, paused), &sets, &admitted, &[], None), wanted, "{what}");
    }
}

#[test]
fn what_was_made_after_others_were_on_record_did_not_run_before() {
    let at = |second| Timestamp::from_second(second).ok();
    // When it was made; when the first revision was put on record; mark; paused; how it stands.
    let table = [
        (at(10), at(20), None, false, Standing::RanBefore),
        (at(20), at(20), None, false, Standing::RanBefore),
        (at(21), at(20), None, false, Standing::Unfounded),
        (at(21), at(20), Some("x"), true, Standing::Unfounded),
        (at(21), at(20), None, true, Standing::Known),
        (at(21), None, None, false, Standing::RanBefore),
        (None, at(20), None, false, Standing::RanBefore),
    ];
    for (created, since, mark, paused, wanted) in table {
        let made = Workload { created, ..workload("one", mark, paused) };
        assert_eq!(standing(&made, &[set("one", None, 1)], &[], &[], since), wanted, "{created:?} {since:?} {mark:?}");
        let recorded = [record("one", "one")];
        let wanted = if paused && mark.is_none() {
            Standing::Known
        } else if paused {
            Standing::Unfounded
        } else {
            Standing::RanBefore
        };
        assert_eq!(standing(&made, &[set("one", None, 1)], &recorded, &[], since), wanted, "a crash before the mark");
    }
}

#[test]
fn a_guarded_model_is_not_adopted_and_does_not_stop_what_is_admitted() {
    let bad = [digest("model")];
    let sets = [set("one", None, 1)];
    let stands =
        |mark, paused, admitted: &[Admitted]| standing(&workload("one", mark, paused), &sets, admitted, &bad, None);
    assert_eq!(stands(None, false, &[]), Standing::Unfounded);
    assert_eq!(stands(Some("x"), true, &[]), Standing::Unfounded);
    assert_eq!(stands(None, true, &[]), Standing::Known);
    assert_eq!(stands(Some("one"), false, &[record("one", "one")]), Standing::Known);
}

#[test]
fn a_set_that_goes_does_not_show_that_it_ran() {
    let mut set = set("one", None, 1);
    set.terminating_since = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(standing(&workload("one", None, true), &[set], &[], &[], None), Standing::Known);
}

#[test]
fn which_replica_sets_lose_the_mark() {
    let one = workload("one", Some("one"), false);
    let held = workload("new", None, true);
    let records = || vec![record("one", "one"), record("old", "old")];
    // What it is; the Deployment; the ReplicaSet; what is on record; whether it loses the mark.
    let table = [
        ("admitted", Some(&one), set("one", Some("one"), 1), records(), false),
        ("an older admitted one", Some(&one), set("old", Some("old"), 0), records(), false),
        ("the same while held", Some(&held), set("old", Some("old"), 0), records(), false),
        ("unmarked", Some(&one), set("bad", None, 0), records(), false),
        ("forged", Some(&one), set("bad", Some("x"), 0), records(), true),
        ("forged and running", Some(&one), set("bad", Some("x"), 1), records(), true),
        ("with the mark of another revision", Some(&one), set("bad", Some("one"), 0), records(), true),
        ("forged for what is held", Some(&held), set("new", Some("new"), 0), records(), true),
        ("of the Deployment's own, record not seen yet", Some(&one), set("one", Some("one"), 1), vec![], false),
        ("guarded", Some(&held), set("old", Some("old"), 0), vec![guarded("old", "old")], true),
        ("without a Deployment", None, set("old", Some("old"), 0), vec![], true),
    ];
    for (what, deployment, set, admitted, loses) in table {
        let name = set.name.clone();
        let steps = unmark(deployment, &[set], &admitted);
        let names: Vec<&String> = steps
            .iter()
            .map(|step| match step {
                Step::UnmarkReplicaSet { name, .. } => name,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(names, if loses { vec![&name] } else { vec![] }, "{what}");
    }
}

#[test]
fn a_set_that_goes_or_cannot_be_read() {
    let one = workload("one", Some("one"), false);
    let mut going = set("bad", Some("x"), 0);
    going.terminating_since = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(unmark(Some(&one), &[going], &[]), vec![]);
    let mut unreadable = set("bad", Some("one"), 0);
    unreadable.template_digest = None;
    assert_eq!(unmark(Some(&one), &[unreadable], &[record("one", "one")]).len(), 1);
}
