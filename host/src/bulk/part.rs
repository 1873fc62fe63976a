// SPDX-License-Identifier: MIT OR Apache-2.0
//! One Parquet file of rows, and what is read of it again: whose it is and which entries it holds.

use std::sync::Arc;

use actix_web::web::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::columns::{Cell, Columns, Kind, Row, SOURCE};
use super::identity::Identity;

/// The key of the file's metadata under which its identity stands, as JSON.
const IDENTITY: &str = "assay";

/// Why a part cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// It cannot be written, or is no whole Parquet file.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// It is one of another program.
    #[error("it does not say what its rows were made by; it is no part of `assay bulk`")]
    Foreign,
}

/// What a part tells of itself.
pub(super) struct Read {
    /// What its rows were made by.
    pub(super) identity: Identity,
    /// The entries that it has a row of.
    pub(super) sources: Vec<String>,
}

/// The bytes of a file with these rows.
pub(super) fn write(
    columns: &Columns,
    identity: &Identity,
    rows: &[Row],
) -> Result<Vec<u8>, PartError> {
    let identity = serde_json::to_string(identity).unwrap_or_default();
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("assay ", env!("CARGO_PKG_VERSION")).into())
        .set_key_value_metadata(Some(vec![KeyValue::new(IDENTITY.into(), identity)]));
    let schema = Arc::new(schema(columns)?);
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    let mut group = file.next_row_group()?;
    for index in 0..columns.list().len() {
        write_column(&mut group, rows.iter().filter_map(|row| row.get(index)))?;
    }
    group.close()?;
    Ok(file.into_inner()?)
}

fn schema(columns: &Columns) -> Result<Type, ParquetError> {
    let fields = columns.list().iter().map(|column| {
        let (physical, logical) = match column.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Real => (Physical::DOUBLE, None),
            Kind::Whole => (Physical::INT64, None),
            Kind::Moment => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        };
        let field = Type::primitive_type_builder(&column.name, physical);
        let field = field.with_repetition(Repetition::OPTIONAL).with_logical_type(logical);
        field.build().map(Arc::new)
    });
    let fields = fields.collect::<Result<_, _>>()?;
    Type::group_type_builder("picture").with_fields(fields).build()
}

/// Writes the next column: its values, and which of them are there.
fn write_column<'a>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<(), ParquetError> {
    let (mut there, mut texts, mut reals, mut wholes) = (vec![], vec![], vec![], vec![]);
    let mut kind = Physical::BYTE_ARRAY;
    for cell in cells {
        let is_there = match cell {
            Cell::Text(text) => {
                texts.extend(text.as_deref().map(ByteArray::from));
                text.is_some()
            }
            Cell::Real(number) => {
                kind = Physical::DOUBLE;
                reals.extend(*number);
                number.is_some()
            }
            Cell::Whole(number) => {
                kind = Physical::INT64;
                wholes.extend(*number);
                number.is_some()
            }
        };
        there.push(i16::from(is_there));
    }
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    match kind {
        Physical::DOUBLE => column.typed::<DoubleType>().write_batch(&reals, Some(&there), None)?,
        Physical::INT64 => column.typed::<Int64Type>().write_batch(&wholes, Some(&there), None)?,
        _ => column.typed::<ByteArrayType>().write_batch(&texts, Some(&there), None)?,
    };
    column.close()
}

/// Reads a file's identity and entries.
pub(super) fn read(bytes: Vec<u8>) -> Result<Read, PartError> {
    let file = SerializedFileReader::new(Bytes::from(bytes))?;
    let about = file.metadata().file_metadata();
    let identity = about.key_value_metadata().and_then(|pairs| {
        let pair = pairs.iter().find(|pair| pair.key == IDENTITY)?;
        serde_json::from_str(pair.value.as_deref()?).ok()
    });
    let identity = identity.ok_or(PartError::Foreign)?;
    let columns = about.schema_descr().columns();
    let source = columns.iter().position(|column| column.name() == SOURCE);
    let source = source.ok_or(PartError::Foreign)?;
    let mut sources = Vec::new();
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group)?;
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let ColumnReader::ByteArrayColumnReader(mut reader) = group.get_column_reader(source)?
        else {
            return Err(PartError::Foreign);
        };
        let (mut there, mut values) = (Vec::new(), Vec::new());
        let mut read = 0;
        while read < rows {
            let (more, ..) =
                reader.read_records(rows - read, Some(&mut there), None, &mut values)?;
            if more == 0 {
                break;
            }
            read += more;
        }
        for value in values {
            let text = String::from_utf8(value.data().to_vec());
            sources.push(text.map_err(|_| PartError::Foreign)?);
        }
    }
    Ok(Read { identity, sources })
}
