use super::*;
use std::io::Write;

fn file(bytes: &[u8]) -> ParquetFile {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    ParquetFile::new(file).unwrap()
}

/// A file that is nothing but a footer with a schema of these numbers of children.
fn with_schema(children: &[u32]) -> ParquetFile {
    let mut footer = vec![0x29, 0xfc];
    varint(children.len() as u64, &mut footer);
    for count in children {
        footer.extend([0x55]);
        varint(u64::from(*count) << 1, &mut footer);
        footer.push(0);
    }
    footer.push(0);
    let length = (footer.len() as u32).to_le_bytes();
    file(&[b"PAR1", &footer[..], &length, b"PAR1"].concat())
}

fn varint(mut value: u64, to: &mut Vec<u8>) {
    while value > 0x7f {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

#[test]
fn schemas_that_claim_too_much() {
    assert_eq!(footer(&with_schema(&[2, 0, 0])), Ok(()));
    assert_eq!(footer(&with_schema(&[2, 1, 0, 0])), Ok(()));
    let few = footer(&with_schema(&[0x7fff_ffff, 0, 0])).unwrap_err().to_string();
    assert!(few.contains("tells of 2147483647 columns and has 2"), "{few}");
    let mut deep = vec![1; MAX_DEPTH];
    deep.push(0);
    assert_eq!(footer(&with_schema(&deep)), Ok(()));
    deep.insert(0, 1);
    assert!(matches!(footer(&with_schema(&deep)), Err(MeasureError::TooLarge { .. })));
    assert!(footer(&file(b"PAR1")).is_err());
    assert!(footer(&file(b"PAR1\xff\xff\xff\xffPAR1")).is_err());
    assert!(footer(&file(b"PAR1\x09\0\0\0PAR1")).is_err());
}

/// A dictionary page of so many bytes, packed and not, with so many values.
fn dictionary(unpacked: u64, packed: u64, values: u64) -> Vec<u8> {
    let mut page = vec![0x15, 4, 0x15];
    varint(unpacked << 1, &mut page);
    page.push(0x15);
    varint(packed << 1, &mut page);
    page.extend([0x4c, 0x15]);
    varint(values << 1, &mut page);
    page.extend([0x15, 0, 0, 0]);
    page.extend(vec![7; packed as usize]);
    page
}

/// A page of data of so many bytes, not packed, with so many values in this encoding.
fn data(bytes: u64, values: u64, encoding: u64) -> Vec<u8> {
    let mut page = vec![0x15, 0, 0x15];
    varint(bytes << 1, &mut page);
    page.push(0x15);
    varint(bytes << 1, &mut page);
    page.extend([0x2c, 0x15]);
    varint(values << 1, &mut page);
    page.push(0x15);
    varint(encoding << 1, &mut page);
    page.extend([0x15, 6, 0x15, 6, 0, 0]);
    page.extend(vec![7; bytes as usize]);
    page
}

#[test]
fn what_pages_hold() {
    let look = |some: &[Vec<u8>]| pages_within(&file(&some.concat()), (0, some.concat().len() as u64), false).unwrap();
    let coded = [dictionary(600, 600, 9), data(40, 20, 8), data(40, 20, 2)];
    assert_eq!(look(&coded), Pages { growing: 0, of_value: 2, dictionary: 600, plain: false });
    assert_eq!(
        look(&[data(40, 20, 8), data(300, 3, 0)]),
        Pages { growing: 0, of_value: 100, dictionary: 0, plain: true }
    );
    assert_eq!(
        look(&[data(70, 0, 7), data(40, 20, 8)]),
        Pages { growing: 70, of_value: 70, dictionary: 0, plain: true }
    );
}

/// A page packed with Gzip: version 1, or version 2 with so many bytes of levels before the values.
fn gzip(unpacked: u64, told: u64, levels: Option<u64>) -> Vec<u8> {
    let mut packed = vec![0; levels.unwrap_or(0) as usize];
    let mut encoder = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
    encoder.write_all(&vec![7; unpacked as usize]).unwrap();
    encoder.finish().unwrap();
    let mut page = vec![0x15, if levels.is_some() { 6 } else { 0 }, 0x15];
    varint((told + levels.unwrap_or(0)) << 1, &mut page);
    page.push(0x15);
    varint((packed.len() as u64) << 1, &mut page);
    match levels {
        None => page.extend([0x2c, 0x15, 20, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0]),
        Some(levels) => {
            page.extend([0x5c, 0x15, 20, 0x15, 0, 0x15, 20, 0x15, 0, 0x15]);
            varint(levels << 1, &mut page);
            page.extend([0x15, 0, 0, 0]);
        }
    }
    page.extend(packed);
    page
}

#[test]
fn what_gzip_unpacks_to_is_known_before() {
    let look = |bytes: Vec<u8>| pages_within(&file(&bytes), (0, bytes.len() as u64), true);
    for levels in [None, Some(0), Some(9)] {
        assert!(look(gzip(1_000_000, 1_000_000, levels)).is_ok(), "{levels:?}");
        let more = look(gzip(1_000_000, 999_999, levels)).unwrap_err().to_string();
        assert!(more.contains("more bytes than it says"), "{levels:?}: {more}");
    }
    let mut broken = gzip(1000, 1000, None);
    broken.truncate(broken.len() - 9);
    assert!(look(broken).is_err());
    assert!(look(data(40, 20, 0)).is_err(), "no Gzip");
}

#[test]
fn a_field_that_stands_twice() {
    let mut page = vec![0x15, 0, 0x15, 80, 0x15, 80, 0x05, 6, 2];
    page.extend(vec![0; 90]);
    let twice = pages_within(&file(&page), (0, page.len() as u64), false).unwrap_err().to_string();
    assert!(twice.contains("stands twice"), "{twice}");
}

#[test]
fn pages_that_claim_too_much() {
    let look = |bytes: Vec<u8>| pages_within(&file(&bytes), (0, bytes.len() as u64), false);
    assert_eq!(look([dictionary(40, 20, 10), dictionary(600, 600, 9)].concat()).map(|pages| pages.dictionary), Ok(600));
    assert!(matches!(look(dictionary(MAX_PAGE + 1, 20, 10)), Err(MeasureError::TooLarge { .. })));
    assert!(look(dictionary(40, 20, 41)).is_err());
    let whole = dictionary(40, 20, 10);
    assert!(pages_within(&file(&whole), (0, whole.len() as u64 + 1), false).is_err());
    assert!(look(whole[..9].to_vec()).is_err());
}
