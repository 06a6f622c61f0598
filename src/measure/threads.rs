//! Columns that are looked at side by side.

use std::sync::{Mutex, PoisonError};

/// Does `work` on each item, on so many threads at once; gives what came of it in the order of the items. Each thread keeps
/// what it uses again from item to item.
pub fn each<T: Send, S: Default, R: Send>(
    items: impl ExactSizeIterator<Item = T> + Send,
    threads: usize,
    work: impl Fn(&mut S, T) -> R + Sync,
) -> Vec<R> {
    let threads = threads.min(items.len());
    let next = Mutex::new(items.enumerate());
    let done: Mutex<Vec<(usize, R)>> = Mutex::default();
    let run = || {
        let mut kept = S::default();
        loop {
            // Held no longer than it takes to get an item.
            let item = next.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, item)) = item else { return };
            let result = work(&mut kept, item);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [0, 1, 2, 9, 200] {
            assert_eq!(
                each(items.iter(), threads, |(), item| item * 2),
                (0..100).map(|item| item * 2).collect::<Vec<_>>()
            );
        }
        assert_eq!(each([0; 0].iter(), 2, |(), item| *item), [0; 0]);
    }
}
