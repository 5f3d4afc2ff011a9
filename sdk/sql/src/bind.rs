//! Values on their way into a statement.

use diesel::query_builder::bind_collector::BindCollector;
use diesel::result::{Error, QueryResult};
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::HasSqlType;
use loggia_abi::Value;
use loggia_abi::value::kind;

use crate::backend::Backend;

/// What an implementation of `ToSql` hands to `Output::set_value`: a value that is borrowed from the query
/// or made for it.
#[derive(Default)]
pub struct Bind<'a>(Content<'a>);

#[derive(Default)]
enum Content<'a> {
    #[default]
    Unset,
    Borrowed(Value<'a>),
    Owned(u32, Vec<u8>),
}

impl<'a> Bind<'a> {
    /// An integer, truth value, date or time; `kind` is one of [`kind`].
    pub(crate) fn integer(kind: u32, integer: i64) -> Self {
        Bind(Content::Borrowed(Value::integer(kind, integer)))
    }

    /// Bytes, a text, JSON or a UUID; `kind` is one of [`kind`].
    pub(crate) fn bytes(kind: u32, bytes: &'a [u8]) -> Self {
        Bind(Content::Borrowed(Value::bytes(kind, bytes)))
    }

    fn value(&self) -> Value<'_> {
        match &self.0 {
            Content::Unset => Value::null(kind::TEXT),
            Content::Borrowed(value) => *value,
            Content::Owned(kind, bytes) => Value::bytes(*kind, bytes),
        }
    }
}

macro_rules! bind_integer {
    ($($rust:ty => $kind:ident),* $(,)?) => { $(
        impl From<$rust> for Bind<'_> {
            fn from(value: $rust) -> Self {
                Bind::integer(kind::$kind, i64::from(value))
            }
        }
    )* };
}

bind_integer! { bool => BOOL, i16 => I16, i32 => I32, i64 => I64 }

impl From<f64> for Bind<'_> {
    fn from(value: f64) -> Self {
        Bind(Content::Borrowed(Value::float(value)))
    }
}

impl<'a> From<&'a str> for Bind<'a> {
    fn from(value: &'a str) -> Self {
        Bind(Content::Borrowed(Value::text(value)))
    }
}

impl<'a> From<&'a [u8]> for Bind<'a> {
    fn from(value: &'a [u8]) -> Self {
        Bind::bytes(kind::BYTES, value)
    }
}

impl From<String> for Bind<'_> {
    fn from(value: String) -> Self {
        Bind(Content::Owned(kind::TEXT, value.into_bytes()))
    }
}

impl From<Vec<u8>> for Bind<'_> {
    fn from(value: Vec<u8>) -> Self {
        Bind(Content::Owned(kind::BYTES, value))
    }
}

/// The binds of one statement, in the order of their placeholders.
#[derive(Default)]
pub struct Binds<'a>(Vec<Bind<'a>>);

impl Binds<'_> {
    /// The binds as they cross the boundary.
    pub(crate) fn values(&self) -> Vec<Value<'_>> {
        self.0.iter().map(Bind::value).collect()
    }
}

impl<'a> BindCollector<'a, Backend> for Binds<'a> {
    type Buffer = Bind<'a>;

    fn push_bound_value<T, U>(&mut self, bind: &'a U, lookup: &mut ()) -> QueryResult<()>
    where
        Backend: HasSqlType<T>,
        U: ToSql<T, Backend> + ?Sized + 'a,
    {
        let mut output = Output::new(Bind::default(), lookup);
        let is_null = bind
            .to_sql(&mut output)
            .map_err(Error::SerializationError)?;
        let bind = output.into_inner();
        if matches!(is_null, IsNull::Yes) || matches!(bind.0, Content::Unset) {
            return self.push_null_value(<Backend as HasSqlType<T>>::metadata(&mut ()));
        }
        self.0.push(bind);
        Ok(())
    }

    fn push_null_value(&mut self, kind: u32) -> QueryResult<()> {
        self.0.push(Bind(Content::Borrowed(Value::null(kind))));
        Ok(())
    }
}
