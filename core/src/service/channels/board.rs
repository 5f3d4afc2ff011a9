//! Which pages of this node listen on which channels.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::outlet::Outlet;
use crate::store::channel::Seat;

/// Channel and member.
type Place = (Arc<str>, Arc<str>);

/// The pages of this node.
#[derive(Default)]
pub(super) struct Board {
    rooms: HashMap<Arc<str>, Vec<Arc<Outlet>>>,
    /// How many pages each member of a channel has.
    seats: HashMap<Place, u32>,
    /// What other nodes have not been told yet; nothing where there are none.
    changes: Option<Changes>,
    count: usize,
}

/// Who came and who left since the last time.
#[derive(Default)]
pub(super) struct Changes {
    come: HashSet<Place>,
    left: HashSet<Place>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.come.is_empty() && self.left.is_empty()
    }

    /// As the database knows them: who came, who left.
    pub(super) fn seats(&self) -> (Vec<Seat>, Vec<Seat>) {
        let seats = |places: &HashSet<Place>| {
            let seats = places.iter();
            seats
                .map(|(channel, member)| (channel.to_string(), member.to_string()))
                .collect()
        };
        (seats(&self.come), seats(&self.left))
    }

    fn note(&mut self, place: Place, has_come: bool) {
        let (now, before) = if has_come {
            (&mut self.come, &mut self.left)
        } else {
            (&mut self.left, &mut self.come)
        };
        if !before.remove(&place) {
            now.insert(place);
        }
    }
}

impl Board {
    /// From now on other nodes are told who comes and leaves.
    pub(super) fn share(&mut self) {
        self.changes.get_or_insert_default();
    }

    /// Who came and left since the last time it was asked.
    pub(super) fn take_changes(&mut self) -> Option<Changes> {
        self.changes.as_mut().map(std::mem::take)
    }

    /// Takes changes back that could not be told; what has happened since counts more.
    pub(super) fn give_back(&mut self, old: Changes) {
        if let Some(changes) = &mut self.changes {
            for (place, has_come) in old
                .come
                .into_iter()
                .map(|place| (place, true))
                .chain(old.left.into_iter().map(|place| (place, false)))
            {
                let is_known = changes.come.contains(&place) || changes.left.contains(&place);
                if is_known {
                    // It came and left again, or the other way round: as if nothing had been.
                    changes.come.remove(&place);
                    changes.left.remove(&place);
                } else {
                    changes.note(place, has_come);
                }
            }
        }
    }

    /// A page is there.
    pub(super) fn join(&mut self, outlet: &Arc<Outlet>) {
        self.count += 1;
        let place = (Arc::clone(&outlet.channel), Arc::clone(&outlet.member));
        let room = self.rooms.entry(Arc::clone(&place.0)).or_default();
        room.push(Arc::clone(outlet));
        let pages = self.seats.entry(place.clone()).or_default();
        *pages += 1;
        if *pages == 1
            && let Some(changes) = &mut self.changes
        {
            changes.note(place, true);
        }
    }

    /// A page is gone.
    pub(super) fn leave(&mut self, outlet: &Arc<Outlet>) {
        let Some(room) = self.rooms.get_mut(&outlet.channel) else {
            return;
        };
        let Some(place) = room.iter().position(|one| Arc::ptr_eq(one, outlet)) else {
            return;
        };
        self.count -= 1;
        room.swap_remove(place);
        if room.is_empty() {
            self.rooms.remove(&outlet.channel);
        }
        let place = (Arc::clone(&outlet.channel), Arc::clone(&outlet.member));
        let Some(pages) = self.seats.get_mut(&place) else {
            return;
        };
        *pages -= 1;
        if *pages == 0 {
            self.seats.remove(&place);
            if let Some(changes) = &mut self.changes {
                changes.note(place, false);
            }
        }
    }

    /// The pages on a channel.
    pub(super) fn room(&self, channel: &str) -> &[Arc<Outlet>] {
        self.rooms.get(channel).map_or(&[], Vec::as_slice)
    }

    /// All pages.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &Arc<Outlet>> {
        self.rooms.values().flatten()
    }

    /// How many pages there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::channels::form::{Form, Kind};

    fn page(channel: &str, member: &str) -> Arc<Outlet> {
        let form = Form {
            kind: Kind::Events,
            has_envelope: false,
            is_typed: false,
        };
        Arc::new(Outlet::new(form, (channel.into(), member.into()), None))
    }

    #[test]
    fn a_member_with_two_pages_is_there_until_the_last_one_leaves() {
        let mut board = Board::default();
        board.share();
        let pages = [page("a", "ada"), page("a", "ada")];
        for page in &pages {
            board.join(page);
        }
        let told = board.take_changes().unwrap().seats();
        assert_eq!(told, (vec![("a".to_owned(), "ada".to_owned())], vec![]));
        board.leave(&pages[0]);
        assert!(board.take_changes().unwrap().is_empty());
        assert_eq!(board.room("a").len(), 1);
        board.leave(&pages[1]);
        board.leave(&pages[1]);
        let told = board.take_changes().unwrap();
        assert_eq!(told.seats().1.len(), 1);
        assert_eq!(board.count(), 0);
        board.join(&pages[0]);
        board.give_back(told);
        assert!(board.take_changes().unwrap().is_empty());
    }
}
