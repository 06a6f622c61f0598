//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Tables of the program hold some 60,000 addresses that are set right at each start. Said one by one they take 1.5 MB,
    // which every process would read; in this form (`DT_RELR`, glibc 2.36 and newer) they take some KB.
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
