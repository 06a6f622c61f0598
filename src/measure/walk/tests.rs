use super::*;
use crate::measure::key::{key, value};
use crate::measure::numbers::{Collector, HELD};
use proptest::prelude::*;

const ALL: Wanted = Wanted { distance: true, area: true, bins: true, values: None };

fn nothing(_: &mut dyn FnMut(&[u64])) -> Result<(), MeasureError> {
    Ok(())
}

/// Whatever form the numbers have, and in whatever order.
fn walked(one: &Numbers, two: &Numbers, wanted: Wanted) -> Walked {
    let (one, two) = (Side { numbers: one, again: &nothing }, Side { numbers: two, again: &nothing });
    walk(&one, &two, wanted, &mut Scratch::default()).unwrap()
}

fn held(values: &[f64]) -> Numbers {
    of_keys(values.iter().map(|v| key(v + 0.0)).collect())
}

fn of_keys(keys: Vec<u64>) -> Numbers {
    let extent = keys.iter().min().copied().zip(keys.iter().max().copied());
    Numbers::Held { keys, extent }
}

fn counted(values: &[f64]) -> Numbers {
    let mut collector = Collector::new(values.len() as u64, vec![]);
    collector.extend(values, "x").unwrap();
    collector.finish().0
}

/// By definition: at every number, how many are at or below it.
fn plainly(one: &[f64], two: &[f64]) -> (u64, f64) {
    let at_most = |side: &[f64], v: f64| side.iter().filter(|x| **x <= v).count() as i64;
    let apart = |v: f64| (at_most(one, v) * two.len() as i64 - at_most(two, v) * one.len() as i64).unsigned_abs();
    let mut all = [one, two].concat();
    all.sort_by(f64::total_cmp);
    let farthest = all.iter().map(|v| apart(*v)).max().unwrap();
    let pairs = one.len() as f64 * two.len() as f64;
    (farthest, all.windows(2).map(|pair| apart(pair[0]) as f64 / pairs * (pair[1] - pair[0])).sum())
}

fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e3,
        2 => (-9i32..9).prop_map(f64::from),
        1 => prop::num::f64::SUBNORMAL,
        1 => (0u64..500).prop_map(|step| f64::from_bits(1e9f64.to_bits() + step)),
        1 => Just(0.0),
    ]
}

fn column() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(numbers(), 1..400)
}

fn bits(found: &Walked, n: usize, m: usize) -> (u64, u64, Vec<(u64, u64)>) {
    (found.farthest, found.area(n as u64, m as u64).to_bits(), found.bins.clone())
}

proptest! {
    #[test]
    fn as_defined(one in column(), two in column()) {
        let found = walked(&held(&one), &held(&two), ALL);
        let (farthest, area) = plainly(&one, &two);
        prop_assert_eq!(found.farthest, farthest);
        let ours = found.area(one.len() as u64, two.len() as u64);
        prop_assert!((ours - area).abs() <= 1e-12 * area, "{} {}", ours, area);
        prop_assert_eq!(found.bins.iter().map(|bin| bin.0).sum::<u64>(), one.len() as u64);
        prop_assert_eq!(found.bins.iter().map(|bin| bin.1).sum::<u64>(), two.len() as u64);
    }

    /// To the last bit: in any order, held or counted, with all numbers in order or only those that must be.
    #[test]
    fn the_same_in_every_form(one in column(), mut two in column()) {
        let (n, m) = (one.len(), two.len());
        let expected = bits(&walked(&counted(&one), &counted(&two), ALL), n, m);
        prop_assert_eq!(&expected, &bits(&walked(&held(&one), &counted(&two), ALL), n, m));
        let mut turned = one.clone();
        turned.reverse();
        two.sort_by(f64::total_cmp);
        let ordered = Wanted { values: Some((n as u64, m as u64)), ..ALL };
        prop_assert_eq!(&expected, &bits(&walked(&held(&turned), &held(&two), ordered), n, m));
    }

    #[test]
    fn scale_changes_no_rank(one in column(), two in column()) {
        let scaled = |values: &[f64]| held(&values.iter().map(|v| v * 1024.0).collect::<Vec<_>>());
        let (plain, large) = (walked(&held(&one), &held(&two), ALL), walked(&scaled(&one), &scaled(&two), ALL));
        prop_assert_eq!((plain.farthest, &plain.bins), (large.farthest, &large.bins));
        let (n, m) = (one.len() as u64, two.len() as u64);
        prop_assert_eq!(plain.area(n, m) * 1024.0, large.area(n, m));
    }
}

