//! Strings and typed values as they cross the boundary.

use core::marker::PhantomData;

/// A borrowed run of bytes, UTF-8 unless the member that carries it says otherwise. `lg_str` in C.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Str<'a> {
    /// The first byte; may be null only where `len` is 0.
    pub ptr: *const u8,
    /// The number of bytes.
    pub len: usize,
    lifetime: PhantomData<&'a [u8]>,
}

// SAFETY: a `Str` is a shared borrow of bytes, which may be read from any thread.
unsafe impl Send for Str<'_> {}
// SAFETY: as above; it gives no way to write.
unsafe impl Sync for Str<'_> {}

impl<'a> Str<'a> {
    /// The empty string.
    pub const EMPTY: Str<'static> = Str {
        ptr: core::ptr::null(),
        len: 0,
        lifetime: PhantomData,
    };

    /// Borrows a text.
    pub const fn new(text: &'a str) -> Self {
        Self::from_bytes(text.as_bytes())
    }

    /// Borrows bytes.
    pub const fn from_bytes(bytes: &'a [u8]) -> Self {
        Str {
            ptr: bytes.as_ptr(),
            len: bytes.len(),
            lifetime: PhantomData,
        }
    }

    /// The bytes behind the pointer.
    ///
    /// # Safety
    /// `ptr` must point at `len` readable bytes that live for `'a`, or be null with `len` 0.
    pub unsafe fn bytes(&self) -> &'a [u8] {
        if self.ptr.is_null() {
            return &[];
        }
        // SAFETY: the caller promises `len` readable bytes behind `ptr` for `'a`.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }

    /// The text behind the pointer, or `None` where it is not UTF-8.
    ///
    /// # Safety
    /// As for [`Str::bytes`].
    pub unsafe fn text(&self) -> Option<&'a str> {
        // SAFETY: passed on to the caller.
        core::str::from_utf8(unsafe { self.bytes() }).ok()
    }
}

/// The types of [`Value`] and of the cells of a packed row.
pub mod kind {
    /// No value; `of` names the type that is absent, where that matters (a bind).
    pub const NULL: u32 = 0;
    /// `integer`, 0 or 1.
    pub const BOOL: u32 = 1;
    /// `integer`, 16 bits.
    pub const I16: u32 = 2;
    /// `integer`, 32 bits.
    pub const I32: u32 = 3;
    /// `integer`, 64 bits.
    pub const I64: u32 = 4;
    /// `float`.
    pub const F64: u32 = 5;
    /// `text`.
    pub const TEXT: u32 = 6;
    /// `text`, any bytes.
    pub const BYTES: u32 = 7;
    /// `integer`, days since 1970-01-01.
    pub const DATE: u32 = 8;
    /// `integer`, microseconds since midnight.
    pub const TIME: u32 = 9;
    /// `integer`, microseconds since 1970-01-01T00:00:00Z.
    pub const TIMESTAMP: u32 = 10;
    /// `text`, a JSON text.
    pub const JSON: u32 = 11;
    /// `text`, 16 bytes.
    pub const UUID: u32 = 12;
}

/// The payload of a [`Value`]; which member holds it, its kind says.
#[repr(C)]
#[derive(Clone, Copy)]
pub union ValueData<'a> {
    /// Booleans, integers, dates and times.
    pub integer: i64,
    /// Floating point numbers.
    pub float: f64,
    /// Texts, bytes, JSON and UUIDs.
    pub text: Str<'a>,
}

/// A typed value: a parameter of a request or a bind of a statement. `lg_value` in C.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// One of [`kind`].
    pub kind: u32,
    /// For [`kind::NULL`]: the kind that is absent.
    pub of: u32,
    /// The payload.
    pub data: ValueData<'a>,
}

impl<'a> Value<'a> {
    /// No value, where one of the kind `of` could stand.
    pub const fn null(of: u32) -> Self {
        Value {
            kind: kind::NULL,
            of,
            data: ValueData { integer: 0 },
        }
    }

    /// A value that the member `integer` holds.
    pub const fn integer(kind: u32, integer: i64) -> Self {
        Value {
            kind,
            of: 0,
            data: ValueData { integer },
        }
    }

    /// A floating point number.
    pub const fn float(float: f64) -> Self {
        Value {
            kind: kind::F64,
            of: 0,
            data: ValueData { float },
        }
    }

    /// A value that the member `text` holds.
    pub const fn bytes(kind: u32, bytes: &'a [u8]) -> Self {
        Value {
            kind,
            of: 0,
            data: ValueData {
                text: Str::from_bytes(bytes),
            },
        }
    }

    /// A text.
    pub const fn text(text: &'a str) -> Self {
        Self::bytes(kind::TEXT, text.as_bytes())
    }
}
