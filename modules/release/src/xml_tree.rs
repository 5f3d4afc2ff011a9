//! A small XML tree for manifests: bounded, without document types and without entities of its own.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

const MOST_ELEMENTS: usize = 20_000;
const MOST_DEPTH: usize = 64;

/// One element with all that stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// The name as written.
    pub(crate) name: String,
    /// Names and values of its attributes.
    pub(crate) attributes: Vec<(String, String)>,
    /// All its own text, joined, not trimmed.
    pub(crate) text: String,
    /// The elements in it.
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Reads a document.
    pub(crate) fn parse(text: &str) -> Result<Element, String> {
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        let mut count = 0;
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            count += 1;
            if count > MOST_ELEMENTS * 4 || open.len() > MOST_DEPTH {
                return Err("the document is too large or too deep".to_owned());
            }
            match event {
                Event::Start(start) => open.push(element(&start)?),
                Event::Empty(start) => close(&mut open, &mut root, element(&start)?),
                Event::End(_) => {
                    if let Some(ended) = open.pop() {
                        close(&mut open, &mut root, ended);
                    }
                }
                Event::Text(text) => append(&mut open, &text.xml10_content()),
                Event::CData(text) => append(&mut open, &text.xml10_content()),
                Event::GeneralRef(reference) => append(&mut open, &entity(&reference)?),
                Event::DocType(_) => return Err("a document type is not accepted".to_owned()),
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        if !open.is_empty() {
            return Err("the document ends before its last element does".to_owned());
        }
        root.ok_or_else(|| "the document has no element".to_owned())
    }

    /// The first child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The trimmed text of the first child of a name, where there is some.
    pub(crate) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name)
            .map(|child| child.text.trim())
            .filter(|text| !text.is_empty())
    }

    /// The value of an attribute, trimmed, where there is some.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(attribute, _)| attribute == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }
}

/// The text that a reference such as `&amp;` or `&#252;` stands for.
pub(crate) fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => return Ok(character.to_string()),
        Ok(None) => {}
        Err(error) => return Err(error.to_string()),
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .map(str::to_owned)
        .ok_or_else(|| format!("the entity \"{}\" is not known", &**reference))
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element {
        name: start.name().as_ref().to_owned(),
        attributes,
        ..Element::default()
    })
}

fn close(open: &mut [Element], root: &mut Option<Element>, ended: Element) {
    match open.last_mut() {
        Some(parent) => parent.children.push(ended),
        None => *root = root.take().or(Some(ended)),
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_attributes_and_children_are_read() {
        let root = Element::parse(
            "\u{feff}<?xml version=\"1.0\"?><a b=\"1 &amp; 2\"><c> x &#252;&lt;<![CDATA[<y>]]> </c></a>",
        )
        .unwrap();
        assert_eq!(root.attribute("b"), Some("1 & 2"));
        assert_eq!(root.child_text("c"), Some("x ü<<y>"));
    }

    #[test]
    fn a_document_type_an_own_entity_and_a_torn_document_are_refused() {
        assert!(Element::parse("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>").is_err());
        assert!(Element::parse("<a>&x;</a>").is_err());
        assert!(Element::parse("<a><b></a>").is_err());
        assert!(Element::parse("<a>").is_err());
        assert!(Element::parse("").is_err());
        assert!(Element::parse(&"<a>".repeat(100)).is_err());
    }
}