#[test]
fn tenths_are_values_and_heavy_ones_stand_alone() {
    let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
    assert_eq!(
        walked(&held(&hundred), &held(&[10.0, 10.5]), ALL).bins,
        [vec![(10, 1), (10, 1)], vec![(10, 0); 8]].concat()
    );
    // Zeros that come into a column of ones are seen.
    let ones = [vec![0.0; 2], vec![1.0; 98]].concat();
    let mixed = [vec![0.0; 40], vec![1.0; 10]].concat();
    assert_eq!(walked(&held(&ones), &held(&mixed), ALL).bins, [(2, 40), (98, 10), (0, 0)]);
}

/// More numbers than are held: they are read again, part by part.
#[test]
fn numbers_that_are_read_again() {
    let count = HELD + 70_000;
    // Every third number is zero, and the others lie close together.
    let number =
        |i: usize| if i.is_multiple_of(3) { 0.0 } else { 1.0 + (i as u64 * 7919 % 1_000_003) as f64 * f64::EPSILON };
    let keys: Vec<u64> = (0..count).map(|i| key(number(i))).collect();
    let mut collector = Collector::new(count as u64, vec![]);
    keys.chunks(8192).for_each(|some| {
        collector.extend(&some.iter().map(|key| value(*key)).collect::<Vec<_>>(), "x").unwrap();
    });
    let far = collector.finish().0;
    assert!(matches!(far, Numbers::Extent { .. }));
    let again = |each: &mut dyn FnMut(&[u64])| {
        keys.chunks(8192).for_each(each);
        Ok(())
    };
    let near = held(&(0..5000).map(|i| 1.0 + f64::from(i) * 3e-14).collect::<Vec<_>>());
    let side = |numbers| Side { numbers, again: &again };
    let ordered = Wanted { values: Some((count as u64, 5000)), ..ALL };
    let read = walk(&side(&far), &side(&near), ordered, &mut Scratch::default()).unwrap();
    let kept = walked(&of_keys(keys.clone()), &near, ALL);
    assert_eq!(bits(&read, count, 5000), bits(&kept, count, 5000));
}

/// Both sides have more numbers than are held. The second is counted in the cells of the first; if too many numbers lie where
/// its first ones told of none, in new ones.
#[test]
fn numbers_that_were_counted_in_cells() {
    let count = HELD + 200_000;
    let spread = |i: usize, from: f64| from + (i as u64 * 7919 % 1_000_003) as f64 / 1e3;
    // Of the narrow ones the last fifth lie between two numbers of the others.
    let narrow = |i: usize| if i < HELD { spread(i, 0.0) } else { 2e6 + i as f64 * 1e-9 };
    let columns: [Vec<f64>; 3] = [
        (0..count).map(|i| spread(i, 0.0)).collect(),
        (0..count).map(|i| spread(i + 5, 0.0) * 1.01).collect(),
        (0..count).map(narrow).collect(),
    ];
    let collected = |column: &[f64], other: Option<&Numbers>| {
        let collector = Collector::new(count as u64, vec![]);
        let mut collector = other.into_iter().fold(collector, Collector::beside);
        column.chunks(8192).for_each(|some| collector.extend(some, "x").unwrap());
        collector.finish().0
    };
    let [one, two, narrow] = &columns;
    for (first, second, fit) in [(one, two, true), (one, narrow, false)] {
        let far = collected(first, None);
        let beside = collected(second, Some(&far));
        let reads = std::cell::Cell::new(0);
        let again_one = |each: &mut dyn FnMut(&[u64])| {
            reads.set(reads.get() + 1);
            first.chunks(8192).for_each(|some| each(&some.iter().map(|value| key(*value)).collect::<Vec<_>>()));
            Ok(())
        };
        let again_two = |each: &mut dyn FnMut(&[u64])| {
            second.chunks(8192).for_each(|some| each(&some.iter().map(|value| key(*value)).collect::<Vec<_>>()));
            Ok(())
        };
        let sides = (Side { numbers: &far, again: &again_one }, Side { numbers: &beside, again: &again_two });
        let read = walk(&sides.0, &sides.1, ALL, &mut Scratch::default()).unwrap();
        assert_eq!(bits(&read, count, count), bits(&walked(&held(first), &held(second), ALL), count, count));
        assert_eq!(reads.get() == 1, fit, "{} readings", reads.get());
    }
}
