//! `loggia.clock`: the host's clocks.

use std::ffi::{CStr, c_void};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use loggia_abi::HostClock;

use super::hub::{InstanceFacts, Provider, Table};

/// Where the monotonic clock starts; a little before the first call, so that no deadline is 0.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Microseconds since 1970-01-01T00:00:00Z.
pub fn now_us() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub fn now_ms() -> i64 {
    now_us() / 1000
}

/// An instant on the monotonic clock that modules see, in microseconds, never 0.
pub fn monotonic_us(instant: Instant) -> u64 {
    let since = instant.saturating_duration_since(*START) + Duration::from_micros(1);
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// The service.
pub struct ClockService;

struct ClockTable(HostClock);

// SAFETY: the context is null and the functions use none.
unsafe impl Send for ClockTable {}
// SAFETY: as above.
unsafe impl Sync for ClockTable {}

impl Provider for ClockService {
    fn id(&self) -> &'static CStr {
        c"loggia.clock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, _instance: &InstanceFacts) -> Box<dyn Table> {
        LazyLock::force(&START);
        let size = u32::try_from(size_of::<HostClock>()).unwrap_or(0);
        let context = std::ptr::null_mut();
        Box::new(ClockTable(HostClock {
            size,
            version: 1,
            context,
            now_us: read_now,
            monotonic_us: read_monotonic,
        }))
    }
}

impl Table for ClockTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.0).cast()
    }
}

unsafe extern "C" fn read_now(_context: *mut c_void) -> i64 {
    now_us()
}

unsafe extern "C" fn read_monotonic(_context: *mut c_void) -> u64 {
    monotonic_us(Instant::now())
}
