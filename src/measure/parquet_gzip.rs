//! Pages packed with Gzip: the decoder unpacks them to their end, however long that is, so it is looked for before.

use super::MeasureError;
use super::parquet_file::ParquetFile;
use super::parquet_table::unreadable;
use flate2::bufread::MultiGzDecoder;
use parquet::file::reader::ChunkReader;
use std::io::{self, Read};

/// Unpacks the bytes from a place on and keeps none of them.
///
/// # Errors
/// More come of them than `unpacked`; they are no Gzip.
pub fn within(file: &ParquetFile, at: u64, packed: u64, unpacked: u64) -> Result<(), MeasureError> {
    let from = file.get_read(at).map_err(unreadable)?.take(packed);
    let mut bytes = MultiGzDecoder::new(from).take(unpacked.saturating_add(1));
    match io::copy(&mut bytes, &mut io::sink()).map_err(unreadable)? {
        count if count > unpacked => Err(unreadable("a page unpacks to more bytes than it says")),
        _ => Ok(()),
    }
}
