//! Nodes are killed while they send, and every push is accounted for.

#![expect(
    clippy::print_stderr,
    reason = "who sees a round fail must be able to repeat it"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use loggia::store::testing::TestDatabase;
use loggia_push::notification::{status, unknown_policy};
use loggia_tests::rounds;
use loggia_tests::server::Server;

use crate::site::Site;

/// How many nodes share a PostgreSQL server. A SQLite file has one.
const NODES: usize = 4;
/// After the start of a round nodes are killed within this time.
const UNREST_MS: u64 = 1_500;

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }
}

#[test]
fn a_kill_loses_nothing_and_doubles_nothing_but_what_is_unknown() {
    let seed = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(1, |time| time.as_secs() | 1);
    let seed = std::env::var("LOGGIA_SEED").map_or(seed, |text| text.parse().unwrap_or(seed));
    let rounds = rounds(2, 200);
    let devices = if rounds < 100 { 2_000 } else { 10_000 };
    for (database, nodes) in [
        (Some(TestDatabase::sqlite()), 1),
        (TestDatabase::postgresql(), NODES),
    ] {
        let Some(database) = database else { continue };
        eprintln!(
            "{:?}: {rounds} rounds of {devices} devices, LOGGIA_SEED={seed}",
            database.dialect()
        );
        let site = Site::new(database, devices);
        let mut running: Vec<Option<Server>> = (0..nodes).map(|_| Some(site.node())).collect();
        let mut dice = Dice(seed);
        for round in 0..rounds {
            let policy = match round % 2 {
                0 => unknown_policy::RESEND,
                _ => unknown_policy::HOLD,
            };
            one_round(&site, &mut running, &mut dice, policy);
        }
    }
}

fn one_round(site: &Site, running: &mut [Option<Server>], dice: &mut Dice, policy: &str) {
    let id = site.notify(policy);
    let began = Instant::now();
    for _ in 0..=dice.below(3) {
        let pause = Duration::from_millis(dice.below(UNREST_MS / 3));
        let until = Instant::now() + pause;
        while Instant::now() < until && site.read(id).status != status::COMPLETED {
            std::thread::sleep(Duration::from_millis(5));
        }
        let victim = usize::try_from(dice.below(running.len() as u64)).unwrap_or(0);
        // It goes without a word, as `kill -9` has it.
        drop(running[victim].take());
        running[victim] = Some(site.node());
    }
    let one = site.wait(id, |one| one.status == status::COMPLETED);
    assert_eq!(one.deliveries(), site.devices(), "{one:?}");
    let compared = site.compared(id);
    let mut sums: BTreeMap<(String, u32), i64> = BTreeMap::new();
    for (times, state) in compared {
        *sums.entry((state, times)).or_default() += 1;
    }
    let told = format!("{policy} after {:?}: {sums:?}, {one:?}", began.elapsed());
    let taken: i64 = sums
        .iter()
        .map(|((_, times), count)| i64::from(*times) * count)
        .sum();
    assert_eq!(taken, site.accepted(), "{told}");
    let of = |state: &str| -> i64 {
        let rows = sums.iter().filter(|((one, _), _)| one == state);
        rows.map(|(_, count)| *count).sum()
    };
    assert_eq!(
        (of("accepted"), of("unknown")),
        (one.accepted, one.unknown),
        "{told}"
    );
    assert_eq!(one.accepted + one.unknown, site.devices(), "{told}");
    let never = |state: &str| sums.get(&(state.to_owned(), 0)).copied().unwrap_or(0);
    assert_eq!(
        never("accepted"),
        0,
        "what the ledger calls accepted was: {told}"
    );
    let doubles = taken - site.devices() + never("unknown");
    eprintln!(
        "{policy}: {} unknown in the end, {} ever, {doubles} doubles, after {:?}",
        one.unknown,
        one.unknowns,
        began.elapsed()
    );
    if policy == unknown_policy::RESEND {
        assert_eq!(one.accepted, site.devices(), "{told}");
        assert!(doubles <= one.unknowns, "{doubles} doubles: {told}");
    } else {
        assert_eq!(doubles, 0, "{told}");
        assert!(one.unknown <= one.unknowns, "{told}");
    }
}
