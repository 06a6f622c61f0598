//! Files made to hurt, given to the real program with little memory and time: a clear error, never a pass, never a
//! panic, and nothing of them printed as it is.

mod arrow;
mod columnar;
mod contracts;
mod documents;
mod json_lines;
mod limited;
mod manifests;
mod parquet;
mod tables;
