//! The packed form of a statement's rows: little-endian, read in place.
//!
//! ```text
//! u32 columns, u32 rows
//! per column: u16 length, name
//! per row and column: u8 kind, then
//!   null: nothing;  bool: u8;  i16: 2 bytes;  i32, date: 4 bytes;  i64, f64, time, timestamp: 8 bytes
//!   text, bytes, json, uuid: u32 length, bytes
//! ```

use crate::value::kind;

/// One cell, borrowed from the packed rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A 16 bit integer.
    I16(i16),
    /// A 32 bit integer.
    I32(i32),
    /// A 64 bit integer.
    I64(i64),
    /// A floating point number.
    F64(f64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A JSON text.
    Json(&'a str),
    /// 16 bytes.
    Uuid(&'a [u8]),
}

/// Writes packed rows into a buffer that can be used again.
pub struct Writer {
    buffer: Vec<u8>,
    rows: u32,
}

impl Writer {
    /// Starts in an empty buffer, of which only the capacity is kept.
    pub fn new(mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        buffer.extend_from_slice(&[0; 8]);
        Writer { buffer, rows: 0 }
    }

    /// Writes the names of the columns; once, before the first row.
    pub fn columns<'n>(&mut self, names: impl ExactSizeIterator<Item = &'n str>) {
        let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
        self.buffer[0..4].copy_from_slice(&count.to_le_bytes());
        for name in names {
            let bytes = &name.as_bytes()[..name.len().min(usize::from(u16::MAX))];
            let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
            self.buffer.extend_from_slice(&length.to_le_bytes());
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Counts one row, whose cells follow.
    pub fn row(&mut self) {
        self.rows += 1;
    }

    /// Appends a cell to the current row. `false` where it is longer than the format can say.
    #[must_use]
    pub fn cell(&mut self, cell: Cell<'_>) -> bool {
        match cell {
            Cell::Null => self.fixed(kind::NULL, &[]),
            Cell::Bool(value) => self.fixed(kind::BOOL, &[u8::from(value)]),
            Cell::I16(value) => self.fixed(kind::I16, &value.to_le_bytes()),
            Cell::I32(value) => self.fixed(kind::I32, &value.to_le_bytes()),
            Cell::I64(value) => self.fixed(kind::I64, &value.to_le_bytes()),
            Cell::F64(value) => self.fixed(kind::F64, &value.to_le_bytes()),
            Cell::Date(value) => self.fixed(kind::DATE, &value.to_le_bytes()),
            Cell::Time(value) => self.fixed(kind::TIME, &value.to_le_bytes()),
            Cell::Timestamp(value) => self.fixed(kind::TIMESTAMP, &value.to_le_bytes()),
            Cell::Text(value) => self.run(kind::TEXT, value.as_bytes()),
            Cell::Json(value) => self.run(kind::JSON, value.as_bytes()),
            Cell::Bytes(value) => self.run(kind::BYTES, value),
            Cell::Uuid(value) => self.run(kind::UUID, value),
        }
    }

    fn tag(&mut self, kind: u32) {
        self.buffer.extend_from_slice(&kind.to_le_bytes()[..1]);
    }

    fn fixed(&mut self, kind: u32, bytes: &[u8]) -> bool {
        self.tag(kind);
        self.buffer.extend_from_slice(bytes);
        true
    }

    fn run(&mut self, kind: u32, bytes: &[u8]) -> bool {
        let Ok(length) = u32::try_from(bytes.len()) else {
            return false;
        };
        self.tag(kind);
        self.buffer.extend_from_slice(&length.to_le_bytes());
        self.buffer.extend_from_slice(bytes);
        true
    }

    /// The finished bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.buffer[4..8].copy_from_slice(&self.rows.to_le_bytes());
        self.buffer
    }
}

/// Reads packed rows in place.
pub struct Reader<'a> {
    names: Vec<&'a str>,
    rows: usize,
    rest: Input<'a>,
}

impl<'a> Reader<'a> {
    /// Reads the head; `None` where the bytes are not packed rows.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = Input(bytes);
        let columns = rest.length()?;
        let rows = rest.length()?;
        let mut names = Vec::with_capacity(columns.min(64));
        for _ in 0..columns {
            let length = u16::from_le_bytes(rest.array()?);
            names.push(rest.text(usize::from(length))?);
        }
        Some(Reader { names, rows, rest })
    }

    /// The names of the columns.
    pub fn names(&self) -> &[&'a str] {
        &self.names
    }

    /// How many rows are still to come.
    pub fn remaining(&self) -> usize {
        self.rows
    }

    /// Reads the next row's cells into `cells`, which is cleared first. `false` after the last row, or
    /// where the bytes are damaged.
    pub fn next_row(&mut self, cells: &mut Vec<Cell<'a>>) -> bool {
        cells.clear();
        if self.rows == 0 {
            return false;
        }
        self.rows -= 1;
        for _ in 0..self.names.len() {
            let Some(cell) = self.rest.cell() else {
                self.rows = 0;
                return false;
            };
            cells.push(cell);
        }
        true
    }
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }

    fn text(&mut self, length: usize) -> Option<&'a str> {
        core::str::from_utf8(self.take(length)?).ok()
    }

    fn cell(&mut self) -> Option<Cell<'a>> {
        let [tag] = self.array()?;
        Some(match u32::from(tag) {
            kind::NULL => Cell::Null,
            kind::BOOL => Cell::Bool(self.array::<1>()? != [0]),
            kind::I16 => Cell::I16(i16::from_le_bytes(self.array()?)),
            kind::I32 => Cell::I32(i32::from_le_bytes(self.array()?)),
            kind::I64 => Cell::I64(i64::from_le_bytes(self.array()?)),
            kind::F64 => Cell::F64(f64::from_le_bytes(self.array()?)),
            kind::DATE => Cell::Date(i32::from_le_bytes(self.array()?)),
            kind::TIME => Cell::Time(i64::from_le_bytes(self.array()?)),
            kind::TIMESTAMP => Cell::Timestamp(i64::from_le_bytes(self.array()?)),
            kind::TEXT => {
                let length = self.length()?;
                Cell::Text(self.text(length)?)
            }
            kind::JSON => {
                let length = self.length()?;
                Cell::Json(self.text(length)?)
            }
            kind::BYTES => {
                let length = self.length()?;
                Cell::Bytes(self.take(length)?)
            }
            kind::UUID => {
                let length = self.length()?;
                Cell::Uuid(self.take(length)?)
            }
            _ => return None,
        })
    }
}
