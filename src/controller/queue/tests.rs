use super::*;
use tokio::time::{advance, timeout};

type Keys = Arc<Queue<&'static str>>;

fn queue(limit: usize) -> Keys {
    Queue::new(limit, Arc::new(Metrics::new()))
}

fn after(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

/// The key that is due now, without waiting for any time to pass.
async fn due(queue: &Keys) -> Option<Work<&'static str>> {
    timeout(Duration::ZERO, queue.next()).await.ok()
}

async fn due_key(queue: &Keys) -> Option<&'static str> {
    let work = due(queue).await?;
    let key = *work.key();
    work.done(None);
    Some(key)
}

#[tokio::test(start_paused = true)]
async fn several_adds_are_one_pass() {
    let queue = queue(4);
    for _ in 0..3 {
        queue.add("a", Lane::Normal);
    }
    assert_eq!(queue.depth(), 1);
    assert_eq!(due_key(&queue).await, Some("a"));
    assert_eq!(due_key(&queue).await, None);
    assert!(queue.lock().keys.is_empty(), "a key at rest takes no memory");
}

#[tokio::test(start_paused = true)]
async fn the_earliest_due_time_counts() {
    let queue = queue(4);
    queue.add_at("a", after(60), Lane::Normal);
    queue.add_at("a", after(10), Lane::Normal);
    queue.add_at("a", after(30), Lane::Normal);
    let began = Instant::now();
    let work = queue.next().await;
    assert_eq!(began.elapsed().as_secs(), 10);
    work.done(None);
    advance(Duration::from_secs(100)).await;
    assert_eq!(due_key(&queue).await, None, "the later ones are gone with it");
}

#[tokio::test(start_paused = true)]
async fn news_wakes_a_waiting_next() {
    let queue = queue(4);
    queue.add_at("late", after(3600), Lane::Normal);
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { *queue.next().await.key() }
    });
    tokio::task::yield_now().await;
    queue.add("now", Lane::Normal);
    assert_eq!(timeout(Duration::from_secs(1), waiting).await.unwrap().unwrap(), "now");
}

#[tokio::test(start_paused = true)]
async fn one_pass_per_key_and_news_during_it_makes_another() {
    let queue = queue(4);
    queue.add("a", Lane::Normal);
    let work = due(&queue).await.unwrap();
    queue.add("a", Lane::Normal);
    assert!(due(&queue).await.is_none(), "a is being worked on");
    work.done(None);
    assert_eq!(due_key(&queue).await, Some("a"));
    assert_eq!(due_key(&queue).await, None);
}

#[tokio::test(start_paused = true)]
async fn urgent_keys_go_first_and_stay_urgent() {
    let queue = queue(4);
    for key in ["b", "c", "d"] {
        queue.add(key, Lane::Normal);
    }
    queue.add("d", Lane::Urgent);
    queue.add("d", Lane::Normal);
    assert_eq!(due_key(&queue).await, Some("d"));
    assert_eq!(due_key(&queue).await, Some("b"));
}

#[tokio::test(start_paused = true)]
async fn the_last_slot_is_for_urgent_keys() {
    let queue = queue(2);
    queue.add("a", Lane::Normal);
    queue.add("b", Lane::Normal);
    let a = due(&queue).await.unwrap();
    assert!(due(&queue).await.is_none(), "b must wait");
    queue.add("u", Lane::Urgent);
    let u = due(&queue).await.unwrap();
    assert_eq!(*u.key(), "u");
    queue.add("v", Lane::Urgent);
    assert!(due(&queue).await.is_none(), "both slots are taken");
    a.done(None);
    assert_eq!(due_key(&queue).await, Some("v"));
    u.done(None);
    assert_eq!(due_key(&queue).await, Some("b"));
}

#[tokio::test(start_paused = true)]
async fn a_single_slot_serves_both_lanes() {
    let queue = queue(1);
    queue.add("a", Lane::Normal);
    assert_eq!(due_key(&queue).await, Some("a"));
}

#[tokio::test(start_paused = true)]
async fn failures_double_the_delay_and_success_resets_it() {
    let queue = queue(4);
    queue.add("a", Lane::Normal);
    queue.next().await.failed();
    let mut delays = Vec::new();
    for _ in 0..10 {
        let began = Instant::now();
        let work = queue.next().await;
        delays.push(began.elapsed().as_millis());
        work.failed();
    }
    assert_eq!(delays, [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
    queue.next().await.done(None);
    queue.add("a", Lane::Normal);
    queue.next().await.failed();
    let began = Instant::now();
    queue.next().await.done(None);
    assert_eq!(began.elapsed().as_millis(), 500);
}

#[tokio::test(start_paused = true)]
async fn news_cuts_a_back_off_short_but_not_to_nothing() {
    let queue = queue(4);
    queue.add("a", Lane::Normal);
    for _ in 0..6 {
        queue.next().await.failed();
    }
    let began = Instant::now();
    queue.add("a", Lane::Normal);
    let work = queue.next().await;
    assert_eq!(began.elapsed(), SHORTEST_REST);
    queue.add("a", Lane::Normal);
    work.failed();
    let began = Instant::now();
    queue.next().await.failed();
    assert_eq!(began.elapsed(), SHORTEST_REST, "the same for news during the pass");
    let began = Instant::now();
    queue.add("a", Lane::Urgent);
    queue.next().await.done(None);
    assert_eq!(began.elapsed(), Duration::ZERO, "a breach does not wait");
}

#[tokio::test(start_paused = true)]
async fn work_that_vanishes_has_failed() {
    let queue = queue(4);
    queue.add("a", Lane::Normal);
    let work = queue.next().await;
    let task = tokio::spawn(async move {
        let _work = work;
        panic!("a pass that panics");
    });
    assert!(task.await.is_err());
    let began = Instant::now();
    assert_eq!(*queue.next().await.key(), "a");
    assert_eq!(began.elapsed(), FIRST_DELAY);
}

#[tokio::test(start_paused = true)]
async fn a_pass_may_ask_to_come_back() {
    let queue = queue(4);
    queue.add("a", Lane::Normal);
    queue.next().await.done(Some((Lane::Urgent, after(5))));
    let began = Instant::now();
    let work = queue.next().await;
    assert_eq!(began.elapsed().as_secs(), 5);
    work.done(None);
    assert_eq!(queue.depth(), 0);
}
