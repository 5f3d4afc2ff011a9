//! Counters by client address, in the memory of this node.
//!
//! Guesses at one account are counted in the database, for all nodes together and exactly. Addresses are
//! counted here: an attacker who spreads over the nodes gains their number as a factor and no more, and
//! no attack turns into writes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use parking_lot::Mutex;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// A log-in that failed.
    LogIn,
    /// A registration.
    Register,
    /// A reminder or reset.
    Mail,
}

/// More windows than this are not kept; those that end first make room.
const MAX_WINDOWS: usize = 50_000;

/// The counters.
#[derive(Default)]
pub(super) struct Counters {
    windows: Mutex<HashMap<(Deed, IpAddr), Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    charges: u32,
    ends_ms: i64,
}

impl Counters {
    /// Counts one deed, unless the limit is reached: then the error says for how many seconds.
    pub(super) fn charge(
        &self,
        deed: Deed,
        address: IpAddr,
        limit: u32,
        now_ms: i64,
        window_ms: i64,
    ) -> Result<(), i64> {
        let mut windows = self.windows.lock();
        if windows.len() >= MAX_WINDOWS {
            make_room(&mut windows, now_ms);
        }
        let fresh = Window {
            charges: 0,
            ends_ms: now_ms + window_ms,
        };
        let window = windows.entry((deed, network(address))).or_insert(fresh);
        if window.ends_ms <= now_ms {
            *window = fresh;
        }
        if window.charges >= limit {
            return Err((window.ends_ms - now_ms) / 1000 + 1);
        }
        window.charges += 1;
        Ok(())
    }

    /// Takes a charge back: the deed was not one of those that are limited.
    pub(super) fn refund(&self, deed: Deed, address: IpAddr) {
        if let Some(window) = self.windows.lock().get_mut(&(deed, network(address))) {
            window.charges = window.charges.saturating_sub(1);
        }
    }
}

fn make_room(windows: &mut HashMap<(Deed, IpAddr), Window>, now_ms: i64) {
    windows.retain(|_, window| window.ends_ms > now_ms);
    if windows.len() < MAX_WINDOWS {
        return;
    }
    let mut ends: Vec<i64> = windows.values().map(|window| window.ends_ms).collect();
    let middle = ends.len() / 2;
    let (_, median, _) = ends.select_nth_unstable(middle);
    let median = *median;
    // Windows that began in the same moment cannot be told apart, so at worst all of them go.
    windows.retain(|_, window| window.ends_ms > median);
}

/// One customer of IPv6 has a network of 64 bits, so that is what is counted.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn charge(counters: &Counters, from: &str, now_ms: i64) -> Result<(), i64> {
        counters.charge(Deed::LogIn, address(from), 2, now_ms, 10_000)
    }

    #[test]
    fn the_limit_holds_within_a_window_and_not_beyond() {
        let counters = Counters::default();
        assert_eq!(charge(&counters, "192.0.2.1", 0), Ok(()));
        assert_eq!(charge(&counters, "192.0.2.1", 1), Ok(()));
        assert_eq!(charge(&counters, "192.0.2.1", 1_000), Err(10));
        assert_eq!(charge(&counters, "192.0.2.2", 1_000), Ok(()));
        assert_eq!(charge(&counters, "192.0.2.1", 10_000), Ok(()));
    }

    #[test]
    fn what_is_taken_back_was_not_counted() {
        let counters = Counters::default();
        for now_ms in 0..100 {
            assert_eq!(charge(&counters, "192.0.2.1", now_ms), Ok(()));
            counters.refund(Deed::LogIn, address("192.0.2.1"));
        }
    }

    #[test]
    fn the_addresses_of_one_customer_are_counted_together() {
        let counters = Counters::default();
        assert_eq!(charge(&counters, "2001:db8::1", 0), Ok(()));
        assert_eq!(charge(&counters, "2001:db8::ffff:2", 0), Ok(()));
        assert!(charge(&counters, "2001:db8::3", 0).is_err());
        assert_eq!(charge(&counters, "2001:db8:0:1::3", 0), Ok(()));
        assert_eq!(charge(&counters, "::ffff:192.0.2.1", 0), Ok(()));
        assert_eq!(charge(&counters, "192.0.2.1", 0), Ok(()));
        assert!(charge(&counters, "192.0.2.1", 0).is_err());
    }

    #[test]
    fn memory_stays_bounded_under_a_flood_of_addresses() {
        let counters = Counters::default();
        for number in 0..u32::try_from(2 * MAX_WINDOWS).unwrap() {
            let from = IpAddr::from(number.to_be_bytes());
            let now_ms = i64::from(number);
            assert_eq!(
                counters.charge(Deed::Mail, from, 1, now_ms, 1_000_000),
                Ok(())
            );
        }
        assert!(counters.windows.lock().len() <= MAX_WINDOWS);
    }
}
