//! Statistics over tables: streamed, bounded, without Kubernetes and without a clock.
//! Definitions and the values they must agree with: `tests/truth/README.md`.

mod csv_table;
mod error;
pub mod fairness;
mod parquet_table;
pub mod table;

pub use error::MeasureError;
pub use table::Table;
