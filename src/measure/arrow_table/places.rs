//! Where the parts of each column stand in a batch of Arrow IPC.

use crate::measure::MeasureError;
use crate::measure::arrow_file::unreadable;
use arrow_ipc::RecordBatch;
use arrow_schema::DataType;

/// Parts of a batch that come before a column, or all of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Places {
    pub nodes: usize,
    /// Without those that a batch may have any number of.
    pub buffers: usize,
    /// Columns that have any number of buffers.
    pub views: usize,
}

/// Whether a batch has as many parts as its columns need.
pub fn whole(batch: &RecordBatch<'_>, all: Places) -> Result<(), MeasureError> {
    let counts = batch.variadicBufferCounts();
    let views = counts.map_or(0, |counts| counts.len());
    let long =
        counts.into_iter().flatten().try_fold(0usize, |sum, count| sum.checked_add(usize::try_from(count).ok()?));
    let nodes = batch.nodes().map_or(0, |nodes| nodes.len());
    let buffers = batch.buffers().map_or(0, |buffers| buffers.len());
    let asked = long.and_then(|long| all.buffers.checked_add(long));
    if views == all.views && nodes == all.nodes && asked == Some(buffers) {
        Ok(())
    } else {
        Err(unreadable("a batch has not the columns of its schema"))
    }
}

impl Places {
    /// Adds the parts of one column.
    pub fn add(&mut self, kind: &DataType) {
        self.nodes += 1;
        match kind {
            DataType::Null => {}
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary => self.buffers += 3,
            DataType::Utf8View | DataType::BinaryView => {
                self.buffers += 2;
                self.views += 1;
            }
            DataType::List(inner) | DataType::LargeList(inner) | DataType::Map(inner, _) => {
                self.buffers += 2;
                self.add(inner.data_type());
            }
            DataType::ListView(inner) | DataType::LargeListView(inner) => {
                self.buffers += 3;
                self.add(inner.data_type());
            }
            DataType::FixedSizeList(inner, _) => {
                self.buffers += 1;
                self.add(inner.data_type());
            }
            DataType::Struct(fields) => {
                self.buffers += 1;
                fields.iter().for_each(|field| self.add(field.data_type()));
            }
            DataType::Union(fields, mode) => {
                self.buffers += if *mode == arrow_schema::UnionMode::Dense { 2 } else { 1 };
                fields.iter().for_each(|(_, field)| self.add(field.data_type()));
            }
            DataType::RunEndEncoded(ends, values) => {
                self.add(ends.data_type());
                self.add(values.data_type());
            }
            _ => self.buffers += 2,
        }
    }
}
