//! What the members of a model are.

/// What the values of a member are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// A text whose case means nothing.
    Word,
    /// A list of texts.
    Texts,
    /// A number.
    Number,
    /// A truth value.
    Boolean,
    /// A time.
    Date,
    /// Anything.
    Any,
}

/// A member of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property {
    /// Its name.
    pub(crate) name: &'static str,
    /// What its values are.
    pub(crate) kind: Kind,
}

/// A member with its values.
pub(crate) const fn property(name: &'static str, kind: Kind) -> Property {
    Property { name, kind }
}
