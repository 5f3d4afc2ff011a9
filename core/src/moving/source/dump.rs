//! A plain SQL dump, as mysqldump, phpMyAdmin and pg_dump write it: read once from its beginning to its end, whatever
//! its size. Only tables and rows are taken, all other statements are passed over.

mod lexer;

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use lexer::{Lexer, Token};

use super::shelf::{Column, Shelf};
use crate::moving::{MovingError, Outcome};

/// How far the reading is.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Bytes that were read.
    pub done: u64,
    /// Bytes of the file.
    pub total: u64,
}

/// What stands in a table's definition where a column could.
const NO_COLUMNS: [&str; 10] = [
    "PRIMARY",
    "KEY",
    "UNIQUE",
    "INDEX",
    "CONSTRAINT",
    "FULLTEXT",
    "SPATIAL",
    "FOREIGN",
    "CHECK",
    "EXCLUDE",
];

/// Reads the tables of a dump that are wanted.
pub(super) fn read(
    path: &Path,
    wanted: &dyn Fn(&str) -> bool,
    reading: &mut dyn FnMut(Reading),
) -> Outcome<Shelf> {
    let what = path.display().to_string();
    let file = File::open(path).map_err(MovingError::of(&what))?;
    let total = file.metadata().map_or(0, |facts| facts.len());
    let mut dump = Dump {
        lexer: Lexer::new(file),
        shelf: Shelf::new()?,
        tables: HashMap::new(),
        wanted,
    };
    while dump.statement()? {
        reading(Reading {
            done: dump.lexer.position(),
            total,
        });
    }
    dump.shelf.finish()
}

struct Dump<'w, R> {
    lexer: Lexer<R>,
    shelf: Shelf,
    /// The columns of the tables so far.
    tables: HashMap<String, Vec<String>>,
    wanted: &'w dyn Fn(&str) -> bool,
}

