//! A body written once for a notification, with holes for what differs from device to device.

use std::fmt::Write as _;
use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::Value;

use super::{DeliveryId, Target};

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hole {
    /// The token, a text.
    Token,
    /// The delivery's id, a text.
    Id,
    /// The badge, a number.
    Badge,
    /// The badge as a text.
    BadgeText,
}

impl Hole {
    const ALL: [Self; 4] = [Self::Token, Self::Id, Self::Badge, Self::BadgeText];

    /// What stands for it while the body is put together.
    pub(super) fn mark(self) -> Value {
        Value::String(self.mark_text())
    }

    /// Nobody can write it into a message on purpose: it is drawn anew at each start.
    fn mark_text(self) -> String {
        static DRAWN: LazyLock<u128> = LazyLock::new(rand::random);
        format!("{:032x}-{}", *DRAWN, self as u8)
    }
}

/// A body with holes.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pieces: Vec<Piece>,
    length: usize,
    /// The body, where nothing differs.
    whole: Option<Bytes>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Hole(Hole),
}

impl Template {
    /// Writes a body down.
    pub(super) fn new(body: &Value) -> Self {
        let mut pieces = vec![Piece::Text(body.to_string())];
        for hole in Hole::ALL {
            let mark = format!("\"{}\"", hole.mark_text());
            pieces = pieces
                .into_iter()
                .flat_map(|piece| cut(piece, &mark, hole))
                .collect();
        }
        let texts = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Hole(_) => 0,
        });
        let length = texts.sum();
        let whole = match pieces.as_slice() {
            [Piece::Text(text)] => Some(Bytes::from(text.clone())),
            _ => None,
        };
        Self {
            pieces,
            length,
            whole,
        }
    }

    /// The body for a device.
    pub(super) fn fill(&self, target: &Target, id: DeliveryId) -> Bytes {
        if let Some(whole) = &self.whole {
            return whole.clone();
        }
        let mut body = String::with_capacity(self.length + target.token.len() + 96);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => body.push_str(text),
                Piece::Hole(hole) => fill(&mut body, *hole, target, id),
            }
        }
        Bytes::from(body)
    }
}

fn cut(piece: Piece, mark: &str, hole: Hole) -> Vec<Piece> {
    let Piece::Text(text) = piece else {
        return vec![piece];
    };
    let mut pieces = Vec::new();
    for (position, part) in text.split(mark).enumerate() {
        if position > 0 {
            pieces.push(Piece::Hole(hole));
        }
        pieces.push(Piece::Text(part.to_owned()));
    }
    pieces
}

fn fill(body: &mut String, hole: Hole, target: &Target, id: DeliveryId) {
    let badge = target.badge.unwrap_or_default();
    // Writing into a string cannot fail.
    let _ = match hole {
        Hole::Token => write!(body, "{}", Value::from(target.token.as_str())),
        Hole::Id => write!(body, "\"{id}\""),
        Hole::Badge => write!(body, "{badge}"),
        Hole::BadgeText => write!(body, "\"{badge}\""),
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::service::push::vendor::Wishes;

    fn target() -> Target {
        Target {
            device_id: 5,
            token: "a\"b".to_owned(),
            badge: Some(4),
            wishes: Wishes::default(),
        }
    }

    #[test]
    fn holes_are_filled_as_json() {
        let body = json!({"t": Hole::Token.mark(), "b": Hole::Badge.mark(), "id": Hole::Id.mark(), "x": "same"});
        let id = DeliveryId::new("n", 5);
        let filled = Template::new(&body).fill(&target(), id);
        let read: Value = serde_json::from_slice(&filled).unwrap();
        assert_eq!(
            read,
            json!({"t": "a\"b", "b": 4, "id": id.to_string(), "x": "same"})
        );
    }

    #[test]
    fn a_body_without_holes_is_shared() {
        let template = Template::new(&json!({"x": 1}));
        let id = DeliveryId::new("n", 5);
        let (first, second) = (template.fill(&target(), id), template.fill(&target(), id));
        assert_eq!(first.as_ptr(), second.as_ptr());
    }
}
