//! Rows as diesel reads them, borrowed from the host's packed bytes.

use std::ops::Range;
use std::rc::Rc;

use diesel::row::{Field as DieselField, PartialRow, Row as DieselRow, RowIndex, RowSealed};
use loggia_abi::rows::Cell;

use crate::backend::Backend;

/// One row of an answer.
#[derive(Debug)]
pub struct Row<'c> {
    names: Rc<[&'c str]>,
    cells: Vec<Cell<'c>>,
}

impl<'c> Row<'c> {
    pub(crate) fn new(names: Rc<[&'c str]>, cells: Vec<Cell<'c>>) -> Self {
        Row { names, cells }
    }
}

impl RowSealed for Row<'_> {}

impl RowIndex<usize> for Row<'_> {
    fn idx(&self, index: usize) -> Option<usize> {
        (index < self.cells.len()).then_some(index)
    }
}

impl<'n> RowIndex<&'n str> for Row<'_> {
    fn idx(&self, name: &'n str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }
}

impl<'c> DieselRow<'c, Backend> for Row<'c> {
    type Field<'f>
        = Field<'f>
    where
        'c: 'f,
        Self: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        self.cells.len()
    }

    fn get<'b, I>(&'b self, index: I) -> Option<Field<'b>>
    where
        'c: 'b,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        Some(Field {
            name: self.names.get(index).copied(),
            cell: *self.cells.get(index)?,
        })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self> {
        PartialRow::new(self, range)
    }
}

/// One field of a row.
#[derive(Debug)]
pub struct Field<'f> {
    name: Option<&'f str>,
    cell: Cell<'f>,
}

impl<'f> DieselField<'f, Backend> for Field<'f> {
    fn field_name(&self) -> Option<&str> {
        self.name
    }

    fn value(&self) -> Option<Cell<'_>> {
        match self.cell {
            Cell::Null => None,
            cell => Some(cell),
        }
    }
}
