//! Mutations that know a little of what they change: tokens, numbers, texts, lines and nesting, and plain bytes.

/// SplitMix64: one number in, the same inputs on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `bound`; 0 when that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Inputs do not grow beyond this.
const LONGEST: usize = 1 << 20;

const NUMBERS: [&str; 24] = [
    "0",
    "-0",
    "-1",
    "1",
    "0.0",
    "1e308",
    "-1e308",
    "1e309",
    "5e-324",
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "1e-400",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "4294967296",
    "2147483648",
    "00",
    "0x10",
    "1_000",
];

/// Controls, terminal escapes, marks that turn the line around, log lines of somebody else, and placeholders.
pub const TEXTS: [&str; 16] = [
    "",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "a\nb\r\nc",
    "\u{202e}gnp.exe\u{2066}",
    "line\u{2028}two\u{2029}three\u{85}four",
    "\u{0}\u{8}\u{7f}\u{9b}31m",
    "\u{feff}\u{200b}\u{200f}",
    "::error::forged",
    "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "TODO",
    "&amp;&#x1b;&lol;",
    "%s%n${jndi:ldap://x}",
    "2026-13-45T99:99:99Z",
    "\u{1f4a9}\u{301}\u{301}\u{301}",
    "*/../../etc/passwd",
];

/// Pieces of the syntaxes that are read.
const TOKENS: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "false",
    "---\n",
    "- ",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "|\n",
    "<testsuite>",
    "</testsuite>",
    "<testcase name='x'/>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    "\"\"",
    "PAR1",
    "ARROW1",
    "{\"deny\":1}\n",
    "\\u0000",
    "\\ud800",
    "\n",
    "\t",
    "# ",
];

/// Numbers as binary formats write them: large, negative, and longer than they look.
const INTEGERS: [&[u8]; 9] = [
    b"\xff\xff\xff\xff\x0f",
    b"\xfe\xff\xff\xff\x0f",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\xff\xff\xff\x7f",
    b"\x80\x80\x80\x80\x08",
    b"\0\0\0\x80",
    b"\0",
    b"\x01",
    b"\xff",
];

pub struct Mutator<'a> {
    seeds: Vec<&'a [u8]>,
}

impl<'a> Mutator<'a> {
    pub fn new(seeds: Vec<&'a [u8]>) -> Self {
        Self { seeds }
    }

    /// A mutated input, and the seed that it is made of.
    pub fn mutate(&self, random: &mut Random) -> (usize, Vec<u8>) {
        let of = random.below(self.seeds.len());
        let mut bytes = self.seeds[of].to_vec();
        for _ in 0..=random.below(4) {
            self.step(&mut bytes, random);
            bytes.truncate(LONGEST);
        }
        (of, bytes)
    }

