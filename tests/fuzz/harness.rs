//! Runs one target over its corpus and over mutations of it, within limits of memory and time. What fails is kept.

use crate::corpus::Seed;
use crate::memory;
use crate::mutate::{Mutator, Random};
use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Mutated inputs of each target when nobody says.
const INPUTS: u64 = 200;
const SEED: u64 = 1;
/// What one input may cost. Readers run unoptimised here, and beside other tests.
const PROCESSOR: Duration = Duration::from_secs(5);
/// An input that takes longer never ends.
const WATCH: Duration = Duration::from_secs(60);
/// Held at once for one input, in bytes. The evaluator's pod has 512 MiB.
pub const MEMORY: usize = 256 << 20;

/// What a target says about one input: what it did wrong, or nothing.
pub type Verdict = Result<(), String>;

/// Targets run one after the other: the memory that is counted is the whole process's.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
/// Milliseconds since the process began looking, when the input that runs was started; 0 when none runs.
static STARTED: AtomicU64 = AtomicU64::new(0);

pub fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every seed as it is, then mutations of them, until the number of inputs or the time is used up.
pub fn fuzz(target: &str, seeds: &[Seed], mut run: impl FnMut(&[u8]) -> Verdict) {
    let _alone = alone();
    assert!(!seeds.is_empty(), "{target} has no corpus");
    let (seed, inputs, time) = asked();
    println!("{target}: {} seeds, MODELGATE_FUZZ_SEED={seed}", seeds.len());
    let kept = Kept::new(target);
    watch();
    for Seed { name, bytes } in seeds {
        let limits = check(&kept, bytes, &mut run);
        if let Err(wrong) = limits {
            panic!("{target}: {name}, as it lies in the corpus: {wrong}");
        }
    }
    let began = Instant::now();
    let mutator = Mutator::new(seeds.iter().map(|seed| seed.bytes.as_slice()).collect());
    let mut done = 0;
    while done < inputs && time.is_none_or(|time| began.elapsed() < time) {
        let mut random = Random::new(seed ^ hash(target) ^ done.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (of, bytes) = mutator.mutate(&mut random);
        if let Err(wrong) = check(&kept, &bytes, &mut run) {
            let file = kept.keep(done, &bytes);
            panic!(
                "{target}: input {done} of seed {seed}, made of {}: {wrong}\nkept in {}\nas a regression: cp it to tests/fuzz/corpus/{target}/",
                seeds[of].name,
                file.display()
            );
        }
        done += 1;
    }
    println!("{target}: {done} mutated inputs in {:.1} s", began.elapsed().as_secs_f64());
}

/// Seed, number of inputs, time for one target.
fn asked() -> (u64, u64, Option<Duration>) {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(text.parse::<u64>().unwrap_or_else(|_| panic!("{name} is a whole number, not {text:?}")))
    };
    let time = number("MODELGATE_FUZZ_SECONDS").map(Duration::from_secs);
    let inputs = number("MODELGATE_FUZZ_INPUTS").unwrap_or(if time.is_some() { u64::MAX } else { INPUTS });
    (number("MODELGATE_FUZZ_SEED").unwrap_or(SEED), inputs, time)
}

/// One input under all limits.
fn check(kept: &Kept, bytes: &[u8], run: &mut impl FnMut(&[u8]) -> Verdict) -> Verdict {
    kept.running(bytes);
    let before = memory::start();
    let spent = processor_time();
    STARTED.store(milliseconds(), Ordering::Relaxed);
    let ended = catch_unwind(AssertUnwindSafe(|| run(bytes)));
    STARTED.store(0, Ordering::Relaxed);
    let (spent, peak) = (processor_time().saturating_sub(spent), memory::peak_since(before));
    kept.ended();
    ended.unwrap_or_else(|panic| Err(format!("panicked: {}", words(panic.as_ref()))))?;
    if peak > MEMORY {
        return Err(format!("held {} MiB, {} are allowed, for {} bytes", peak >> 20, MEMORY >> 20, bytes.len()));
    }
    if spent > PROCESSOR {
        return Err(format!("took {spent:?} of a processor, {PROCESSOR:?} are allowed, for {} bytes", bytes.len()));
    }
    Ok(())
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without words").to_owned()
}

/// Of this process, all threads: readers may start some.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn milliseconds() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    1 + START.get_or_init(Instant::now).elapsed().as_millis() as u64
}

/// Ends the process when an input does not end.
fn watch() {
    static WATCHED: std::sync::Once = std::sync::Once::new();
    WATCHED.call_once(|| {
        milliseconds();
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let started = STARTED.load(Ordering::Relaxed);
                if started != 0 && milliseconds().saturating_sub(started) > WATCH.as_millis() as u64 {
                    eprintln!("an input runs for more than {WATCH:?}; see {}", folder().display());
                    std::process::abort();
                }
            }
        });
    });
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz")
}

/// Where inputs lie: the one that runs (an abort leaves it behind), and those that failed.
struct Kept {
    running: PathBuf,
    target: String,
}

impl Kept {
    fn new(target: &str) -> Self {
        fs::create_dir_all(folder()).unwrap();
        let running = folder().join(format!("{target}.running"));
        if running.exists() {
            let file = folder().join(format!("{target}.aborted"));
            fs::rename(&running, &file).unwrap();
            println!("{target}: an earlier run was aborted by {}", file.display());
        }
        Self { running, target: target.to_owned() }
    }

    fn running(&self, bytes: &[u8]) {
        fs::write(&self.running, bytes).unwrap();
    }

    fn ended(&self) {
        fs::remove_file(&self.running).unwrap();
    }

    fn keep(&self, number: u64, bytes: &[u8]) -> PathBuf {
        let file = folder().join(format!("{}.failed-{number}", self.target));
        fs::write(&file, bytes).unwrap();
        file
    }
}

/// FNV-1a: the same on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
