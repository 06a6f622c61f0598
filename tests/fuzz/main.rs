//! Everything that reads foreign bytes, fed with bytes that nobody meant: mutated documents against the readers in
//! this process, and hostile files against the real program under limits. How to run it for long: `CONTRIBUTING.md`.

mod bench;
mod corpus;
mod harness;
mod hostile;
mod memory;
mod mutate;
mod properties;
mod targets;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;
