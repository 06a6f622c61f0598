//! Statistics over tables: streamed, bounded, without Kubernetes and without a clock.
//! Definitions and the values they must agree with: `tests/truth/README.md`.

mod array_rows;
mod arrow_buffer;
mod arrow_column;
mod arrow_dictionary;
mod arrow_file;
mod arrow_table;
mod arrow_views;
pub mod benjamini_hochberg;
mod cells;
mod chi_square;
pub mod contract;
mod csv_numbers;
mod csv_records;
mod csv_table;
mod decimals;
pub mod drift;
mod error;
pub mod fairness;
mod fractions;
mod instants;
mod json_line;
mod json_lines;
mod key;
mod ks;
pub mod ks_probability;
mod numbers;
#[cfg(test)]
mod order;
mod parquet_cells;
mod parquet_claims;
mod parquet_file;
mod parquet_gzip;
mod parquet_int96;
mod parquet_numbers;
mod parquet_table;
mod parquet_values;
mod plain_cells;
pub mod privacy;
pub mod profile;
pub mod rows;
mod shares;
mod sums;
pub mod table;
mod texts;
mod threads;
mod thrift;
pub mod value;
mod walk;

#[cfg(test)]
pub use arrow_table::tests::file_of as arrow_file_of;
pub use csv_numbers::Aside;
pub use error::MeasureError;
pub use profile::Profile;
pub use table::Table;