impl<R: std::io::Read> Dump<'_, R> {
    /// Reads one statement; `false` at the end.
    fn statement(&mut self) -> Outcome<bool> {
        let word = match self.lexer.next()? {
            Token::End => return Ok(false),
            Token::Symbol(b';') => return Ok(true),
            Token::Word(word) => word.to_uppercase(),
            _ => String::new(),
        };
        match word.as_str() {
            "CREATE" => self.create()?,
            "INSERT" | "REPLACE" => self.insert()?,
            "COPY" => self.copy()?,
            "SET" => self.set()?,
            _ => self.skip()?,
        }
        Ok(true)
    }

    fn skip(&mut self) -> Outcome<()> {
        loop {
            if let Token::Symbol(b';') | Token::End = self.lexer.next()? {
                return Ok(());
            }
        }
    }

    /// pg_dump says that a backslash in a text is only a backslash.
    fn set(&mut self) -> Outcome<()> {
        let Token::Word(name) = self.lexer.next()? else {
            return self.skip();
        };
        if name.eq_ignore_ascii_case("standard_conforming_strings") {
            self.lexer.take_backslashes_plainly();
        }
        self.skip()
    }

    fn create(&mut self) -> Outcome<()> {
        let mut token = self.lexer.next()?;
        if !token.is_word("TABLE") {
            return self.skip();
        }
        token = self.lexer.next()?;
        while ["IF", "NOT", "EXISTS"]
            .iter()
            .any(|word| token.is_word(word))
        {
            token = self.lexer.next()?;
        }
        let table = self.name(token)?;
        if !(self.wanted)(&table.0) || table.1 != Token::Symbol(b'(') {
            return self.skip();
        }
        let columns = self.definitions()?;
        self.shelf.make(&table.0, &columns)?;
        let names = columns.into_iter().map(|column| column.name).collect();
        self.tables.insert(table.0, names);
        self.skip()
    }

    /// A table's name without its schema, and the token behind it.
    fn name(&mut self, token: Token) -> Outcome<(String, Token)> {
        let mut name = token.into_text().unwrap_or_default();
        let mut next = self.lexer.next()?;
        while next == Token::Symbol(b'.') {
            name = self.lexer.next()?.into_text().unwrap_or_default();
            next = self.lexer.next()?;
        }
        let plain = name.rsplit('.').next().unwrap_or_default().to_owned();
        Ok((plain, next))
    }

    fn definitions(&mut self) -> Outcome<Vec<Column>> {
        let mut columns = Vec::new();
        loop {
            let first = self.lexer.next()?;
            let is_column = !NO_COLUMNS.iter().any(|word| first.is_word(word));
            let (kind, end) = self.definition()?;
            if let Some(name) = first.into_text().filter(|_| is_column) {
                columns.push(Column {
                    name,
                    is_number: kind.to_lowercase().contains("int") || kind.ends_with("serial"),
                });
            }
            if end {
                return Ok(columns);
            }
        }
    }

    /// The rest of a definition: its first word, and whether it was the last.
    fn definition(&mut self) -> Outcome<(String, bool)> {
        let (mut kind, mut depth) = (None, 0_u32);
        loop {
            let token = self.lexer.next()?;
            match &token {
                Token::Symbol(b'(') => depth += 1,
                Token::Symbol(b')') if depth > 0 => depth -= 1,
                Token::Symbol(b',') if depth > 0 => {}
                Token::Symbol(b')') => return Ok((kind.unwrap_or_default(), true)),
                Token::Symbol(b',') => return Ok((kind.unwrap_or_default(), false)),
                Token::End => return Err(self.broken("a table's definition does not end")),
                _ => {}
            }
            if kind.is_none() {
                kind = Some(token.into_text().unwrap_or_default());
            }
        }
    }

    fn insert(&mut self) -> Outcome<()> {
        let mut token = self.lexer.next()?;
        while !token.is_word("INTO") {
            if let Token::Symbol(b';') | Token::End = token {
                return Ok(());
            }
            token = self.lexer.next()?;
        }
        let token = self.lexer.next()?;
        let (table, mut next) = self.name(token)?;
        if !(self.wanted)(&table) {
            return self.skip();
        }
        let mut named = None;
        if next == Token::Symbol(b'(') {
            named = Some(self.names()?);
            next = self.lexer.next()?;
        }
        if !next.is_word("VALUES") {
            return self.skip();
        }
        let columns = self.columns_of(&table, named)?;
        self.values(&table, &columns)
    }

    fn names(&mut self) -> Outcome<Vec<String>> {
        let mut names = Vec::new();
        loop {
            match self.lexer.next()? {
                Token::Symbol(b')') => return Ok(names),
                Token::Symbol(_) => {}
                Token::End => return Err(self.broken("a list of columns does not end")),
                token => names.extend(token.into_text()),
            }
        }
    }

    /// The columns that rows are given for. Of a table whose definition is not in the dump, ids are numbers.
    fn columns_of(&mut self, table: &str, named: Option<Vec<String>>) -> Outcome<Vec<String>> {
        match (self.tables.get(table), named) {
            (Some(_), Some(named)) => Ok(named),
            (Some(all), None) => Ok(all.clone()),
            (None, None) => {
                Err(self.broken(&format!("{table} has rows before its columns are known")))
            }
            (None, Some(named)) => {
                let column = |name: &String| Column {
                    is_number: name.ends_with("id"),
                    name: name.clone(),
                };
                let columns: Vec<Column> = named.iter().map(column).collect();
                self.shelf.make(table, &columns)?;
                self.tables.insert(table.to_owned(), named.clone());
                Ok(named)
            }
        }
    }

    fn values(&mut self, table: &str, columns: &[String]) -> Outcome<()> {
        let insertion = Shelf::insertion(table, columns);
        loop {
            match self.lexer.next()? {
                Token::Symbol(b'(') => {
                    let cells = self.row()?;
                    if cells.len() != columns.len() {
                        let (has, wants) = (cells.len(), columns.len());
                        let text = format!("a row of {table} has {has} values for {wants} columns");
                        return Err(self.broken(&text));
                    }
                    self.shelf.add(&insertion, &cells)?;
                }
                Token::Symbol(b',') => {}
                Token::Symbol(b';') | Token::End => return Ok(()),
                // ON DUPLICATE KEY and the like.
                _ => return self.skip(),
            }
        }
    }

    fn row(&mut self) -> Outcome<Vec<Option<String>>> {
        let (mut cells, mut cell, mut depth) = (Vec::new(), None, 0_u32);
        loop {
            match self.lexer.next()? {
                Token::Symbol(b'(') => depth += 1,
                Token::Symbol(b')') if depth > 0 => depth -= 1,
                Token::Symbol(b')') => {
                    cells.push(cell);
                    return Ok(cells);
                }
                Token::Symbol(b',') if depth == 0 => cells.push(cell.take()),
                Token::Symbol(_) => {}
                Token::Word(word) if word.eq_ignore_ascii_case("NULL") => {}
                // What stands before a text, such as _binary, says nothing here; the text behind it replaces it.
                Token::Word(word) => cell = Some(lexer::plain_value(word)),
                Token::Name(text) | Token::Text(text) => cell = Some(text),
                Token::End => return Err(self.broken("a row does not end")),
            }
        }
    }

    /// pg_dump's rows: a line each, cells between tabs.
    fn copy(&mut self) -> Outcome<()> {
        let token = self.lexer.next()?;
        let (table, next) = self.name(token)?;
        let named = if next == Token::Symbol(b'(') {
            Some(self.names()?)
        } else {
            None
        };
        self.skip()?;
        self.lexer.end_line()?;
        let columns = if (self.wanted)(&table) {
            self.columns_of(&table, named)?
        } else {
            Vec::new()
        };
        let insertion = Shelf::insertion(&table, &columns);
        while let Some(line) = self.lexer.line()? {
            if line == "\\." {
                return Ok(());
            }
            if !columns.is_empty() {
                let cells: Vec<_> = line.split('\t').map(lexer::copied_value).collect();
                if cells.len() != columns.len() {
                    return Err(self.broken(&format!("a row of {table} is not whole")));
                }
                self.shelf.add(&insertion, &cells)?;
            }
        }
        Ok(())
    }

    fn broken(&self, text: &str) -> MovingError {
        MovingError::new(format!(
            "the dump at byte {}: {text}",
            self.lexer.position()
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::moving::source::{Row, Source as _};

    fn shelf(text: &str) -> Outcome<Shelf> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read(file.path(), &|table| table.starts_with("jos_"), &mut |_| {})
    }

    fn rows(text: &str, sql: &str) -> Vec<Vec<Option<String>>> {
        let rows = shelf(text).unwrap().rows(sql).unwrap();
        let cells = |row: &Row| {
            row.columns()
                .map(|(_, cell)| cell.map(str::to_owned))
                .collect()
        };
        rows.iter().map(cells).collect()
    }

    #[test]
    fn mysqldump_is_read_with_its_escapes() {
        let text = "-- a comment; with 'quotes\n/*!40101 SET NAMES utf8 */;\n\
            DROP TABLE IF EXISTS `jos_a`;\n\
            CREATE TABLE `jos_a` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  `t` text COMMENT 'x, (y)',\n\
              `d` enum('a','b') DEFAULT 'a',\n  PRIMARY KEY (`id`),\n  KEY `t` (`t`(10))\n) ENGINE=InnoDB;\n\
            LOCK TABLES `jos_a` WRITE;\n\
            INSERT INTO `jos_a` VALUES (10,'it\\'s; \\\"a\\\"\\n','a'),(9,'two '' quotes',NULL),(-1,_binary 'b',0x6869);\n\
            INSERT IGNORE INTO `other_a` VALUES (1,'passed over');\nUNLOCK TABLES;\n";
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows(
                text,
                "SELECT * FROM \"jos_a\" WHERE \"id\" < 11 ORDER BY \"id\""
            ),
            [
                vec![some("-1"), some("b"), some("hi")],
                vec![some("9"), some("two ' quotes"), None],
                vec![some("10"), some("it's; \"a\"\n"), some("a")],
            ]
        );
        assert!(shelf(text).unwrap().columns("other_a").unwrap().is_none());
    }

    #[test]
    fn pg_dump_is_read_as_rows_and_as_statements() {
        let text = "SET standard_conforming_strings = on;\n\
            CREATE TABLE public.jos_b (\n    id integer NOT NULL,\n    t character varying(10)\n);\n\
            COPY public.jos_b (id, t) FROM stdin;\n1\ttab\\there\n2\t\\N\n\\.\n\n\
            INSERT INTO \"public\".\"jos_b\" (\"id\", \"t\") VALUES (3, 'a\\b');\n";
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows(text, "SELECT id, t FROM jos_b ORDER BY id"),
            [
                vec![some("1"), some("tab\there")],
                vec![some("2"), None],
                vec![some("3"), some("a\\b")],
            ]
        );
    }

    #[test]
    fn a_dump_that_breaks_off_is_refused_with_the_place() {
        let text = "CREATE TABLE `jos_a` (`id` int);\nINSERT INTO `jos_a` VALUES (1),(2";
        let error = shelf(text).err().unwrap().to_string();
        assert!(error.contains("does not end"), "{error}");
        let error = shelf("INSERT INTO jos_a VALUES ('open")
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("the dump at byte"), "{error}");
    }
}