    fn step(&self, bytes: &mut Vec<u8>, random: &mut Random) {
        match random.below(22) {
            0 => flip(bytes, random),
            1 => bytes.truncate(random.below(bytes.len())),
            2 => {
                let (start, end) = range(bytes.len(), random);
                bytes.drain(start..end);
            }
            3 => {
                let (start, end) = range(bytes.len(), random);
                let part = bytes[start..end].to_vec();
                insert(bytes, start, &part);
            }
            4 => {
                let other = self.seeds[random.below(self.seeds.len())];
                let (start, end) = range(other.len(), random);
                let at = random.below(bytes.len() + 1);
                insert(bytes, at, &other[start..end]);
            }
            5 => {
                let at = random.below(bytes.len() + 1);
                insert(bytes, at, random.one_of(&TOKENS).as_bytes());
            }
            6 => {
                let token = random.one_of(&TOKENS).repeat(1 << random.below(14));
                let at = random.below(bytes.len() + 1);
                insert(bytes, at, token.as_bytes());
            }
            7..=9 => {
                let places = numbers(bytes);
                replace(bytes, &places, random.one_of(&NUMBERS).as_bytes(), random);
            }
            10..=12 => {
                let (places, text) = (quoted(bytes), text(random));
                replace(bytes, &places, text.as_bytes(), random);
            }
            13 => nest(bytes, random),
            14 => twice(bytes, random),
            15 => insert(bytes, 0, random.one_of::<[u8]>(&[b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b" \t\n"])),
            16 => {
                let crlf: Vec<u8> = bytes.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..]);
                *bytes = crlf;
            }
            17 => {
                let at = random.below(bytes.len() + 1);
                insert(
                    bytes,
                    at,
                    random.one_of::<[u8]>(&[b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\0"]),
                );
            }
            18 => {
                let at = random.below(bytes.len() + 1);
                insert(bytes, at, random.one_of(&TEXTS).as_bytes());
            }
            19 => lines(bytes, random),
            20 => cell(bytes, random),
            _ => integer(bytes, random),
        }
    }
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    if !bytes.is_empty() {
        for _ in 0..=random.below(8) {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
    }
}

fn range(length: usize, random: &mut Random) -> (usize, usize) {
    let start = random.below(length + 1);
    let longest = if random.below(2) == 0 { 32 } else { length };
    (start, (start + random.below(longest + 1)).min(length))
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    let at = at.min(bytes.len());
    bytes.splice(at..at, part.iter().copied());
}

fn replace(bytes: &mut Vec<u8>, places: &[(usize, usize)], with: &[u8], random: &mut Random) {
    if let Some((start, end)) = places.get(random.below(places.len())).copied() {
        bytes.splice(start..end, with.iter().copied());
    }
}

/// Short or long, and as JSON would write it or not.
fn text(random: &mut Random) -> String {
    let text = random.one_of(&TEXTS).repeat(1 << (random.below(3) * random.below(5)));
    if random.below(2) == 0 {
        return text;
    }
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if u32::from(c) < 0x20 => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

fn numbers(bytes: &[u8]) -> Vec<(usize, usize)> {
    let part_of = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    let mut found = Vec::new();
    let mut at = 0;
    for run in bytes.chunk_by(|one, two| part_of(one) == part_of(two)) {
        if run.iter().any(u8::is_ascii_digit) {
            found.push((at, at + run.len()));
        }
        at += run.len();
    }
    found
}

/// What stands between quotes, and names of elements and keys in YAML.
fn quoted(bytes: &[u8]) -> Vec<(usize, usize)> {
    let marks: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, b)| matches!(b, b'"' | b'\'')).map(|(at, _)| at).collect();
    marks.windows(2).map(|pair| (pair[0] + 1, pair[1])).collect()
}

/// Brackets around a part, few or very many.
fn nest(bytes: &mut Vec<u8>, random: &mut Random) {
    let (start, end) = range(bytes.len(), random);
    let (open, close) =
        [("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("<a>", "</a>"), ("[[", ""), ("- ", "")][random.below(6)];
    let times = 1 << random.below(16);
    insert(bytes, end, close.repeat(times).as_bytes());
    insert(bytes, start, open.repeat(times).as_bytes());
}

/// Something that stands between two commas or line ends stands there twice: keys, columns, rows.
fn twice(bytes: &mut Vec<u8>, random: &mut Random) {
    let ends: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, b)| matches!(b, b',' | b'\n')).map(|(at, _)| at).collect();
    if ends.len() > 1 {
        let first = random.below(ends.len() - 1);
        let part = bytes[ends[first]..ends[first + 1]].to_vec();
        insert(bytes, ends[first], &part);
    }
}

fn lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut all: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, two) = (random.below(all.len()), random.below(all.len()));
    if random.below(2) == 0 {
        all.swap(one, two)
    } else {
        all[one] = all[two].clone()
    }
    *bytes = all.join(&b"\n"[..]);
}

/// What stands between two commas becomes hostile.
fn cell(bytes: &mut Vec<u8>, random: &mut Random) {
    let ends: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, b)| matches!(b, b',' | b'\n')).map(|(at, _)| at).collect();
    let places: Vec<(usize, usize)> = ends.windows(2).map(|pair| (pair[0] + 1, pair[1])).collect();
    let with = if random.below(2) == 0 { text(random) } else { random.one_of(&NUMBERS).to_owned() };
    replace(bytes, &places, with.as_bytes(), random);
}

/// Whole numbers as binary formats write them; most of what a Parquet file claims stands at its end.
fn integer(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    let near_end = random.below(2) == 0;
    let at = if near_end { bytes.len() - 1 - random.below(bytes.len().min(2000)) } else { random.below(bytes.len()) };
    let with = random.one_of(&INTEGERS);
    let end = if random.below(2) == 0 { at } else { (at + with.len()).min(bytes.len()) };
    bytes.splice(at..end, with.iter().copied());
}
